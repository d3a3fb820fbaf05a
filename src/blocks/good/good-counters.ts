// The counters that the policy needs, and for a time those that it needed before a reload.

import type { Slot } from './good-table.ts';
import type { GoodCounter } from './good-terms.ts';
import { SlidingCounter } from './sliding-counter.ts';

/** Counters that the policy does not name any more, at most. */
const MAX_RETIRED = 8;

/** A counter as a snapshot has it; `until` is that of SlidingCounter. */
export interface SavedCounter extends GoodCounter {
  readonly until?: number | undefined;
}

/**
 * A counter that is new starts at zero: until it has seen its whole time, the one that was there before it answers as
 * well. Otherwise a reload would take from busy senders what speaks for them.
 */
export class GoodCounters {
  #wanted: readonly GoodCounter[];
  #all: readonly SlidingCounter[];
  /** ms; a count ends so long after the latest event of its client */
  longest = 0;

  constructor(wanted: readonly GoodCounter[]) {
    this.#wanted = wanted;
    this.#all = wanted.map((counter) => new SlidingCounter(counter));
    this.#measure();
  }

  /** In the order in which a snapshot has their sums. */
  get all(): readonly SlidingCounter[] {
    return this.#all;
  }

  get saved(): readonly SavedCounter[] {
    return this.#all.map(({ sort, within, until }) => ({
      sort,
      within,
      ...(until !== undefined && { until }),
    }));
  }

  /** @param now ms since 1970 */
  adopt(wanted: readonly GoodCounter[], now: number): void {
    this.#wanted = wanted;
    this.#arrange(
      this.#all.filter(({ until }) => until === undefined || until > now),
      now,
    );
  }

  /**
   * Takes the counters of a snapshot, of which the policy may name others.
   * @param written ms since 1970
   * @returns by their places in the snapshot
   */
  restore(saved: readonly SavedCounter[], written: number): readonly (SlidingCounter | undefined)[] {
    const counters = saved.map((counter) => new SlidingCounter(counter, counter.until));
    this.#arrange(counters, written);
    return saved.map((counter) => this.#all.find((known) => isSame(known, counter)));
  }

  /** Removes those that no question from `settled` (ms) on is about. */
  forget(settled: number): void {
    const isOver = ({ until }: SlidingCounter) => until !== undefined && until <= settled;
    if (!this.#all.some(isOver)) return;
    this.#all = this.#all.filter((counter) => !isOver(counter));
    this.#measure();
  }

  clear(): void {
    this.#all = this.#wanted.map((counter) => new SlidingCounter(counter));
    this.#measure();
  }

  count(slot: Slot, { sort, within }: GoodCounter, latest: number, at: number): number {
    let most = 0;
    for (const counter of this.#all) {
      if (counter.sort !== sort) continue;
      const isAsked = counter.until === undefined ? counter.within === within : at < counter.until;
      if (isAsked) most = Math.max(most, counter.count(slot, latest, at));
    }
    return most;
  }

  add(slot: Slot, sort: GoodCounter['sort'], latest: number, seconds: number, number: number): void {
    for (const counter of this.#all) if (counter.sort === sort) counter.add(slot, latest, seconds, number);
  }

  move(slot: Slot, from: number, to: number): void {
    for (const counter of this.#all) counter.move(slot, from, to);
  }

  reset(slot: Slot): void {
    for (const counter of this.#all) counter.set(slot, 0, 0);
  }

  #arrange(old: readonly SlidingCounter[], now: number): void {
    const kept = this.#wanted.map(
      (counter) =>
        old.find((known) => isSame(known, counter))?.heldUntil(undefined) ?? new SlidingCounter(counter),
    );
    const retired = old
      .filter((known) => !kept.some((counter) => isSame(known, counter)))
      .map((known) => known.heldUntil(known.until ?? now + this.#longestOf(known)))
      .sort((a, b) => (b.until ?? 0) - (a.until ?? 0));
    this.#all = [...kept, ...retired.slice(0, MAX_RETIRED)];
    this.#measure();
  }

  /** ms that counters of this one's sort take until they know all of their time. */
  #longestOf({ sort, within }: GoodCounter): number {
    return Math.max(
      within,
      ...this.#wanted.filter((counter) => counter.sort === sort).map((counter) => counter.within),
    );
  }

  #measure(): void {
    this.longest = Math.max(0, ...this.#all.map(({ within }) => 2 * within));
  }
}

function isSame(a: GoodCounter, b: GoodCounter): boolean {
  return a.sort === b.sort && a.within === b.within;
}
