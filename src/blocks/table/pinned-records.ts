// The blocked and watched clients, which are not evicted: in a queue, and by key for each verdict.

import { parseIPv4 } from '../../values/address.ts';
import { Queue } from './queue.ts';
import type { ClientRecord } from './record.ts';
import { mixed } from './record-shards.ts';

/** A Map of 100,000 keys stops the world for a moment each time that it grows, one of some thousands does not. */
const MAX_SHARD = 1 << 15;
const SHARD_BITS = 6;

/** Finds in a fifth of the time that the table of all records takes that a client is not here. */
export class PinnedRecords {
  /** those that changed longest ago first */
  readonly queue = new Queue<ClientRecord>();
  /** by address, as a signed integer: V8 finds a small number in less time than a text */
  readonly #ipv4 = Array.from({ length: 1 << SHARD_BITS }, () => new Map<number, ClientRecord>());
  /** Nearly always one: a look into another costs less than to choose one by the characters of a key. */
  readonly #ipv6 = [new Map<string, ClientRecord>()];

  get(key: string): ClientRecord | undefined {
    const address = parseIPv4(key);
    if (address >= 0) return this.#shardOf(address)?.get(address | 0);
    for (const shard of this.#ipv6) {
      const record = shard.get(key);
      if (record !== undefined) return record;
    }
    return undefined;
  }

  /** All of them, in no order. A Map may change while it is iterated over. */
  *all(): Generator<ClientRecord> {
    for (const shard of this.#ipv4) yield* shard.values();
    for (const shard of this.#ipv6) yield* shard.values();
  }

  append(record: ClientRecord): void {
    const address = parseIPv4(record.key);
    if (address >= 0) this.#shardOf(address)?.set(address | 0, record);
    else this.#ipv6WithRoom.set(record.key, record);
    this.queue.append(record);
  }

  remove(record: ClientRecord): void {
    this.#removeKey(record.key);
    this.queue.remove(record);
  }

  /** The next `count`, going round. @param onMove is called before a record leaves its place */
  next(count: number, onMove: (record: ClientRecord) => void): ClientRecord[] {
    const records: ClientRecord[] = [];
    for (let left = Math.min(count, this.queue.size); left > 0; left--) {
      const record = this.queue.first;
      if (record === undefined) break;
      onMove(record);
      this.queue.moveToEnd(record);
      records.push(record);
    }
    return records;
  }

  #removeKey(key: string): void {
    const address = parseIPv4(key);
    if (address >= 0) this.#shardOf(address)?.delete(address | 0);
    else for (const shard of this.#ipv6) if (shard.delete(key)) return;
  }

  #shardOf(address: number): Map<number, ClientRecord> | undefined {
    return this.#ipv4[mixed(address) >>> (32 - SHARD_BITS)];
  }

  get #ipv6WithRoom(): Map<string, ClientRecord> {
    const found = this.#ipv6.find(({ size }) => size < MAX_SHARD);
    if (found !== undefined) return found;
    const added = new Map<string, ClientRecord>();
    this.#ipv6.push(added);
    return added;
  }
}
