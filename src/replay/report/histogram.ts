// A histogram of the events of one IP in one period, with ten bins for each power of ten.

/**
 * How many events one IP has in one period as long as the rule's `within`, whether it is blocked or not. Periods follow
 * each other; they do not slide. Shows where a limit separates the few IPs with many events from the many with few.
 */
export interface Distribution {
  readonly rule: string;
  readonly limit: number;
  /** seconds */
  readonly within: number;
  /** periods of one IP with `from` to `to` events, rising, without gaps from 1 on to the largest */
  readonly bins: readonly { readonly from: number; readonly to: number; readonly count: number }[];
}

export class Histogram {
  readonly #edges: readonly number[];
  readonly #counts: number[];
  #last = -1;

  /** @param limit starts a bin, which separates the periods that reach it from those that do not */
  constructor(limit: number) {
    this.#edges = [...new Set([...tenths(), limit])].sort((a, b) => a - b);
    this.#counts = this.#edges.map(() => 0);
  }

  add(value: number): void {
    let low = 0;
    let high = this.#edges.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#edges[middle] ?? 0) <= value) low = middle;
      else high = middle - 1;
    }
    this.#counts[low] = (this.#counts[low] ?? 0) + 1;
    this.#last = Math.max(this.#last, low);
  }

  get bins(): Distribution['bins'] {
    return this.#edges.slice(0, this.#last + 1).map((from, i) => ({
      from,
      to: (this.#edges[i + 1] ?? Number.MAX_SAFE_INTEGER) - 1,
      count: this.#counts[i] ?? 0,
    }));
  }
}

/** 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10, 13, 16, 20, … to ten million. */
function tenths(): readonly number[] {
  return Array.from({ length: 71 }, (_, tenth) => Math.round(10 ** (tenth / 10)));
}
