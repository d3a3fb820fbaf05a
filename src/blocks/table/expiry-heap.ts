// When blocks end: a heap by time, so that each end costs the same however many blocks there are.

import type { ClientRecord } from './record.ts';

interface Ending {
  /** ms since 1970 */
  readonly until: number;
  readonly record: ClientRecord;
}

/** Ends that came otherwise, by hand or by a new policy, stay in it until their time: whoever takes them looks again. */
export class Endings {
  #heap: Ending[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** ms since 1970: when the first of them ends. */
  get first(): number | undefined {
    return this.#heap[0]?.until;
  }

  add(record: ClientRecord, until: number): void {
    const ending = { until, record };
    let place = this.#heap.push(ending) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || parent.until <= until) break;
      this.#heap[place] = parent;
      place = above;
    }
    this.#heap[place] = ending;
  }

  /** Takes out the record whose block ends first, where that is at or before `now` (ms). */
  takeDue(now: number): ClientRecord | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.until > now) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first.record;
  }

  clear(): void {
    this.#heap = [];
  }

  /** Puts an ending in at the top, and down to its place. */
  #sink(ending: Ending): void {
    let place = 0;
    for (;;) {
      const left = this.#heap[2 * place + 1];
      const right = this.#heap[2 * place + 2];
      const isRight = left !== undefined && right !== undefined && right.until < left.until;
      const earlier = isRight ? right : left;
      if (earlier === undefined || earlier.until >= ending.until) break;
      this.#heap[place] = earlier;
      place = 2 * place + (isRight ? 2 : 1);
    }
    this.#heap[place] = ending;
  }
}
