// A text that is looked for at one place of each line: compared eight bytes at a time, since V8 compares strings by the
// character, in ten times the time.

import { own } from '../../values/detached-string.ts';
import { type LogText, logTextOf } from './log-text.ts';

/** Bytes of a word, and the shortest prefix. */
export const WORD = 8;

export class Prefix {
  readonly text: string;
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
      bytes.getFloat64(Math.min(i * WORD, last)),
    );
    this.text = own(text);
    this.#first = words[0] ?? 0;
    this.#last = words.at(-1) ?? 0;
    this.#between = Float64Array.from(words.slice(1, -1));
    this.#isInexact = words.some((word) => word === 0 || Number.isNaN(word));
  }

  standsAt({ text, bytes }: LogText, from: number): boolean {
    const end = from + this.text.length;
    if (end > text.length) return false;
    if (this.#isInexact) return text.startsWith(this.text, from);
    // The end differs more often than the beginning.
    if (bytes.getFloat64(end - WORD) !== this.#last || bytes.getFloat64(from) !== this.#first) return false;
    const between = this.#between;
    for (let i = 0, place = from + WORD; i < between.length; i++, place += WORD)
      if (bytes.getFloat64(place) !== between[i]) return false;
    return true;
  }
}
