// An open input of a replay, with the records of it that were read and not taken yet.

import type { LogRecord } from '../../maillog/syslog/record.ts';
import type { LogInput } from './input.ts';

/** Records that are read ahead of their turn at most. */
const MOST_AHEAD = 1 << 15;

export class Head {
  readonly input: LogInput;
  #records: readonly LogRecord[] = [];
  #place = 0;
  #begin: number | undefined;
  #last = Number.NEGATIVE_INFINITY;
  #isAtEnd = false;

  constructor(input: LogInput) {
    this.input = input;
    this.#begin = input.firstTime;
  }

  /** ms since 1970: when its next record was written; undefined where all that were read have been taken. */
  get at(): number | undefined {
    return this.#records[this.#place]?.at;
  }

  /** ms since 1970: when it begins; undefined while no line of it tells. */
  get begin(): number | undefined {
    return this.#begin;
  }

  /** Whether it begins within `margin` ms before a moment, or later. */
  beginsNear(at: number, margin: number): boolean {
    return this.#begin === undefined || at - this.#begin <= margin;
  }

  /** Whether it ends within `margin` ms behind a moment, or earlier, as far as it was read ahead. */
  endsNear(at: number, margin: number): boolean {
    return this.#isAtEnd && this.#last - at <= margin;
  }

  /**
   * Reads on where all records have been taken.
   *
   * @returns false at the end of the input
   */
  async refill(): Promise<boolean> {
    return this.at !== undefined || (await this.#more());
  }

  /** Reads ahead up to a record that was written after `until` (ms since 1970), or to the end. */
  async lookAhead(until: number): Promise<void> {
    while (this.#last <= until && this.#records.length - this.#place < MOST_AHEAD)
      if (!(await this.#more())) return;
  }

  /**
   * Takes the next records in the order of the input: those written before `before`, and none after `upTo` (ms since
   * 1970), which either may be infinite.
   */
  take(before: number, upTo: number): readonly LogRecord[] {
    const records = this.#records;
    const from = this.#place;
    let end = from;
    if (before === Number.POSITIVE_INFINITY && upTo === before) end = records.length;
    for (; end < records.length; end++) {
      const at = records[end]?.at ?? 0;
      if (at >= before || at > upTo) break;
    }
    this.#place = end;
    return from === 0 && end === records.length ? records : records.slice(from, end);
  }

  async #more(): Promise<boolean> {
    const more = this.#isAtEnd ? undefined : await this.input.read();
    if (more === undefined) {
      this.#isAtEnd = true;
      return false;
    }
    this.#begin ??= more[0]?.at;
    this.#last = more.at(-1)?.at ?? this.#last;
    this.#records = this.at === undefined ? more : [...this.#records.slice(this.#place), ...more];
    this.#place = 0;
    return true;
  }
}
