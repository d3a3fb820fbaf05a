// Lines that several inputs of a replay contain: each counts once.

import type { LogRecord } from '../../maillog/syslog/record.ts';
import type { InputQueue } from './input-queue.ts';

/**
 * ms. A log daemon may write the lines of one second in any order, and a rotation may separate them: files that follow
 * each other overlap by less than this.
 */
export const MARGIN = 10_000;
/** Lines that are remembered, each for MARGIN or longer; of more, the oldest are evicted. */
const MAX_LINES = 1 << 15;
const MAX_PAIRS = 100;

/** How many lines two inputs share. */
export interface SharedLines {
  /** names of the inputs, in the order in which they were read */
  readonly first: string;
  readonly second: string;
  /** false where one input ends when the other begins: equal lines then count as two events */
  readonly isOnce: boolean;
  count: number;
}

/** One line, and how often each input contains it. */
interface Line {
  readonly inputs: { readonly queue: InputQueue; count: number }[];
  /** how often it was passed on */
  passed: number;
}

/**
 * Distinguishes new lines from lines that another input contained before. Lines are equal when time, host, process and
 * text are equal. Two hosts of the same name therefore cannot be replayed together; their sessions could not be
 * distinguished either.
 *
 * Equal lines of one input count as that many events. Where two inputs contain the same log, the input with more of the
 * equal lines decides. Where one input may continue the other, because it begins within MARGIN of the other's end, a
 * line that both contain cannot be distinguished from two events with equal lines: both count.
 */
export class Duplicates {
  /** by stamp, process and text, in two generations: a new one begins when the younger has lasted for MARGIN or is full */
  #young = new Map<string, Line>();
  #old = new Map<string, Line>();
  #since = Number.NEGATIVE_INFINITY;
  readonly #shared = new Map<string, SharedLines>();
  #count = 0;

  /** Lines that an earlier input contained as well. */
  get count(): number {
    return this.#count;
  }

  /** The pairs of inputs that share lines, 100 at most. */
  get shared(): readonly SharedLines[] {
    return [...this.#shared.values()];
  }

  /** Whether the next record of an open input is an event that no other input had before. */
  isNew(record: LogRecord, queue: InputQueue): boolean {
    const { at, process, message, repeat = 1 } = record;
    if (at - this.#since >= MARGIN || this.#young.size >= MAX_LINES) this.#age(at);
    const key = `${at} ${repeat} ${process} ${message}`;
    const line = this.#young.get(key) ?? this.#old.get(key);
    if (line !== undefined) return this.#isNewAgain(line, queue, at);
    this.#young.set(key, { inputs: [{ queue, count: 1 }], passed: 1 });
    return true;
  }

  /** Removes all lines: no other input is near in time. */
  clear(): void {
    if (this.#young.size === 0 && this.#old.size === 0) return;
    this.#young = new Map();
    this.#old = new Map();
    this.#since = Number.NEGATIVE_INFINITY;
  }

  #age(at: number): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#since = at;
  }

  #isNewAgain(line: Line, queue: InputQueue, at: number): boolean {
    const own = line.inputs.find((input) => input.queue === queue);
    if (own === undefined) line.inputs.push({ queue, count: 1 });
    else own.count++;
    const events = line.inputs.length === 1 ? line.passed + 1 : eventsOf(line, at);
    const isNew = events > line.passed;
    line.passed = Math.max(events, line.passed);
    const other = line.inputs.find((input) => input.queue !== queue);
    if (!isNew) this.#count++;
    const hasOther = other !== undefined && (own?.count ?? 1) <= other.count;
    if (hasOther) this.#share(other.queue, queue, !isNew);
    return isNew;
  }

  #share(before: InputQueue, queue: InputQueue, isOnce: boolean): void {
    const [first, second] = [before.input.name, queue.input.name];
    const key = `${isOnce} ${first}\n${second}`;
    const known = this.#shared.get(key);
    if (known !== undefined) known.count++;
    else if (this.#shared.size < MAX_PAIRS) this.#shared.set(key, { first, second, isOnce, count: 1 });
  }
}

/** The least number of events that explains these equal lines. */
function eventsOf({ inputs }: Line, at: number): number {
  let whole = 0;
  let ending = 0;
  let beginning = 0;
  let short = 0;
  for (const { queue, count } of inputs) {
    const [begins, ends] = [queue.beginsNear(at, MARGIN), queue.endsNear(at, MARGIN)];
    if (begins && ends) short += count;
    else if (begins) beginning = Math.max(beginning, count);
    else if (ends) ending = Math.max(ending, count);
    else whole = Math.max(whole, count);
  }
  return Math.max(whole, ending + beginning + short);
}
