// The records by key, in many small node-caches.

import NodeCache from 'node-cache';
import { parseIPv4 } from './address.ts';
import type { ClientRecord } from './record.ts';

/**
 * A hash table of a million keys stops the world for its rehash, one of a few thousand does not. Clones, checkperiod,
 * maxKeys and ttl stay off: they copy, sweep all keys at once, throw, and read a clock; the table keeps age and number.
 */
const SHARDS = 256;

export class RecordShards {
  readonly #shards = Array.from(
    { length: SHARDS },
    () => new NodeCache({ useClones: false, checkperiod: 0 }),
  );

  get(key: string): ClientRecord | undefined {
    const slot = slotOf(key);
    return this.#shardOf(slot).get<ClientRecord>(slot);
  }

  /** @returns false where its client had another: without a look before, which takes as long as to set it */
  set(record: ClientRecord): boolean {
    const slot = slotOf(record.key);
    const shard = this.#shardOf(slot);
    const { keys } = shard.getStats();
    shard.set(slot, record);
    return shard.getStats().keys > keys;
  }

  delete({ key }: ClientRecord): void {
    const slot = slotOf(key);
    this.#shardOf(slot).del(slot);
  }

  #shardOf(slot: number | string): NodeCache {
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
