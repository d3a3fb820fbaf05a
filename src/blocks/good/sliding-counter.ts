// A sliding count of one sort for all clients: the sum of the period in which a client was last seen, and of the one before.

import { SECOND } from '../../values/duration.ts';
import { indexOf, type Slot, shardOfSlot } from './good-table.ts';
import type { GoodCounter } from './good-terms.ts';
import { Sums } from './sums.ts';

/**
 * Periods are as long as the time of the counter, and begin at the same moments for all clients. The latest event of a
 * client, in seconds since 1970, gives its present period; the caller keeps it, and says so before it changes.
 */
export class SlidingCounter implements GoodCounter {
  readonly sort: GoodCounter['sort'];
  readonly within: number;
  /** ms since 1970; the policy does not name it any more, and it is asked until then */
  readonly until: number | undefined;
  /** by the number of a shard */
  readonly #sums: (Sums | undefined)[];

  constructor({ sort, within }: GoodCounter, until?: number, sums: (Sums | undefined)[] = []) {
    this.sort = sort;
    this.within = within;
    this.until = until;
    this.#sums = sums;
  }

  /** The same counts, asked until another time. */
  heldUntil(until: number | undefined): SlidingCounter {
    return new SlidingCounter(this, until, this.#sums);
  }

  current(slot: Slot): number {
    return this.#sums[shardOfSlot(slot)]?.current(indexOf(slot)) ?? 0;
  }

  previous(slot: Slot): number {
    return this.#sums[shardOfSlot(slot)]?.previous(indexOf(slot)) ?? 0;
  }

  /** @param room that of Sums */
  set(slot: Slot, current: number, previous: number, room?: number): void {
    const shard = shardOfSlot(slot);
    let sums = this.#sums[shard];
    if (sums === undefined) {
      if (current === 0 && previous === 0) return;
      sums = new Sums();
      this.#sums[shard] = sums;
    }
    sums.set(indexOf(slot), current, previous, room);
  }

  /** The latest event of a client goes from one time to another, forward or back; what lies behind the new one is removed. */
  move(slot: Slot, from: number, to: number): void {
    const periods = this.#periodOf(to) - this.#periodOf(from);
    if (periods === 1) this.set(slot, 0, this.current(slot));
    else if (periods === -1) this.set(slot, this.previous(slot), 0);
    else if (periods !== 0) this.set(slot, 0, 0);
  }

  /** Adds what a client did at a time (s); what lies before the period before its latest event is too old. */
  add(slot: Slot, latest: number, seconds: number, number: number): void {
    const age = this.#periodOf(latest) - this.#periodOf(seconds);
    if (age === 0) this.set(slot, this.current(slot) + number, this.previous(slot));
    else if (age === 1) this.set(slot, this.current(slot), this.previous(slot) + number);
  }

  /**
   * The count of the time before `at` (ms): the previous period counts by the part of it that lies within the time. What
   * is known from later than `at` counts as well.
   */
  count(slot: Slot, latest: number, at: number): number {
    const age = Math.floor(at / this.within) - this.#periodOf(latest);
    const rest = 1 - (at / this.within - Math.floor(at / this.within));
    if (age === 0) return this.current(slot) + this.previous(slot) * rest;
    if (age === 1) return this.current(slot) * rest;
    return age < 0 ? this.current(slot) + this.previous(slot) : 0;
  }

  #periodOf(seconds: number): number {
    return Math.floor((seconds * SECOND) / this.within);
  }
}
