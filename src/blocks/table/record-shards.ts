// The records by key, in many small node-caches.

import NodeCache from 'node-cache';
import { parseIPv4 } from '../../values/address.ts';
import type { ClientRecord } from './record.ts';

/**
 * A hash table of a million keys stops the world for its rehash, one of a few thousand does not. Clones, checkperiod,
 * maxKeys and ttl stay off: they copy, sweep all keys at once, throw, and read a clock; the table keeps age and number.
 */
const SHARD_BITS = 8;
const SLOT_BITS = 32 - SHARD_BITS;

/** Where a record is kept, and by what name node-cache knows it there. */
interface Place {
  readonly shard: NodeCache;
  readonly slot: number | string;
}

export class RecordShards {
  readonly #shards = Array.from(
    { length: 1 << SHARD_BITS },
    () => new NodeCache({ useClones: false, checkperiod: 0 }),
  );

  get(key: string): ClientRecord | undefined {
    const { shard, slot } = this.#placeOf(key);
    return shard.get<ClientRecord>(slot);
  }

  /** @returns false where its client had another: without a look before, which takes as long as to set it */
  set(record: ClientRecord): boolean {
    const { shard, slot } = this.#placeOf(record.key);
    const { keys } = shard.getStats();
    shard.set(slot, record);
    return shard.getStats().keys > keys;
  }

  delete({ key }: ClientRecord): void {
    const { shard, slot } = this.#placeOf(key);
    shard.del(slot);
  }

  /** All records, in no order. Those of a shard are named when it is reached: it may change meanwhile. */
  *all(): Generator<ClientRecord> {
    for (const shard of this.#shards) {
      for (const slot of shard.keys()) {
        const record = shard.get<ClientRecord>(slot);
        if (record !== undefined) yield record;
      }
    }
  }

  /**
   * An IPv4 address is known by the bits of its hash that did not choose the shard: together they are the address
   * again. To V8 it is a small number then; a large one is looked up by its digits, and a string is looked for among
   * all strings first.
   */
  #placeOf(key: string): Place {
    const address = parseIPv4(key);
    const hash = mixed(address < 0 ? textHash(key) : address);
    const shard = this.#shards[hash >>> SLOT_BITS];
    if (shard === undefined) throw new Error('no such shard');
    return { shard, slot: address < 0 ? key : hash & (2 ** SLOT_BITS - 1) };
  }
}

function textHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/** No two numbers of 32 bits give the same; addresses that differ little are far apart. */
export function mixed(value: number): number {
  return Math.imul(value, 0x9e3779b1);
}
