// The trouble reload-refused: policy.yml was changed and cannot be used, from its reload until one is accepted.

import type { Troubles } from './troubles.ts';

/** Mistakes that are kept for `status`, and characters of each: a listener's path may be long. */
const MAX_MISTAKES = 200;
const MAX_LENGTH = 500;

export class Reloads {
  readonly #troubles: Pick<Troubles, 'set' | 'renew'>;
  #mistakes: readonly string[] = [];

  constructor(troubles: Pick<Troubles, 'set' | 'renew'>) {
    this.#troubles = troubles;
  }

  /** Of the last reload, bounded; empty where it was accepted. */
  get mistakes(): readonly string[] {
    return this.#mistakes;
  }

  /** @param now ms since 1970 */
  accepted(now: number): void {
    this.#mistakes = [];
    this.#troubles.set('reload-refused', undefined, now);
    this.#troubles.renew();
  }

  /** @param mistakes at least one; @param now ms since 1970 */
  refused(mistakes: readonly string[], now: number): void {
    this.#mistakes = mistakes.slice(0, MAX_MISTAKES).map((mistake) => mistake.slice(0, MAX_LENGTH));
    this.#troubles.set('reload-refused', refusedText(this.#mistakes), now);
  }
}

/** The first mistake, and the number of the others. */
export function refusedText([first = '', ...others]: readonly string[]): string {
  const more = others.length === 1 ? '1 more mistake' : `${others.length} more mistakes`;
  const rest = others.length === 0 ? '' : ` (and ${more}: "postblock check" lists them)`;
  return `policy.yml cannot be used, and the policy from before its change stays: ${first}${rest}`;
}
