// What messages begin with: finds the one that fits by its first letter, since most messages begin like none of them.

export interface Beginning {
  readonly words: string;
}

export class Beginnings<T extends Beginning> {
  readonly #byLetter: readonly (readonly T[])[];

  /** @param all in ASCII; of two that fit, the first is found */
  constructor(all: readonly T[]) {
    this.#byLetter = Array.from({ length: 128 }, (_, code) =>
      all.filter(({ words }) => words.charCodeAt(0) === code),
    );
  }

  of(message: string): T | undefined {
    const candidates = this.#byLetter[message.charCodeAt(0)];
    if (candidates === undefined) return undefined;
    for (const candidate of candidates) if (message.startsWith(candidate.words)) return candidate;
    return undefined;
  }
}
