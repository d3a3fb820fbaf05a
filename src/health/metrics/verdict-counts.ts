// Verdicts by action and protocol state, and how long they took. On the path of each verdict: two arrays, nothing else.

import { OTHER_STATE, PROTOCOL_STATES } from '../../policy/protocol-state.ts';
import { DUNNO } from '../../policy/verdict.ts';
import type { Distribution, Sample } from './families.ts';

/** Seconds. A verdict takes microseconds; a pause for garbage collection, milliseconds. */
const BOUNDS = [
  0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025,
  0.05, 0.1, 0.25, 1,
] as const;
/** in ms, the unit of the clock */
const BOUNDS_MS = BOUNDS.map((seconds) => seconds * 1000);

const ACTIONS = ['dunno', 'reject'] as const;
const STATES = [...PROTOCOL_STATES, 'other'] as const;

export class VerdictCounts {
  readonly #verdicts = new Array<number>(ACTIONS.length * STATES.length).fill(0);
  readonly #durations = new Array<number>(BOUNDS.length + 1).fill(0);
  #ms = 0;

  /**
   * @param state code of the protocol state
   * @param ms that the verdict took
   */
  add(reply: string, state: number, ms: number): void {
    const index = (reply === DUNNO ? 0 : STATES.length) + Math.min(state, OTHER_STATE);
    this.#verdicts[index] = (this.#verdicts[index] ?? 0) + 1;
    let bucket = 0;
    while (ms > (BOUNDS_MS[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
    this.#durations[bucket] = (this.#durations[bucket] ?? 0) + 1;
    this.#ms += ms;
  }

  /** Each action and state, also those that did not occur. */
  get samples(): readonly Sample[] {
    return ACTIONS.flatMap((action, row) =>
      STATES.map((state, column): Sample => {
        return [this.#verdicts[row * STATES.length + column] ?? 0, action, state];
      }),
    );
  }

  get durations(): Distribution {
    return { bounds: BOUNDS, counts: [...this.#durations], sum: this.#ms / 1000 };
  }
}
