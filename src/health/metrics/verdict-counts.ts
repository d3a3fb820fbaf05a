// Verdicts by action and protocol state, and how long they took. On the path of each verdict: one addition.

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

/** To read the clock twice costs more than all else here, so one verdict in so many is timed: a power of two. */
const TIMED = 16;

const ACTIONS = ['dunno', 'reject'] as const;
const STATES = [...PROTOCOL_STATES, 'other'] as const;

export class VerdictCounts {
  readonly #verdicts = new Float64Array(ACTIONS.length * STATES.length);
  readonly #durations = new Float64Array(BOUNDS.length + 1);
  #ms = 0;
  #turn = 0;

  /** @param state code of the protocol state */
  add(reply: string, state: number): void {
    const index = (reply === DUNNO ? 0 : STATES.length) + Math.min(state, OTHER_STATE);
    this.#verdicts[index] = (this.#verdicts[index] ?? 0) + 1;
  }

  /** Whether the verdict that comes next is to be timed. Call it once for each. */
  get isTimed(): boolean {
    this.#turn = (this.#turn + 1) & (TIMED - 1);
    return this.#turn === 1;
  }

  /** @param ms that a verdict took */
  took(ms: number): void {
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
