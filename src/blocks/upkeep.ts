// The work of time: blocks expire and old counts are removed, in steps so small that no verdict waits.

import type { Change } from './changes.ts';
import type { Lifecycle } from './lifecycle.ts';
import { bringBack, MAX_AHEAD } from './record/clock-change.ts';

/** Blocks ended, and pinned records checked, in one call of `expire`: the listeners take their time with each end. */
const MAX_ENDED = 250;
/** Spared clients checked in one call of `forget`. */
const MAX_SPARED = 250;
/** Clients removed in one call of `forget`. */
const MAX_REMOVED = 2000;
/** ms; no block expires by this time: only its ground is checked */
const NEVER = 0;
/** ms; how long after its last use a count is kept, and the breaker open, for lines that come a little late. */
const LATE = 60_000;

/** `expire` and `forget` are those of `Blocks`, described there. */
export class Upkeep {
  readonly #life: Lifecycle;
  readonly #onChange: (change: Change) => void;
  /** ms; of the last call of `expire` */
  #now = 0;

  constructor(life: Lifecycle, onChange: (change: Change) => void) {
    this.#life = life;
    this.#onChange = onChange;
  }

  /** Reports the allow entries that expire at `now` (ms). */
  expireAllowEntries(now: number): void {
    for (const { entry, until } of this.#life.allowEntries.expired(now)) {
      this.#onChange({ type: 'disallow', ip: entry, at: until, until, hand: undefined });
    }
  }

  expire(now: number, logTime: number): boolean {
    this.expireAllowEntries(now);
    // Not before lines that come a little late: they may show that it has to spare somebody yet.
    this.#life.breaker.settle(logTime - LATE);
    let left = MAX_ENDED;
    for (; left > 0; left--) {
      const due = this.#life.expiries.takeDue(logTime);
      if (due === undefined) break;
      this.#life.settle(due, logTime);
    }
    // The clock was set back.
    if (now < this.#now - LATE) {
      this.#life.recheck.start(this.#life.table.pinned);
      this.#life.breaker.bringBack(now, now + MAX_AHEAD);
    }
    this.#now = now;
    this.settle(now);
    return left === 0 || this.#life.recheck.isRunning;
  }

  /** Makes a step of the recheck that is running, if any. @param now ms; the clock */
  settle(now: number): void {
    const { recheck, table } = this.#life;
    const count = recheck.next(MAX_ENDED);
    for (const record of table.nextPinned(count)) {
      bringBack(this.#life, record, now);
      this.#life.settle(record, NEVER);
    }
    recheck.done(count);
  }

  forget(settled: number): void {
    const { longest, longestRepeat } = this.#life.terms.rules;
    const before = settled - longest - LATE;
    this.#life.endSparing(MAX_SPARED, settled - LATE);
    this.#life.table.shrink(MAX_REMOVED);
    this.#life.table.removeOlder(before, MAX_REMOVED, Math.min(before, settled - longestRepeat - LATE));
    this.#life.allowEntries.forget(before);
    this.#life.good.forget(this.#life.breaker.standingAt(settled - LATE));
  }
}
