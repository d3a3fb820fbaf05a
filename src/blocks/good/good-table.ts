// The clients with good events: found by key, and ranked by standing and by when they were last seen.

import { isIPv4, KEY_LENGTH, keyHash, readKey, type ShortKey } from '../table/key-words.ts';
import { GoodShard, LATEST, NEXT, PREVIOUS } from './good-shard.ts';
import { Growth } from './growth.ts';

/** Each shard holds some thousand of a million clients: its arrays grow in less time than a verdict may wait. */
const FAMILY_BITS = 8;
const FAMILY_SHARDS = 1 << FAMILY_BITS;
/** The shards of IPv4 clients, and as many of IPv6 clients behind them. */
const SHARD_BITS = FAMILY_BITS + 1;
const SHARDS = 1 << SHARD_BITS;
/** s; a client that is seen again keeps its rank for so long: it need not be moved with each event */
const RANK_STEP = 64;

/** Where a client lies for as long as it is here: its shard, and above that its index there. */
export type Slot = number;

/** The slot of no client. */
export const NO_SLOT: Slot = 0xffff_ffff;

/** Clients of one standing, linked in the order in which they were last seen. */
interface Rank {
  first: Slot;
  last: Slot;
  size: number;
}

export class GoodTable {
  /** made with their first client */
  readonly #shards: (GoodShard | undefined)[] = [];
  readonly #key = new Uint32Array(KEY_LENGTH);
  readonly #growth = new Growth(() => this.size);
  readonly #others: Rank = { first: NO_SLOT, last: NO_SLOT, size: 0 };
  readonly #standing: Rank = { first: NO_SLOT, last: NO_SLOT, size: 0 };

  get size(): number {
    return this.#others.size + this.#standing.size;
  }

  /** So many clients are about to be added. */
  expect(clients: number): void {
    this.#growth.expect(clients);
  }

  /** The client to evict next: one without standing if there is any, the one seen longest ago; never `except`. */
  least(except: Slot): Slot {
    for (const rank of [this.#others, this.#standing]) {
      const slot = rank.first === except && except !== NO_SLOT ? this.after(except) : rank.first;
      if (slot !== NO_SLOT) return slot;
    }
    return NO_SLOT;
  }

  /** The client of a rank that was seen longest ago, or NO_SLOT. */
  oldest(rank: 'others' | 'standing'): Slot {
    return rank === 'others' ? this.#others.first : this.#standing.first;
  }

  /** The client after this one in its rank; NO_SLOT after the last. */
  after(slot: Slot): Slot {
    return this.shardOf(slot).get(indexOf(slot), NEXT);
  }

  /** The slot of the client of this key, or NO_SLOT. */
  find(key: string): Slot {
    if (this.size === 0 || !readKey(key, this.#key)) return NO_SLOT;
    const hash = keyHash(this.#key, 0);
    const number = shardNumberOf(this.#key, hash);
    const index = this.#shards[number]?.find(this.#key, hash) ?? -1;
    return index < 0 ? NO_SLOT : slotOf(number, index);
  }

  /**
   * Adds a client, seen last.
   * @param seconds of its first event, since 1970
   * @returns its slot; NO_SLOT where it is here already
   */
  add(key: ShortKey, seconds: number, isStanding: boolean): Slot {
    if (!readKey(key, this.#key)) throw new Error(`${key} is not a client key`);
    const hash = keyHash(this.#key, 0);
    const number = shardNumberOf(this.#key, hash);
    const shard = this.#shards[number] ?? new GoodShard(number < FAMILY_SHARDS, this.#growth);
    this.#shards[number] = shard;
    if (shard.find(this.#key, hash) >= 0) return NO_SLOT;
    const index = shard.add(this.#key, hash);
    const slot = slotOf(number, index);
    shard.set(index, LATEST, seconds);
    this.#append(slot, isStanding);
    this.#growth.added();
    return slot;
  }

  remove(slot: Slot): void {
    this.#unlink(slot);
    this.shardOf(slot).remove(indexOf(slot));
  }

  /** A client is seen. @param seconds of the event, since 1970; those of the one before are LATEST */
  see(slot: Slot, seconds: number, isStanding: boolean): void {
    const shard = this.shardOf(slot);
    const index = indexOf(slot);
    const before = shard.get(index, LATEST);
    if (seconds > before) shard.set(index, LATEST, seconds);
    const isLater = Math.floor(seconds / RANK_STEP) > Math.floor(before / RANK_STEP);
    if (isLater || shard.isRankedStanding(index) !== isStanding) this.moveToEnd(slot, isStanding);
  }

  moveToEnd(slot: Slot, isStanding: boolean): void {
    this.#unlink(slot);
    this.#append(slot, isStanding);
  }

  shardOf(slot: Slot): GoodShard {
    const shard = this.#shards[slot & (SHARDS - 1)];
    if (shard === undefined) throw new Error('no such shard');
    return shard;
  }

  #append(slot: Slot, isStanding: boolean): void {
    const rank = isStanding ? this.#standing : this.#others;
    this.shardOf(slot).setRankedStanding(indexOf(slot), isStanding);
    this.#link(rank, rank.last, slot);
    this.#link(rank, slot, NO_SLOT);
    rank.size++;
  }

  #unlink(slot: Slot): void {
    const shard = this.shardOf(slot);
    const index = indexOf(slot);
    const rank = shard.isRankedStanding(index) ? this.#standing : this.#others;
    this.#link(rank, shard.get(index, PREVIOUS), shard.get(index, NEXT));
    rank.size--;
  }

  /** Makes two neighbours; NO_SLOT before the first and after the last. */
  #link(rank: Rank, before: Slot, after: Slot): void {
    if (before === NO_SLOT) rank.first = after;
    else this.shardOf(before).set(indexOf(before), NEXT, after);
    if (after === NO_SLOT) rank.last = before;
    else this.shardOf(after).set(indexOf(after), PREVIOUS, before);
  }
}

/** The number of the shard in which a slot lies. */
export function shardOfSlot(slot: Slot): number {
  return slot & (SHARDS - 1);
}

/** The index of a slot in its shard. */
export function indexOf(slot: Slot): number {
  return slot >>> SHARD_BITS;
}

/** The upper bits of the hash: within a shard the lower ones find the client. */
function shardNumberOf(key: Uint32Array, hash: number): number {
  return (hash >>> (32 - FAMILY_BITS)) + (isIPv4(key, 0) ? 0 : FAMILY_SHARDS);
}

function slotOf(number: number, index: number): Slot {
  return index * SHARDS + number;
}
