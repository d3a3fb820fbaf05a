// The length of the long loops, which is short by default, and pseudorandom numbers that can be repeated.

/** POSTBLOCK_TEST_SCALE, a factor for all long loops; 1 unless it is set. */
const SCALE = Number(process.env.POSTBLOCK_TEST_SCALE ?? 1);
/** POSTBLOCK_TEST_SEED: other inputs than the usual ones. */
export const SEED = Number(process.env.POSTBLOCK_TEST_SEED ?? 1);

export function scaled(runs: number): number {
  return Math.max(1, Math.round(runs * SCALE));
}

/** Pseudorandom numbers, the same for the same seed (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed = SEED) {
    this.#state = seed;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit);
  }

  pick<T>(choices: readonly [T, ...T[]]): T;
  pick<T>(choices: readonly T[]): T;
  pick<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  }
}

/** Integers from 0 to below `below`, the same for the same seed. */
export function randomFrom(seed: number): (below: number) => number {
  const chance = new Chance(seed);
  return (below) => chance.below(below);
}

/** Prints the figures of a long run, where one was requested. */
export function figure(text: string): void {
  if (SCALE !== 1) console.log(`      ${text}`);
}
