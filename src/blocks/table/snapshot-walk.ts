// One pass over all records of the table that exist when it starts, each as it is then.

import type { Queue } from './queue.ts';
import type { ClientRecord } from './record.ts';
import { NO_SLOT, type SingleEventClients, type Slot } from './single-event-clients.ts';

/** Where the records of a table are. */
export interface Walked {
  /** in the order in which they are walked */
  readonly queues: readonly Queue<ClientRecord>[];
  /** after them */
  readonly singles: SingleEventClients;
}

/** Takes what a walk gives out. */
export interface Taker {
  take(record: ClientRecord): void;
  /** Takes a client with a single event. */
  takeSlot(slot: Slot): void;
  /** All records of the first queue have been given out, and perhaps some of others. */
  afterFirst(): void;
}

/** The walks of one table, one at a time. Every change of the table is reported here before it is made. */
export class Walks {
  #count = 0;
  #walk: Walk | undefined;

  /** Walks that were ever started: a record that is added now is of no interest to any of them. */
  get count(): number {
    return this.#count;
  }

  start(walked: Walked, taker: Taker): Walk {
    const walk = new Walk(++this.#count, walked, taker, () => {
      if (this.#walk === walk) this.#walk = undefined;
    });
    this.#walk = walk;
    return walk;
  }

  /** A record changes. */
  keep(record: ClientRecord): void {
    this.#walk?.keep(record);
  }

  /** A record leaves its place in a queue. */
  leaving(record: ClientRecord): void {
    this.#walk?.leaving(record);
  }

  /** A client with a single event leaves its slot. */
  leavingSlot(slot: Slot): void {
    this.#walk?.leavingSlot(slot);
  }
}

export class Walk {
  readonly #number: number;
  readonly #queues: readonly Queue<ClientRecord>[];
  readonly #singles: SingleEventClients;
  readonly #taker: Taker;
  readonly #onEnd: () => void;
  #queue = 0;
  #cursor: ClientRecord | undefined;
  /** among the clients with a single event, once the queues are done */
  #slot: Slot | undefined;

  constructor(number: number, { queues, singles }: Walked, taker: Taker, onEnd: () => void) {
    this.#number = number;
    this.#queues = queues;
    this.#singles = singles;
    this.#taker = taker;
    this.#onEnd = onEnd;
    this.#cursor = queues[0]?.first;
  }

  /**
   * Gives out at most `count` records more.
   * @param isEnough called after each record: some have a thousand times the length of others
   * @returns false when all have been given out
   */
  step(count: number, isEnough: () => boolean = () => false): boolean {
    let left = count;
    for (let record = this.#next(); record !== undefined && left > 0; record = this.#next(), left--) {
      this.#cursor = record.next;
      this.keep(record);
      if (isEnough()) return true;
    }
    if (left === 0) return true;
    this.#slot ??= this.#singles.first;
    for (; left > 0 && this.#slot !== NO_SLOT; left--) this.leavingSlot(this.#slot);
    if (left === 0) return true;
    this.#onEnd();
    return false;
  }

  /** Gives up before the end: the table need no longer give out records before they change. */
  abandon(): void {
    this.#onEnd();
  }

  keep(record: ClientRecord): void {
    if (record.saved === this.#number) return;
    record.saved = this.#number;
    this.#taker.take(record);
  }

  /** The record that is next in the queues. */
  #next(): ClientRecord | undefined {
    while (this.#cursor === undefined && this.#queue < this.#queues.length) {
      if (this.#queue === 0) this.#taker.afterFirst();
      this.#cursor = this.#queues[++this.#queue]?.first;
    }
    return this.#cursor;
  }

  /** The record under the cursor leaves its place: it may come back behind all records that are still to be seen. */
  leaving(record: ClientRecord): void {
    if (this.#cursor !== record) return;
    this.#cursor = record.next;
    this.keep(record);
  }

  /** The client in this slot leaves it, or is given out. */
  leavingSlot(slot: Slot): void {
    if (this.#slot === slot) this.#slot = this.#singles.after(slot);
    if (this.#singles.savedAt(slot) === this.#number) return;
    this.#singles.setSaved(slot, this.#number);
    this.#taker.takeSlot(slot);
  }
}
