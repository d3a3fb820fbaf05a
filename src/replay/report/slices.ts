// Counts over time, in slices of one width. The width doubles when there are too many slices.

import { isoTextOf } from '../../values/iso-time.ts';
import type { Timeline } from './report.ts';

const MAX_SLICES = 480;
const FIRST_WIDTH = 60_000;

/** The counts of one thing over time. */
export interface Series {
  /** Counts one at a moment (ms since 1970). Moments before the first slice count in the first slice. */
  add(at: number): void;
  /** A count for each slice, as many as the longest series has. */
  readonly counts: readonly number[];
}

export class Slices {
  readonly #all: number[][] = [];
  #start: number | undefined;
  #width = FIRST_WIDTH;

  /** A new series, with the same slices as all others. */
  series(): Series {
    const counts: number[] = [];
    this.#all.push(counts);
    const whole = () => this.#padded(counts);
    return {
      add: (at) => this.#add(counts, at),
      get counts() {
        return whole();
      },
    };
  }

  get start(): string | null {
    return isoTextOf(this.#start) ?? null;
  }

  /** seconds */
  get width(): Timeline['width'] {
    return this.#width / 1000;
  }

  #add(counts: number[], at: number): void {
    this.#start ??= Math.floor(at / FIRST_WIDTH) * FIRST_WIDTH;
    let slice = Math.max(0, Math.floor((at - this.#start) / this.#width));
    while (slice >= MAX_SLICES) {
      this.#double();
      slice = Math.floor((at - this.#start) / this.#width);
    }
    while (counts.length <= slice) counts.push(0);
    counts[slice] = (counts[slice] ?? 0) + 1;
  }

  #padded(counts: readonly number[]): readonly number[] {
    const longest = Math.max(0, ...this.#all.map(({ length }) => length));
    return Array.from({ length: longest }, (_, slice) => counts[slice] ?? 0);
  }

  #double(): void {
    this.#width *= 2;
    for (const counts of this.#all) {
      const half = Math.ceil(counts.length / 2);
      for (let i = 0; i < half; i++) counts[i] = (counts[2 * i] ?? 0) + (counts[2 * i + 1] ?? 0);
      counts.length = half;
    }
  }
}
