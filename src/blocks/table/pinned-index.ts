// The blocked and watched clients by key: what each verdict asks.

import { parseIPv4 } from '../../values/address.ts';
import type { ClientRecord } from './record.ts';
import { mixed } from './record-shards.ts';

/** A Map of 100,000 keys stops the world for a moment each time that it grows, one of some thousands does not. */
const MOST = 1 << 15;
const SHARD_BITS = 6;

/** Finds that a client is not there in a fifth of the time that the table of all records takes. */
export class PinnedIndex {
  /** by address, as an integer with a sign: to V8 that is a small number, and found in less time than a text */
  readonly #ipv4 = Array.from({ length: 1 << SHARD_BITS }, () => new Map<number, ClientRecord>());
  /** Nearly always one: to look into another costs less than to choose one by the characters of a key. */
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

  add(record: ClientRecord): void {
    const address = parseIPv4(record.key);
    if (address >= 0) this.#shardOf(address)?.set(address | 0, record);
    else this.#ipv6WithRoom.set(record.key, record);
  }

  remove({ key }: ClientRecord): void {
    const address = parseIPv4(key);
    if (address >= 0) this.#shardOf(address)?.delete(address | 0);
    else for (const shard of this.#ipv6) if (shard.delete(key)) return;
  }

  #shardOf(address: number): Map<number, ClientRecord> | undefined {
    return this.#ipv4[mixed(address) >>> (32 - SHARD_BITS)];
  }

  get #ipv6WithRoom(): Map<string, ClientRecord> {
    const found = this.#ipv6.find(({ size }) => size < MOST);
    if (found !== undefined) return found;
    const added = new Map<string, ClientRecord>();
    this.#ipv6.push(added);
    return added;
  }
}
