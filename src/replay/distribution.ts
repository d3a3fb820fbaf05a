// How many events one IP has in one period: a histogram with rising bins, ten a power of ten.

import type { Distribution } from './report.ts';

const EDGES = edges();

export class Histogram {
  readonly #counts = new Array<number>(EDGES.length).fill(0);
  #last = -1;

  add(value: number): void {
    let low = 0;
    let high = EDGES.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((EDGES[middle] ?? 0) <= value) low = middle;
      else high = middle - 1;
    }
    this.#counts[low] = (this.#counts[low] ?? 0) + 1;
    this.#last = Math.max(this.#last, low);
  }

  get bins(): Distribution['bins'] {
    return EDGES.slice(0, this.#last + 1).map((from, i) => ({
      from,
      to: (EDGES[i + 1] ?? Number.MAX_SAFE_INTEGER) - 1,
      count: this.#counts[i] ?? 0,
    }));
  }
}

/** 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, … to ten million. */
function edges(): readonly number[] {
  const all = new Set<number>();
  for (let tenth = 0; tenth <= 70; tenth++) all.add(Math.round(10 ** (tenth / 10)));
  return [...all];
}
