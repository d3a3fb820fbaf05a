// The records of a replay: how many there are, their first and last times, and how many --since and --until leave out.

import { isoTextOf } from '../../values/iso-time.ts';
import type { WhatWasRead } from './report.ts';

/** All times in ms since 1970. */
export class RecordSpan {
  readonly #since: number;
  readonly #until: number;
  #records = 0;
  #leftOut = 0;
  /** of the records that count */
  #from = Number.POSITIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;
  /** of all records */
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  /** Records before `since`, and from `until` on, are left out. */
  constructor(since: number, until: number) {
    this.#since = since;
    this.#until = until;
  }

  /** @returns false for a record that is left out */
  take(at: number): boolean {
    if (at < this.#first) this.#first = at;
    if (at > this.#last) this.#last = at;
    if (at < this.#since || at >= this.#until) {
      this.#leftOut++;
      return false;
    }
    this.#records++;
    if (at < this.#from) this.#from = at;
    if (at > this.#to) this.#to = at;
    return true;
  }

  /** Records that count. */
  get count(): number {
    return this.#records;
  }

  /** The time of the newest record that counts; -Infinity before the first. */
  get to(): number {
    return this.#to;
  }

  get report(): Pick<WhatWasRead, 'records' | 'from' | 'to' | 'leftOut' | 'first' | 'last'> {
    return {
      records: this.#records,
      from: isoOf(this.#from),
      to: isoOf(this.#to),
      leftOut: this.#leftOut,
      first: isoOf(this.#first),
      last: isoOf(this.#last),
    };
  }
}

/** @param at infinite where there is no record */
function isoOf(at: number): string | null {
  return isoTextOf(at) ?? null;
}
