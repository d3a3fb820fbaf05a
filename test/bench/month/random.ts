// Pseudorandom numbers, the same for the same seed.

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 to below 1. */
  next(): number {
    // Mulberry32: fast, and good enough for a mix of log lines.
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  }

  /** An integer from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** A waiting time with this mean. */
  gap(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }

  /** Upper-case hexadecimal digits. */
  hex(digits: number): string {
    return this.below(16 ** digits)
      .toString(16)
      .toUpperCase()
      .padStart(digits, '0');
  }
}
