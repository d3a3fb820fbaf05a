// What messages begin with: finds the one that fits by two of its letters, since most messages begin like none of them.

export interface Beginning {
  readonly words: string;
}

/** The first letter and the fourth: those tell nearly all that Postfix says apart. */
const SECOND = 3;
const LETTERS = 32;
const MASK = LETTERS - 1;

export class Beginnings<T extends Beginning> {
  readonly #byLetters: readonly (readonly T[])[];

  /** @param all of four letters or more; of two that fit, the first is found */
  constructor(all: readonly T[]) {
    this.#byLetters = Array.from({ length: LETTERS * LETTERS }, (_, letters) =>
      all.filter(({ words }) => lettersOf(words) === letters),
    );
  }

  of(message: string): T | undefined {
    const candidates = this.#byLetters[lettersOf(message)];
    if (candidates === undefined) return undefined;
    for (const candidate of candidates) if (message.startsWith(candidate.words)) return candidate;
    return undefined;
  }
}

/** Below LETTERS * LETTERS; 0 in the place of a letter that is not there. */
function lettersOf(text: string): number {
  return (text.charCodeAt(0) & MASK) * LETTERS + (text.charCodeAt(SECOND) & MASK);
}
