// Lines of a snapshot that wait to be written: as a walk gives them, or a client that changes.

import { LineBytes } from './line-bytes.ts';

/** A walk over clients. */
interface Steps {
  step(count: number, isEnough: () => boolean): boolean;
  abandon(): void;
}

export class SnapshotLines {
  readonly #bytes = new LineBytes();
  readonly #isFull = () => this.#bytes.isFull;
  readonly #walk: Steps;

  /** @param start starts a walk, which adds a line for each client */
  constructor(start: (lines: LineBytes) => Steps) {
    this.#walk = start(this.#bytes);
  }

  /** Lines so far. */
  get count(): number {
    return this.#bytes.count;
  }

  /**
   * Gathers the lines of at most `count` clients more, or a chunk of them.
   * @returns false when the walk has ended, and less than a chunk is left
   */
  gather(count: number): boolean {
    return this.#bytes.isFull || this.#walk.step(count, this.#isFull);
  }

  /** Writes the oldest chunk, where one is full. @returns false where none is */
  async writeChunk(write: (bytes: Buffer) => Promise<void>): Promise<boolean> {
    const chunk = this.#bytes.takeFull();
    if (chunk === undefined) return false;
    await write(chunk);
    this.#bytes.reuse(chunk);
    return true;
  }

  /** Writes all that is left. */
  async writeRest(write: (bytes: Buffer) => Promise<void>): Promise<void> {
    while (await this.writeChunk(write));
    await write(this.#bytes.takeLast());
  }

  /** Gives up before the end. */
  abandon(): void {
    this.#walk.abandon();
  }
}
