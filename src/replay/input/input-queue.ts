// The queue of an open input: the records that were read from it and not yet taken.

import type { LogRecord } from '../../maillog/syslog/record.ts';
import type { LogInput } from './input.ts';

/** Records that are read ahead at most. */
const MAX_AHEAD = 1 << 15;

export class InputQueue {
  readonly input: LogInput;
  #records: readonly LogRecord[] = [];
  #next = 0;
  #begin: number | undefined;
  #last = Number.NEGATIVE_INFINITY;
  #isAtEnd = false;

  constructor(input: LogInput) {
    this.input = input;
    this.#begin = input.firstTime;
  }

  /** ms since 1970: when its next record was written; undefined when all records that were read have been taken. */
  get at(): number | undefined {
    return this.#records[this.#next]?.at;
  }

  /** ms since 1970: when it begins; undefined while no line of it has a time. */
  get begin(): number | undefined {
    return this.#begin;
  }

  /** Whether it begins within `margin` ms before a moment, or later. */
  beginsNear(at: number, margin: number): boolean {
    return this.#begin === undefined || at - this.#begin <= margin;
  }

  /** Whether it ends within `margin` ms after a moment, or earlier, as far as it was read ahead. */
  endsNear(at: number, margin: number): boolean {
    return this.#isAtEnd && this.#last - at <= margin;
  }

  /**
   * Reads on when all records have been taken.
   *
   * @returns false at the end of the input
   */
  async refill(): Promise<boolean> {
    return this.at !== undefined || (await this.#more());
  }

  /** Reads ahead up to a record that was written after `until` (ms since 1970), or to the end. */
  async lookAhead(until: number): Promise<void> {
    while (this.#last <= until && this.#records.length - this.#next < MAX_AHEAD)
      if (!(await this.#more())) return;
  }

  /**
   * Takes the next records in the order of the input: those written before `before`, but none after `upTo` (both in ms
   * since 1970, or infinite).
   */
  take(before: number, upTo: number): readonly LogRecord[] {
    const records = this.#records;
    const from = this.#next;
    let end = from;
    if (before === Number.POSITIVE_INFINITY && upTo === before) end = records.length;
    for (; end < records.length; end++) {
      const at = records[end]?.at ?? 0;
      if (at >= before || at > upTo) break;
    }
    this.#next = end;
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
    this.#records = this.at === undefined ? more : [...this.#records.slice(this.#next), ...more];
    this.#next = 0;
    return true;
  }
}
