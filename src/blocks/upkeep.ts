// What time does to the lake: blocks end and counts are forgotten, so many at a time that nobody has to wait.

import type { Change } from './changes.ts';
import type { Lifecycle } from './lifecycle.ts';

/** Blocks ended, and pinned records looked at for their ground, in one call of `expire`: each end is told to many. */
const ENDED = 250;
/** Clients forgotten in one call of `forget`. */
const FORGOTTEN = 2000;
/** ms; by this time no block is over: only its ground is looked at */
const NEVER = 0;
/** ms; how long after its last use a count is kept, so that lines that come late by a little still find it. */
const LATE = 60_000;

/** `expire` and `forget` are those of `Blocks`, and are described there. */
export class Upkeep {
  readonly #life: Lifecycle;
  readonly #onChange: (change: Change) => void;
  /** ms; of the last call of `expire` */
  #now = 0;

  constructor(life: Lifecycle, onChange: (change: Change) => void) {
    this.#life = life;
    this.#onChange = onChange;
  }

  /** Whether pinned records have still to be looked at by the next calls of `expire`. */
  get hasUnsettled(): boolean {
    return this.#life.unsettled > 0;
  }

  /** Reports the allow entries that expire at `now` (ms). */
  expireAllowEntries(now: number): void {
    for (const { entry, until } of this.#life.allowEntries.expired(now)) {
      this.#onChange({ type: 'disallow', ip: entry, at: until, until, hand: undefined });
    }
  }

  expire(now: number, logTime: number): boolean {
    this.expireAllowEntries(now);
    let left = ENDED;
    for (; left > 0; left--) {
      const due = this.#life.endings.takeDue(logTime);
      if (due === undefined) break;
      this.#life.settle(due, logTime);
    }
    // The clock was set back.
    if (now < this.#now - LATE) this.#life.unsettled = this.#life.table.pinned;
    this.#now = now;
    this.settle(now);
    return left === 0 || this.hasUnsettled;
  }

  /** Looks at some of the pinned records that have still to be looked at. @param now ms; the clock */
  settle(now: number): void {
    const looked = Math.min(this.#life.unsettled, ENDED);
    for (const record of this.#life.table.nextPinned(looked)) {
      this.#life.bringBack(record, now);
      this.#life.settle(record, NEVER);
    }
    this.#life.unsettled -= looked;
  }

  forget(settled: number): void {
    const before = settled - this.#life.terms.rules.longest - LATE;
    this.#life.table.shrink(FORGOTTEN);
    this.#life.table.forgetOlder(before, FORGOTTEN);
    this.#life.allowEntries.forget(before);
  }
}
