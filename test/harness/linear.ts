// Whether the work of a function grows with the length of its input, and not faster. No measure of speed: a limit that
// linear work is a thousand times below, on any machine, and that work that grows with the square breaks.

/** Characters; all inputs are tried at the first sizes, the slowest of them at the last one too. */
const SIZES = [64, 1024, 1 << 12, 1 << 14, 1 << 16];
const LARGEST = 1 << 20;
/** The largest factor between one size and the next. */
const STEP = 16;
const SLOWEST = 3;
/** Sizes that tell what a character costs; and ms that even they do not take, unless the work has no bound at all. */
const SMALL = 1024;
const ENDLESS = 500;
/** The cost of a character may grow so many times over that in a small input; less than 1 ms for that is noise. */
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
  const costs = inputs.map((input) => ({ input, small: NOISE, last: 0 }));
  const tooMuch = (cost: (typeof costs)[number], size: number): string[] => {
    const text = inputText(cost.input, size);
    const limit =
      size <= SMALL ? ENDLESS : Math.min((GROWTH * cost.small * size) / SMALL, limitBy(cost.last));
    let took = timeOf(feed, text);
    for (let left = ATTEMPTS; left > 0 && took > (size === SMALL ? NOISE : limit); left--) {
      took = Math.min(took, timeOf(feed, text));
      if (took > limit && took > ENDLESS) break;
    }
    cost.last = took;
    if (size === SMALL) cost.small = Math.max(NOISE, took);
    return took > limit ? [`${JSON.stringify(cost.input)} at ${size}: ${took} ms`] : [];
  };
  for (const size of SIZES) {
    for (const cost of costs) {
      const found = tooMuch(cost, size);
      if (found.length > 0) return found;
    }
  }
  costs.sort((a, b) => b.last - a.last);
  return costs.slice(0, SLOWEST).flatMap((cost) => tooMuch(cost, LARGEST));
}

/** What four or sixteen times the input may take, with as much again for what else the machine does. */
function limitBy(before: number): number {
  return Math.max(ENDLESS, GROWTH * STEP * before);
}

function timeOf(feed: (text: string) => unknown, text: string): number {
  const begin = performance.now();
  feed(text);
  return performance.now() - begin;
}
