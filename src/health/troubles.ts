// The daemon's own troubles: what is wrong now and since when, said when it begins, now and then, and when it is over.

import { HOUR } from '../values/duration.ts';
import type { Trouble } from './status.ts';

/** ms between two reminders */
export const REMINDER = HOUR;

export type Stage = 'began' | 'lasts' | 'over';

interface Entry extends Trouble {
  /** ms since 1970: when it was last said */
  readonly told: number;
}

export class Troubles {
  readonly #tell: (stage: Stage, trouble: Trouble) => void;
  readonly #entries = new Map<string, Entry>();

  constructor(tell: (stage: Stage, trouble: Trouble) => void) {
    this.#tell = tell;
  }

  /** All that is wrong, the oldest first. */
  get all(): readonly Trouble[] {
    return [...this.#entries.values()].map(({ what, since, reason }) => ({ what, since, reason }));
  }

  /** What is wrong with one thing, null where nothing is. */
  reasonOf(what: string): string | null {
    return this.#entries.get(keyOf(what))?.reason ?? null;
  }

  /**
   * Takes up how it stands with one thing.
   *
   * @param reason what is wrong with it, undefined where nothing is
   * @param now ms since 1970
   * @param of tells apart several things with which the same may be wrong
   */
  set(what: string, reason: string | undefined, now: number, of?: string): void {
    const key = keyOf(what, of);
    const known = this.#entries.get(key);
    if (reason !== undefined) {
      const since = known?.since ?? new Date(now).toISOString();
      this.#entries.set(key, { what, since, reason, told: known?.told ?? now });
      if (known === undefined) this.#tell('began', { what, since, reason });
    } else if (known !== undefined) {
      this.#entries.delete(key);
      this.#tell('over', known);
    }
  }

  /** Says again what was last said an hour ago. Call now and then. @param now ms since 1970 */
  remind(now: number): void {
    for (const [key, entry] of this.#entries) {
      // After a clock that was set back the hour begins anew.
      const told = Math.min(entry.told, now);
      const isDue = now - told >= REMINDER;
      this.#entries.set(key, { ...entry, told: isDue ? now : told });
      if (isDue) this.#tell('lasts', entry);
    }
  }
}

function keyOf(what: string, of = ''): string {
  return `${what} ${of}`;
}
