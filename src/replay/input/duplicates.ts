// Lines that several inputs of a replay hold: each counts once.

import type { LogRecord } from '../../maillog/syslog/record.ts';
import type { Head } from './head.ts';

/**
 * ms. What a log daemon writes of one second may stand in any order, and a rotation may fall between; by less than this,
 * files that follow each other overlap.
 */
export const MARGIN = 10_000;
/** Lines that are remembered for at least MARGIN; of more, the oldest go. */
const MOST_LINES = 1 << 15;
const MOST_PAIRS = 100;

/** How many lines two inputs share. */
export interface SharedLines {
  /** names of the inputs; the first was read before the second */
  readonly first: string;
  readonly second: string;
  /** false where the one ends when the other begins, so that equal lines are taken for two events */
  readonly isOnce: boolean;
  count: number;
}

/** One line, and how often each input holds it. */
interface Line {
  readonly holders: { readonly head: Head; count: number }[];
  /** how often it was given */
  given: number;
}

/**
 * Tells lines that were read before, in another input, from new ones. Lines are the same where time, host, process and
 * text are the same, so two hosts of one name cannot be replayed together, as their sessions could not be told apart
 * either.
 *
 * Equal lines of one input are as many events, and the events of two inputs that hold the same log are as many as the
 * one holds that has more of them. Where one input may be the continuation of the other, since it begins within MARGIN
 * of where the other ends, nobody can tell a line that stands in both from two events with equal lines: both count.
 */
export class Duplicates {
  /** by stamp, process and text, in two generations: the younger begins anew when it has lasted for MARGIN or is full */
  #young = new Map<string, Line>();
  #old = new Map<string, Line>();
  #since = Number.NEGATIVE_INFINITY;
  readonly #shared = new Map<string, SharedLines>();
  #count = 0;

  /** Lines that an input before held as well. */
  get count(): number {
    return this.#count;
  }

  /** The inputs that share lines, 100 pairs at most. */
  get shared(): readonly SharedLines[] {
    return [...this.#shared.values()];
  }

  /** Whether a record that comes in its turn from an open input is an event that no other input told of before. */
  isNew(record: LogRecord, head: Head): boolean {
    const { at, process, message, repeat = 1 } = record;
    if (at - this.#since >= MARGIN || this.#young.size >= MOST_LINES) this.#age(at);
    const key = `${at} ${repeat} ${process} ${message}`;
    const line = this.#young.get(key) ?? this.#old.get(key);
    if (line !== undefined) return this.#isGivenAgain(line, head, at);
    this.#young.set(key, { holders: [{ head, count: 1 }], given: 1 });
    return true;
  }

  /** Forgets all lines: no other input is near. */
  forget(): void {
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

  #isGivenAgain(line: Line, head: Head, at: number): boolean {
    const own = line.holders.find((holder) => holder.head === head);
    if (own === undefined) line.holders.push({ head, count: 1 });
    else own.count++;
    const events = line.holders.length === 1 ? line.given + 1 : eventsOf(line, at);
    const isNew = events > line.given;
    line.given = Math.max(events, line.given);
    const other = line.holders.find((holder) => holder.head !== head);
    if (!isNew) this.#count++;
    const isHeldBefore = other !== undefined && (own?.count ?? 1) <= other.count;
    if (isHeldBefore) this.#share(other.head, head, !isNew);
    return isNew;
  }

  #share(before: Head, head: Head, isOnce: boolean): void {
    const [first, second] = [before.input.name, head.input.name];
    const key = `${isOnce} ${first}\n${second}`;
    const known = this.#shared.get(key);
    if (known !== undefined) known.count++;
    else if (this.#shared.size < MOST_PAIRS) this.#shared.set(key, { first, second, isOnce, count: 1 });
  }
}

/** How many events these equal lines are at least. */
function eventsOf({ holders }: Line, at: number): number {
  let whole = 0;
  let ending = 0;
  let beginning = 0;
  let short = 0;
  for (const { head, count } of holders) {
    const [begins, ends] = [head.beginsNear(at, MARGIN), head.endsNear(at, MARGIN)];
    if (begins && ends) short += count;
    else if (begins) beginning = Math.max(beginning, count);
    else if (ends) ending = Math.max(ending, count);
    else whole = Math.max(whole, count);
  }
  return Math.max(whole, ending + beginning + short);
}
