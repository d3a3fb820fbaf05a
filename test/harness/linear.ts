// Checks that the work of a function grows no faster than the length of its input. It does not measure speed: linear
// work stays a thousand times below the limit on any machine, and quadratic work exceeds it.

/** Characters; all inputs are tried at the first sizes, the slowest also at the last. */
const SIZES = [64, 1024, 1 << 12, 1 << 14, 1 << 16];
const LARGEST = 1 << 20;
/** The largest factor between one size and the next. */
const STEP = 16;
const SLOWEST = 3;
/** Sizes that show the cost of a character; and ms that they stay below, unless the work has no bound. */
const SMALL = 1024;
const ENDLESS = 500;
/** The cost of a character may be so many times that in a small input; below 1 ms it is noise. */
const GROWTH = 8;
const NOISE = 1;
/** Of this process: the machine's caches are shared, and the garbage of another input may be collected meanwhile. */
const ATTEMPTS = 3;

export interface Input {
  readonly prefix?: string;
  /** the repeated text */
  readonly pump: string;
  readonly suffix?: string;
}

/** The input, approximately `size` characters long. */
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

/** ms that four or sixteen times the input may take: twice the expected time. */
function limitBy(before: number): number {
  return Math.max(ENDLESS, GROWTH * STEP * before);
}

/** ms of processor time, so that the load of other processes does not count. */
function timeOf(feed: (text: string) => unknown, text: string): number {
  const before = process.cpuUsage();
  feed(text);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
