// One pass over all records of the table that existed when it began, each as it was then.

import type { ClientRecord, RecordQueue } from './record.ts';

export class Walk {
  readonly #number: number;
  readonly #queues: readonly RecordQueue[];
  readonly #take: (record: ClientRecord) => void;
  readonly #onEnd: () => void;
  #queue = 0;
  #cursor: ClientRecord | undefined;

  constructor(
    number: number,
    queues: readonly RecordQueue[],
    take: (record: ClientRecord) => void,
    onEnd: () => void,
  ) {
    this.#number = number;
    this.#queues = queues;
    this.#take = take;
    this.#onEnd = onEnd;
    this.#cursor = queues[0]?.first;
  }

  /** Goes on for at most `count` records; false when all have been given out. */
  step(count: number): boolean {
    for (let left = count; left > 0; left--) {
      while (this.#cursor === undefined) {
        this.#cursor = this.#queues[++this.#queue]?.first;
        if (this.#queue >= this.#queues.length) {
          this.#onEnd();
          return false;
        }
      }
      const record: ClientRecord = this.#cursor;
      this.#cursor = record.next;
      this.keep(record);
    }
    return true;
  }

  /** Gives up before the end: the table need no longer keep what was. */
  abandon(): void {
    this.#onEnd();
  }

  keep(record: ClientRecord): void {
    if (record.saved === this.#number) return;
    record.saved = this.#number;
    this.#take(record);
  }

  /** The record under the cursor leaves its place: it may come back behind everything that is still to be seen. */
  leaving(record: ClientRecord): void {
    if (this.#cursor !== record) return;
    this.#cursor = record.next;
    this.keep(record);
  }
}
