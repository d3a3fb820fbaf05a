// Counts over time in slices of one width, which doubles whenever the slices become too many.

import type { Timeline } from './report.ts';

const MOST_SLICES = 480;
const FIRST_WIDTH = 60_000;

export class Slices {
  readonly #rows: number[][];
  #start: number | undefined;
  #width = FIRST_WIDTH;

  /** @param rows how many things are counted */
  constructor(rows: number) {
    this.#rows = Array.from({ length: rows }, () => []);
  }

  /** Counts one of a row at a moment (ms); what lies before the first moment counts with it. */
  add(row: number, at: number): void {
    this.#start ??= Math.floor(at / FIRST_WIDTH) * FIRST_WIDTH;
    let slice = Math.max(0, Math.floor((at - this.#start) / this.#width));
    while (slice >= MOST_SLICES) {
      this.#double();
      slice = Math.floor((at - this.#start) / this.#width);
    }
    const counts = this.#rows[row];
    if (counts === undefined) return;
    while (counts.length <= slice) counts.push(0);
    counts[slice] = (counts[slice] ?? 0) + 1;
  }

  get start(): string | null {
    return this.#start === undefined ? null : new Date(this.#start).toISOString();
  }

  /** seconds */
  get width(): Timeline['width'] {
    return this.#width / 1000;
  }

  /** The counts of a row, as many as the longest row has. */
  row(index: number): readonly number[] {
    const longest = Math.max(0, ...this.#rows.map(({ length }) => length));
    return Array.from({ length: longest }, (_, slice) => this.#rows[index]?.[slice] ?? 0);
  }

  #double(): void {
    this.#width *= 2;
    for (const counts of this.#rows) {
      const half = Math.ceil(counts.length / 2);
      for (let i = 0; i < half; i++) counts[i] = (counts[2 * i] ?? 0) + (counts[2 * i + 1] ?? 0);
      counts.length = half;
    }
  }
}
