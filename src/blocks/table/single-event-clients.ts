// The clients of which one event is known and nothing else: nearly all of a million, in some bytes each and no object.

import { timeOf } from '../events/window.ts';
import { KEY_LENGTH, keyHash, readKey, type ShortKey } from './key-words.ts';
import { ClientRecord } from './record.ts';
import { SingleEventShard } from './single-event-shard.ts';

/** Each shard holds some thousand of a million clients: its arrays grow in less time than a verdict may wait. */
const SHARD_BITS = 6;
const SHARDS = 1 << SHARD_BITS;

/** Where a client lies for as long as it is here: its shard, and above that its index there. */
export type Slot = number;

/** The slot of no client. */
export const NO_SLOT: Slot = -1;

/** One of them, without a record. */
export interface SingleEvent {
  readonly key: ShortKey;
  /** as a window holds it */
  readonly stamp: number;
  /** 0 where it is not known */
  readonly user: number;
}

/** In the order in which they were added. A record of one of them is made when it is asked for. */
export class SingleEventClients {
  readonly #shards = Array.from({ length: SHARDS }, () => new SingleEventShard());
  readonly #key = new Uint32Array(KEY_LENGTH);
  #first: Slot = NO_SLOT;
  #last: Slot = NO_SLOT;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The one that was added first; NO_SLOT where none is left. */
  get first(): Slot {
    return this.#first;
  }

  /** The one that was added next; NO_SLOT after the last. */
  after(slot: Slot): Slot {
    return this.#shardOf(slot).next(indexOf(slot));
  }

  /** The slot of the client of this key, or NO_SLOT. */
  find(key: string): Slot {
    if (this.#size === 0 || !readKey(key, this.#key)) return NO_SLOT;
    const hash = keyHash(this.#key, 0);
    const number = shardNumberOf(hash);
    const index = this.#shardOf(number).find(this.#key, hash);
    return index < 0 ? NO_SLOT : slotOf(number, index);
  }

  /** A new record of the client in this slot. */
  recordAt(slot: Slot): ClientRecord {
    const shard = this.#shardOf(slot);
    const index = indexOf(slot);
    const stamp = shard.stamp(index);
    const user = shard.user(index);
    const failures = user === 0 ? undefined : [timeOf(stamp), user];
    const record = new ClientRecord(shard.keyText(index), [stamp], failures);
    record.saved = shard.saved(index);
    return record;
  }

  /** What is known of the client in this slot. */
  eventAt(slot: Slot): SingleEvent {
    const shard = this.#shardOf(slot);
    const index = indexOf(slot);
    return { key: shard.shortKey(index), stamp: shard.stamp(index), user: shard.user(index) };
  }

  /** The one event of the client in this slot, as a window holds it. */
  stampAt(slot: Slot): number {
    return this.#shardOf(slot).stamp(indexOf(slot));
  }

  /** Number of the snapshot that holds the client in this slot already. */
  savedAt(slot: Slot): number {
    return this.#shardOf(slot).saved(indexOf(slot));
  }

  /** Sets the number of the snapshot that holds the client in this slot. */
  setSaved(slot: Slot, number: number): void {
    this.#shardOf(slot).setSaved(indexOf(slot), number);
  }

  /**
   * @param stamp of its one event, as a window holds it
   * @param saved number of the snapshot that holds it already
   * @param user of that event; 0 where it is not known
   * @returns false where the client is here already
   */
  add(key: ShortKey, stamp: number, saved: number, user = 0): boolean {
    if (!readKey(key, this.#key)) throw new Error(`${key} is not a client key`);
    const hash = keyHash(this.#key, 0);
    const number = shardNumberOf(hash);
    const shard = this.#shardOf(number);
    if (shard.find(this.#key, hash) >= 0) return false;
    const index = shard.add(this.#key, hash, stamp, saved);
    shard.setUser(index, user);
    const slot = slotOf(number, index);
    this.#link(this.#last, slot);
    this.#link(slot, NO_SLOT);
    this.#size++;
    return true;
  }

  remove(slot: Slot): void {
    const shard = this.#shardOf(slot);
    const index = indexOf(slot);
    this.#link(shard.previous(index), shard.next(index));
    shard.remove(index);
    this.#size--;
  }

  /** Makes two neighbours; NO_SLOT before the first and after the last. */
  #link(before: Slot, after: Slot): void {
    if (before === NO_SLOT) this.#first = after;
    else this.#shardOf(before).setNext(indexOf(before), after);
    if (after === NO_SLOT) this.#last = before;
    else this.#shardOf(after).setPrevious(indexOf(after), before);
  }

  #shardOf(slot: Slot): SingleEventShard {
    const shard = this.#shards[slot & (SHARDS - 1)];
    if (shard === undefined) throw new Error('no such shard');
    return shard;
  }
}

/** The upper bits of the hash: within a shard the lower ones find the client. */
function shardNumberOf(hash: number): number {
  return hash >>> (32 - SHARD_BITS);
}

function slotOf(number: number, index: number): Slot {
  return index * SHARDS + number;
}

function indexOf(slot: Slot): number {
  return slot >>> SHARD_BITS;
}
