// A text that is looked for at one place of each line: compared eight bytes at a time, since V8 compares strings by the
// character, in ten times the time.

import { own } from '../../values/detached-string.ts';
import { type LogText, logTextOf } from './log-text.ts';

/** Bytes of a word, and the shortest prefix. */
export const WORD = 8;

export class Prefix {
  readonly text: string;
  readonly #length: number;
  /** as numbers of eight bytes; the last word ends where the text ends, and may overlap the one before */
  readonly #first: number;
  readonly #last: number;
  readonly #between: Float64Array;
  /** two texts with different bytes may give equal numbers, or the same text unequal ones: 0 and -0, NaN */
  readonly #isInexact: boolean;

  /** @param text of WORD characters or more up to U+00FF, each of which stands for a byte */
  constructor(text: string) {
    const { bytes } = logTextOf(text);
    const last = text.length - WORD;
    const words = Array.from({ length: Math.ceil(text.length / WORD) }, (_, i) =>
      wordAt(bytes, Math.min(i * WORD, last)),
    );
    this.#isInexact = words.some((word) => word === 0 || Number.isNaN(word));
    this.text = own(text);
    this.#length = text.length;
    this.#first = words[0] ?? 0;
    this.#last = this.#isInexact ? Number.NaN : (words.at(-1) ?? 0);
    this.#between = Float64Array.from(words.slice(1, -1));
  }

  standsAt(log: LogText, from: number): boolean {
    const end = from + this.#length;
    return end <= log.text.length && this.fills(log, from, end);
  }

  /** Whether it stands from `from` to `to`, which are within the text. */
  fills({ text, bytes }: LogText, from: number, to: number): boolean {
    if (to - from !== this.#length) return false;
    // The end differs more often than the beginning.
    const isEnd = wordAt(bytes, to - WORD) === this.#last;
    if (!isEnd || wordAt(bytes, from) !== this.#first)
      return !isEnd && this.#isInexact && text.startsWith(this.text, from);
    const between = this.#between;
    for (let i = 0, place = from + WORD; i < between.length; i++, place += WORD)
      if (wordAt(bytes, place) !== between[i]) return false;
    return true;
  }
}

/** Eight bytes in the order in which V8 reads them fastest. */
export function wordAt(bytes: DataView, place: number): number {
  return bytes.getFloat64(place, true);
}
