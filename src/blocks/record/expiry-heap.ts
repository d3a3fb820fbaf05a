// A heap of the times at which blocks end, so that each end costs little however many blocks there are.

import type { ClientRecord } from '../table/record.ts';

interface Expiry {
  /** ms since 1970 */
  readonly until: number;
  readonly record: ClientRecord;
}

/** A block that ended by hand or by a new policy stays in the heap until its time: check the record that is taken out. */
export class ExpiryHeap {
  #heap: Expiry[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** ms since 1970: when the first block ends. */
  get first(): number | undefined {
    return this.#heap[0]?.until;
  }

  add(record: ClientRecord, until: number): void {
    const expiry = { until, record };
    let place = this.#heap.push(expiry) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || parent.until <= until) break;
      this.#heap[place] = parent;
      place = above;
    }
    this.#heap[place] = expiry;
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

  /** Puts an entry in at the top, and moves it down to its place. */
  #sink(expiry: Expiry): void {
    let place = 0;
    for (;;) {
      const left = this.#heap[2 * place + 1];
      const right = this.#heap[2 * place + 2];
      const isRight = left !== undefined && right !== undefined && right.until < left.until;
      const earlier = isRight ? right : left;
      if (earlier === undefined || earlier.until >= expiry.until) break;
      this.#heap[place] = earlier;
      place = 2 * place + (isRight ? 2 : 1);
    }
    this.#heap[place] = expiry;
  }
}
