// One pass over all records of the table that existed when it began, each as it was then.

import type { Queue } from './queue.ts';
import type { ClientRecord } from './record.ts';
import { type Crowd, NOBODY, type Place } from './single-event-clients.ts';

/** Where the records of a table are. */
export interface Walked {
  /** in the order in which they are walked */
  readonly queues: readonly Queue<ClientRecord>[];
  /** after them */
  readonly crowd: Crowd;
}

export class Walk {
  readonly #number: number;
  readonly #queues: readonly Queue<ClientRecord>[];
  readonly #crowd: Crowd;
  readonly #take: (record: ClientRecord) => void;
  readonly #onEnd: () => void;
  #queue = 0;
  #cursor: ClientRecord | undefined;
  /** in the crowd, once the queues are done */
  #place: Place | undefined;

  constructor(
    number: number,
    { queues, crowd }: Walked,
    take: (record: ClientRecord) => void,
    onEnd: () => void,
  ) {
    this.#number = number;
    this.#queues = queues;
    this.#crowd = crowd;
    this.#take = take;
    this.#onEnd = onEnd;
    this.#cursor = queues[0]?.first;
  }

  /**
   * Goes on for at most `count` records; false when all have been given out.
   * @param isEnough asked after each record: some have a thousand times the length of others
   */
  step(count: number, isEnough: () => boolean = () => false): boolean {
    let left = count;
    for (let record = this.#next(); record !== undefined && left > 0; record = this.#next(), left--) {
      this.#cursor = record.next;
      this.keep(record);
      if (isEnough()) return true;
    }
    if (left === 0) return true;
    this.#place ??= this.#crowd.first;
    for (; left > 0 && this.#place !== NOBODY; left--) this.leavingPlace(this.#place);
    if (left === 0) return true;
    this.#onEnd();
    return false;
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

  /** The record that is next in the queues. */
  #next(): ClientRecord | undefined {
    while (this.#cursor === undefined && this.#queue < this.#queues.length)
      this.#cursor = this.#queues[++this.#queue]?.first;
    return this.#cursor;
  }

  /** The record under the cursor leaves its place: it may come back behind everything that is still to be seen. */
  leaving(record: ClientRecord): void {
    if (this.#cursor !== record) return;
    this.#cursor = record.next;
    this.keep(record);
  }
  /** The client at this place of the crowd leaves it, or is left behind. */
  leavingPlace(place: Place): void {
    if (this.#place === place) this.#place = this.#crowd.after(place);
    const record = this.#crowd.at(place);
    this.keep(record);
    this.#crowd.setSaved(place, record.saved);
  }
}
