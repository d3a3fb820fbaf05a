// Whether the work of a function grows with the length of its input, and not faster. No measure of speed: a limit that
// linear work is a thousand times below, on any machine, and that work that grows with the square breaks.

/** Characters; all inputs are tried at the first sizes, the slowest of them at the last one too. */
const SIZES = [64, 1024, 1 << 14, 1 << 16];
const LARGEST = 1 << 20;
const SLOWEST = 3;
/** The cost of a character may grow so many times over that in an input of 1,024; less than 1 ms for that is noise. */
const GROWTH = 8;
const NOISE = 1;
/** Another process may have had the processor meanwhile. */
const ATTEMPTS = 3;

export interface Input {
  readonly prefix?: string;
  /** what is repeated */
  readonly pump: string;
  readonly suffix?: string;
}

/** The input, about `size` characters long. */
export function inputText({ prefix = '', pump, suffix = '' }: Input, size: number): string {
  return prefix + pump.repeat(Math.ceil(size / pump.length)) + suffix;
}

/** The inputs for which the work grows faster than their length. */
export function superlinear(feed: (text: string) => unknown, inputs: readonly Input[]): string[] {
  const costs = inputs.map((input) => ({ input, base: NOISE, last: 0 }));
  const slow = new Set<string>();
  const tryAt = (cost: (typeof costs)[number], size: number) => {
    const text = inputText(cost.input, size);
    const limit = (GROWTH * cost.base * Math.max(size, 1024)) / 1024;
    cost.last = timeOf(feed, text);
    for (let left = ATTEMPTS; left > 0 && cost.last > limit; left--)
      cost.last = Math.min(cost.last, timeOf(feed, text));
    if (cost.last > limit) slow.add(`${JSON.stringify(cost.input)} at ${size}: ${cost.last} ms`);
    if (size === 1024) cost.base = Math.max(NOISE, cost.last);
  };
  for (const size of SIZES) {
    for (const cost of costs) if (slow.size === 0) tryAt(cost, size);
  }
  costs.sort((a, b) => b.last - a.last);
  for (const cost of costs.slice(0, SLOWEST)) if (slow.size === 0) tryAt(cost, LARGEST);
  return [...slow];
}

function timeOf(feed: (text: string) => unknown, text: string): number {
  const begin = performance.now();
  feed(text);
  return performance.now() - begin;
}
