// Whether the server counts the events of this host late, though it answers.

import { durationText, MINUTE } from '../values/duration.ts';
import type { Reach } from './reach.ts';
import type { Sender } from './sender.ts';

/** ms: what is older and not counted is late */
const MAX_AGE = 5 * MINUTE;
/** ms for which the server answers before a host must have caught up: after a fault, it needs a while */
const PATIENCE = MINUTE;

export class Lateness {
  /** ms for which the server has answered since this host was last live */
  #answered = 0;
  /** ms since 1970 */
  #lookedAt = 0;

  /**
   * @param now ms since 1970
   * @returns the reason, undefined where nothing is late, or something else keeps this host from sharing
   */
  look(
    { isUp, isBarred }: Pick<Reach, 'isUp' | 'isBarred'>,
    { mode, behindSince, backlog }: Pick<Sender, 'mode' | 'behindSince' | 'backlog'>,
    now: number,
  ): string | undefined {
    // The clock may have been set: no step is longer than a few ticks.
    const passed = Math.min(Math.max(0, now - this.#lookedAt), 5000);
    this.#lookedAt = now;
    if (mode === 'live') this.#answered = 0;
    else if (isUp && !isBarred) this.#answered += passed;
    const age = behindSince === undefined ? 0 : now - behindSince;
    if (!isUp || isBarred || mode === 'live' || age < MAX_AGE || this.#answered < PATIENCE) return undefined;
    const events = backlog === undefined ? '' : `: ${backlog} events`;
    return `the server has not counted what this host read in the last ${durationText(age)}${events}`;
  }
}
