// The clients of whom one event is known and nothing else: nearly all of a million, so they cost some bytes and no object.

import { KEY_LENGTH, keyHash, readKey } from './key-words.ts';
import { ClientRecord } from './record.ts';
import { CrowdShard } from './single-event-shard.ts';

/** Each part holds some thousand clients of a million, and has grown before anybody waits for it. */
const SHARD_BITS = 6;
const SHARDS = 1 << SHARD_BITS;

/** Where a client lies for as long as it is here: its shard, and above that its slot there. */
export type Place = number;

/** The place of nobody. */
export const NOBODY: Place = -1;

/** In the order in which they came. A record of one of them is made when it is asked for. */
export class Crowd {
  readonly #shards = Array.from({ length: SHARDS }, () => new CrowdShard());
  readonly #key = new Uint32Array(KEY_LENGTH);
  #first: Place = NOBODY;
  #last: Place = NOBODY;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The one that came first; NOBODY where none is left. */
  get first(): Place {
    return this.#first;
  }

  /** The one that came after; NOBODY after the last. */
  after(place: Place): Place {
    return this.#shardOf(place).next(slotOf(place));
  }

  /** Where the client of this key lies, or NOBODY. */
  find(key: string): Place {
    if (this.#size === 0 || !readKey(key, this.#key)) return NOBODY;
    const hash = keyHash(this.#key, 0);
    const number = shardNumberOf(hash);
    const slot = this.#shardOf(number).find(this.#key, hash);
    return slot < 0 ? NOBODY : placeOf(number, slot);
  }

  /** A record of the client at this place. */
  at(place: Place): ClientRecord {
    const shard = this.#shardOf(place);
    const slot = slotOf(place);
    const record = new ClientRecord(shard.keyText(slot), [shard.stamp(slot)]);
    record.saved = shard.saved(slot);
    return record;
  }

  /** The one event of the client at this place, as a window holds it. */
  stampAt(place: Place): number {
    return this.#shardOf(place).stamp(slotOf(place));
  }

  /** Number of the snapshot that holds the client at this place already. */
  savedAt(place: Place): number {
    return this.#shardOf(place).saved(slotOf(place));
  }

  /** Notes the number of the snapshot that holds the client at this place. */
  setSaved(place: Place, number: number): void {
    this.#shardOf(place).setSaved(slotOf(place), number);
  }

  /**
   * @param stamp of its one event, as a window holds it
   * @param saved number of the snapshot that holds it already
   * @returns false where the client is here already
   */
  add(key: string, stamp: number, saved: number): boolean {
    if (!readKey(key, this.#key)) throw new Error(`${key} is no key of a client`);
    const hash = keyHash(this.#key, 0);
    const number = shardNumberOf(hash);
    const shard = this.#shardOf(number);
    if (shard.find(this.#key, hash) >= 0) return false;
    const place = placeOf(number, shard.add(this.#key, hash, stamp, saved));
    this.#link(this.#last, place);
    this.#link(place, NOBODY);
    this.#size++;
    return true;
  }

  remove(place: Place): void {
    const shard = this.#shardOf(place);
    const slot = slotOf(place);
    this.#link(shard.previous(slot), shard.next(slot));
    shard.remove(slot);
    this.#size--;
  }

  /** Makes two neighbours; NOBODY before the first and behind the last. */
  #link(before: Place, after: Place): void {
    if (before === NOBODY) this.#first = after;
    else this.#shardOf(before).setNext(slotOf(before), after);
    if (after === NOBODY) this.#last = before;
    else this.#shardOf(after).setPrevious(slotOf(after), before);
  }

  #shardOf(place: Place): CrowdShard {
    const shard = this.#shards[place & (SHARDS - 1)];
    if (shard === undefined) throw new Error('no such shard');
    return shard;
  }
}

/** The upper bits: a shard looks at the lower ones. */
function shardNumberOf(hash: number): number {
  return hash >>> (32 - SHARD_BITS);
}

function placeOf(number: number, slot: number): Place {
  return slot * SHARDS + number;
}

function slotOf(place: Place): number {
  return place >>> SHARD_BITS;
}
