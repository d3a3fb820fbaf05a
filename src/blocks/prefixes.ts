// The IPv6 prefix lengths under which something may be known of a client: the policy's, and those of policies before it.

import { clientKey } from '../values/address.ts';
import type { Nat64Prefix } from '../values/nat64.ts';
import type { Terms } from './terms.ts';

/** Bits of an address, whose key has no prefix behind it. */
const ADDRESS = 128;

export class Prefixes {
  readonly #bits: number[];
  #nat64: readonly Nat64Prefix[];

  constructor({ ipv6Prefix, nat64 }: Pick<Terms, 'ipv6Prefix' | 'nat64'>) {
    this.#bits = [ipv6Prefix];
    this.#nat64 = nat64;
  }

  /** Whether an IPv6 client has one key only. */
  get isOne(): boolean {
    return this.#bits.length === 1;
  }

  adopt({ ipv6Prefix, nat64 }: Pick<Terms, 'ipv6Prefix' | 'nat64'>): void {
    this.#add(ipv6Prefix);
    this.#nat64 = nat64;
  }

  /** Something is known of the client of this key. */
  addOf(key: string): void {
    if (key.includes(':')) this.#add(Number(key.split('/')[1] ?? ADDRESS));
  }

  /** The first thing that is found under a key of this address. */
  under<T>(address: string, look: (key: string) => T | undefined): T | undefined {
    for (const bits of this.#bits) {
      const key = clientKey(address, bits, this.#nat64);
      const found = key === undefined ? undefined : look(key);
      if (found !== undefined) return found;
      // An IPv4 address has no prefix, and no other key.
      if (key !== undefined && !key.includes(':')) return undefined;
    }
    return undefined;
  }

  #add(bits: number): void {
    if (!this.#bits.includes(bits)) this.#bits.push(bits);
  }
}
