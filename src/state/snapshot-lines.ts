// Lines of a snapshot that wait to be written, with commas between them: as a walk gives them, or a client that changes.

/** Characters of a chunk; V8 lays out longer texts in new pages of the system's, ten times as slowly. */
const CHUNK = 1 << 16;

/** A walk over clients. */
interface Steps {
  step(count: number, isEnough: () => boolean): boolean;
  abandon(): void;
}

export class SnapshotLines {
  readonly #walk: Steps;
  readonly #chunks: string[] = [];
  #text = '';
  #count = 0;

  /** @param start starts a walk, which adds a line for each client */
  constructor(start: (add: (line: string) => void) => Steps) {
    this.#walk = start((line) => this.#add(line));
  }

  /** Lines so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * Gathers the lines of at most `count` clients more, or a chunk of them.
   * @returns false when the walk has ended, and less than a chunk is left
   */
  gather(count: number): boolean {
    return this.#chunks.length > 0 || this.#walk.step(count, () => this.#chunks.length > 0);
  }

  /** The oldest chunk, where one is full. */
  takeChunk(): string | undefined {
    return this.#chunks.shift();
  }

  /** All that is left, with the end of the last line. */
  takeRest(): string {
    return this.#count === 0 ? '' : `${this.#chunks.join('')}${this.#text}\n`;
  }

  /** Gives up before the end. */
  abandon(): void {
    this.#walk.abandon();
  }

  #add(line: string): void {
    this.#text += this.#count++ === 0 ? line : `,\n${line}`;
    if (this.#text.length < CHUNK) return;
    this.#chunks.push(this.#text);
    this.#text = '';
  }
}
