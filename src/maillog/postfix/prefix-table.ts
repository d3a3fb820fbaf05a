// A table of message prefixes: finds the matching one by two letters, since most messages match none.

import { Words } from '../syslog/words.ts';

export interface Beginning {
  readonly words: string;
}

/** The first letter and the fourth: they distinguish nearly all messages of Postfix. */
const SECOND = 3;
const LETTERS = 32;
const MASK = LETTERS - 1;

interface Bucket<T> {
  readonly words: readonly Words[];
  readonly all: readonly T[];
}

export class Beginnings<T extends Beginning> {
  /** with the words apart: there are many kinds of T, and to read them from each would cost as much as to compare */
  readonly #byLetters: readonly Bucket<T>[];

  /** @param all of four letters or more; of two that fit, the first is found */
  constructor(all: readonly T[]) {
    this.#byLetters = Array.from({ length: LETTERS * LETTERS }, (_, letters) => {
      const fitting = all.filter(({ words }) => lettersOf(words, 0) === letters);
      return { words: fitting.map(({ words }) => new Words(words)), all: fitting };
    });
  }

  /** @param from where in the message the words would begin */
  of(message: string, from: number): T | undefined {
    const bucket = this.#byLetters[lettersOf(message, from)];
    if (bucket === undefined) return undefined;
    const { words } = bucket;
    for (let i = 0; i < words.length; i++) if (words[i]?.standAt(message, from)) return bucket.all[i];
    return undefined;
  }
}

/** Below LETTERS * LETTERS; 0 in the place of a letter that is not there. */
function lettersOf(text: string, from: number): number {
  return (text.charCodeAt(from) & MASK) * LETTERS + (text.charCodeAt(from + SECOND) & MASK);
}
