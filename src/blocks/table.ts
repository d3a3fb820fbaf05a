// The table of client records: bounded, forgetting the least telling first, walked for snapshots while it changes.

import NodeCache from 'node-cache';
import { parseIPv4 } from './address.ts';
import { own } from './own.ts';
import { ClientRecord, isHeld, RecordQueue, type RecordState } from './record.ts';
import { Walk } from './walk.ts';
import { newestOf } from './window.ts';

/**
 * The records lie in many small node-caches: a hash table of a million keys stops the world for its rehash, one of a
 * few thousand does not. Clones, checkperiod, maxKeys and ttl stay off: they copy, sweep all keys at once, throw, and
 * read a clock; age and number are kept here.
 */
const SHARDS = 256;
/** Queues of counted clients, by the power of two of their events; the held ones have their own. */
const STRENGTHS = 8;
/**
 * A record weighs one more for each so many events, and for each piece of evidence, so that the cap bounds memory and
 * not only keys.
 */
const EVENTS_A_WEIGHT = 16;
/** Records let go at most for one that has grown: more than one event can make it outgrow. */
const CHANGE_BUDGET = 4;

export class Table {
  readonly #shards = Array.from(
    { length: SHARDS },
    () => new NodeCache({ useClones: false, checkperiod: 0 }),
  );
  readonly #held = new RecordQueue();
  /** the held records by key: a verdict asks for no other, and finds that there is none in a fifth of the time */
  readonly #heldByKey = new Map<string, ClientRecord>();
  readonly #counted = Array.from({ length: STRENGTHS }, () => new RecordQueue());
  #maxWeight: number;
  #weight = 0;
  #forgotten = 0;
  #walk: Walk | undefined;
  #walks = 0;

  /** @param maxTracked most records kept; a record of many events counts as several */
  constructor(maxTracked: number) {
    this.#maxWeight = maxTracked;
  }

  get size(): number {
    return this.#counted.reduce((sum, queue) => sum + queue.size, this.#held.size);
  }

  get held(): number {
    return this.#held.size;
  }

  /** Clients let go, or not taken up, for want of room since the start. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** The record of this client, if it is held. */
  heldRecord(key: string): ClientRecord | undefined {
    return this.#heldByKey.get(key);
  }

  get(key: string): ClientRecord | undefined {
    const slot = slotOf(key);
    return this.#shard(slot).get<ClientRecord>(slot);
  }

  /**
   * A new record, or undefined where only blocks are left and there is no room for another client.
   * @param isBlocked it will hold a block, and must be kept whatever the cap says
   */
  add(key: string, isBlocked = false): ClientRecord | undefined {
    if (!this.#hasRoom(isBlocked)) return undefined;
    const record = new ClientRecord(own(key));
    const slot = slotOf(record.key);
    this.#shard(slot).set(slot, record);
    this.#put(record);
    return record;
  }

  /**
   * A record as it was in a snapshot; nothing where only blocks are left and there is no room for another client.
   * @param key a text of its own: it is kept
   * @returns false where the client was there already: the table is of no use then
   */
  load(key: string, state: RecordState): boolean {
    const record = new ClientRecord(key);
    const slot = slotOf(key);
    const shard = this.#shard(slot);
    const { keys } = shard.getStats();
    record.events = state.events;
    record.floor = state.floor;
    record.block = state.block;
    record.watches = state.watches;
    record.evidence = state.evidence;
    record.grace = state.grace ?? 0;
    if (!this.#hasRoom(isHeld(record))) return true;
    // Without a look before: to ask node-cache for a key that it does not have takes as long as to set it.
    shard.set(slot, record);
    if (shard.getStats().keys === keys) return false;
    this.#put(record);
    return true;
  }

  /** Makes room for one more client, where need be. */
  #hasRoom(isBlocked: boolean): boolean {
    if (this.#weight < this.#maxWeight || isBlocked) return true;
    this.#forgotten++;
    const weakest = this.#counted.find((queue) => queue.size > 0)?.first;
    if (weakest === undefined) return false;
    this.remove(weakest);
    return true;
  }

  #put(record: ClientRecord): void {
    record.saved = this.#walks;
    this.#weight += weightOf(record);
    this.#link(record);
  }

  /** Call before changing a record, and `changed` after. */
  changing(record: ClientRecord): void {
    this.#weight -= weightOf(record);
    this.#walk?.keep(record);
  }

  /** Puts a record that was changed into its place, last of those to be forgotten. */
  changed(record: ClientRecord): void {
    this.#weight += weightOf(record);
    this.#unlink(record);
    this.#link(record);
    this.shrink(CHANGE_BUDGET, record);
  }

  remove(record: ClientRecord): void {
    this.changing(record);
    this.#unlink(record);
    const slot = slotOf(record.key);
    this.#shard(slot).del(slot);
  }

  setMaxTracked(maxTracked: number): void {
    this.#maxWeight = maxTracked;
  }

  /**
   * Lets the weakest go, at most `budget` of them, until the rest is within the cap: after a record has grown, or the
   * cap was lowered. Never a held record, and never `except`.
   */
  shrink(budget: number, except?: ClientRecord): void {
    for (let left = budget; left > 0 && this.#weight > this.#maxWeight; left--) {
      const weakest = this.#counted.find((queue) => queue.size > 0)?.first;
      if (weakest === undefined || weakest === except) return;
      this.#forgotten++;
      this.remove(weakest);
    }
  }

  /** Forgets counted records whose newest event, or end of block, lies before `before` (ms); at most `budget`. */
  forgetOlder(before: number, budget: number): void {
    let left = budget;
    for (const queue of this.#counted) {
      for (let record = queue.first; record !== undefined && left > 0; record = queue.first, left--) {
        if (touchedAt(record) >= before) break;
        this.remove(record);
      }
    }
  }

  /** All held records as they are now. */
  *heldRecords(): Generator<ClientRecord> {
    for (let record = this.#held.first; record !== undefined; record = record.next) yield record;
  }

  /** The next `count` held records, going round; a caller that asks again sees all of them in turn. */
  nextHeld(count: number): ClientRecord[] {
    const records: ClientRecord[] = [];
    const most = Math.min(count, this.#held.size);
    for (
      let record = this.#held.first;
      record !== undefined && records.length < most;
      record = this.#held.first
    ) {
      this.#unlink(record);
      this.#link(record);
      records.push(record);
    }
    return records;
  }

  /**
   * Walks the table as it is at this moment, held records first, while it goes on changing: a record is given out
   * before its first change. One walk at a time; `take` may be called from within any change of the table.
   */
  walk(take: (record: ClientRecord) => void): Walk {
    const walk = new Walk(++this.#walks, [this.#held, ...[...this.#counted].reverse()], take, () => {
      if (this.#walk === walk) this.#walk = undefined;
    });
    this.#walk = walk;
    return walk;
  }

  #unlink(record: ClientRecord): void {
    this.#walk?.leaving(record);
    if (record.queue === this.#held) this.#heldByKey.delete(record.key);
    record.queue?.remove(record);
  }

  #link(record: ClientRecord): void {
    const queue = this.#queueFor(record);
    if (queue === this.#held) this.#heldByKey.set(record.key, record);
    queue.append(record);
  }

  #queueFor(record: ClientRecord): RecordQueue {
    if (isHeld(record)) return this.#held;
    // The end of a block must be remembered: such a record is as telling as the strongest count.
    const strength =
      record.floor > 0 || record.grace > 0 ? STRENGTHS - 1 : 31 - Math.clz32(record.eventCount | 1);
    return this.#counted[Math.min(strength, STRENGTHS - 1)] ?? this.#held;
  }

  #shard(slot: number | string): NodeCache {
    const shard = this.#shards[typeof slot === 'number' ? mixed(slot) : hashOf(slot)];
    if (shard === undefined) throw new Error('no such shard');
    return shard;
  }
}

/**
 * What node-cache knows a client by: an IPv4 address as its number. A string would have to be found among all strings
 * of V8 first, which takes as long again as to find the record.
 */
function slotOf(key: string): number | string {
  const address = parseIPv4(key);
  return address < 0 ? key : address;
}

function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return mixed(hash);
}

/** A number below SHARDS; addresses that differ little are far apart. */
function mixed(value: number): number {
  return Math.imul(value, 0x9e3779b1) >>> 24;
}

function touchedAt(record: ClientRecord): number {
  const watched = record.watches?.reduce((latest, watch) => Math.max(latest, watch.until), 0) ?? 0;
  return Math.max(newestOf(record.events), record.floor, record.grace, watched);
}

function weightOf(record: ClientRecord): number {
  const kept = (record.evidence ?? record.block?.evidence)?.length ?? 0;
  const mails = record.block?.mails?.length ?? 0;
  return 1 + Math.floor(record.eventCount / EVENTS_A_WEIGHT) + kept + mails;
}
