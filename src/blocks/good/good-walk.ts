// One pass over all clients with good events that are there when it starts, each as it is then.

import { type GoodTable, indexOf, NO_SLOT, type Slot } from './good-table.ts';

/** The walks of one table, one at a time. Every change of a client is reported here before it is made. */
export class GoodWalks {
  readonly #table: GoodTable;
  #count = 0;
  #walk: GoodWalk | undefined;

  constructor(table: GoodTable) {
    this.#table = table;
  }

  start(take: (slot: Slot) => void): GoodWalk {
    const walk = new GoodWalk(++this.#count, this.#table, take, () => {
      if (this.#walk === walk) this.#walk = undefined;
    });
    this.#walk = walk;
    return walk;
  }

  /** A client changes, or leaves its slot or its place in the order. */
  leaving(slot: Slot): void {
    this.#walk?.leaving(slot);
  }

  /** A client was added: it is of no interest to any walk that was started. */
  added(slot: Slot): void {
    this.#table.shardOf(slot).setSaved(indexOf(slot), this.#count);
  }
}

export class GoodWalk {
  readonly #number: number;
  readonly #table: GoodTable;
  readonly #take: (slot: Slot) => void;
  readonly #onEnd: () => void;
  /** that are still to be seen: what is evicted first stands first, so that it is evicted first when it is read */
  readonly #ranks: ('others' | 'standing')[] = ['others', 'standing'];
  #slot: Slot;

  constructor(number: number, table: GoodTable, take: (slot: Slot) => void, onEnd: () => void) {
    this.#number = number;
    this.#table = table;
    this.#take = take;
    this.#onEnd = onEnd;
    this.#slot = NO_SLOT;
  }

  /**
   * Gives out at most `count` clients more.
   * @param isEnough called after each client
   * @returns false when all have been given out
   */
  step(count: number, isEnough: () => boolean = () => false): boolean {
    for (let left = count; left > 0; left--) {
      for (let rank = this.#next(); rank !== undefined; rank = this.#next())
        this.#slot = this.#table.oldest(rank);
      if (this.#slot === NO_SLOT) {
        this.#onEnd();
        return false;
      }
      this.leaving(this.#slot);
      if (isEnough()) return true;
    }
    return true;
  }

  #next(): 'others' | 'standing' | undefined {
    return this.#slot === NO_SLOT ? this.#ranks.shift() : undefined;
  }

  /** Gives up before the end: the table need no longer give out clients before they change. */
  abandon(): void {
    this.#onEnd();
  }

  /** The client in this slot changes or leaves it, or is given out. */
  leaving(slot: Slot): void {
    if (this.#slot === slot) this.#slot = this.#table.after(slot);
    const shard = this.#table.shardOf(slot);
    const index = indexOf(slot);
    if (shard.isSaved(index, this.#number)) return;
    shard.setSaved(index, this.#number);
    this.#take(slot);
  }
}
