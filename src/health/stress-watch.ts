// Reports when Postfix comes under stress and when that is over.

import { Condition } from '../values/condition.ts';
import { isoTextOf } from '../values/iso-time.ts';

export type StressNews =
  | { readonly type: 'stress-began'; readonly until: string | null }
  /** `drops` dropped connections were not counted */
  | { readonly type: 'stress-over'; readonly drops: number };

/** What the log says of stress. */
export interface Stressed {
  /** ms since 1970 */
  readonly stressUntil: number;
  /** dropped connections that were not counted since the start */
  readonly spared: number;
}

export class StressWatch {
  readonly #report: (news: StressNews) => void;
  /** the value is the number of drops spared before */
  readonly #stress = new Condition<number>();

  constructor(report: (news: StressNews) => void) {
    this.#report = report;
  }

  /** @param time ms since 1970: how far the log has been read */
  look({ stressUntil, spared }: Stressed, time: number): void {
    if (time >= stressUntil) {
      const ended = this.#stress.end();
      if (ended !== undefined) this.#report({ type: 'stress-over', drops: spared - ended.value });
    } else if (this.#stress.set(this.#stress.current?.value ?? spared, time) === 'started') {
      this.#report({ type: 'stress-began', until: isoTextOf(stressUntil) ?? null });
    }
  }
}
