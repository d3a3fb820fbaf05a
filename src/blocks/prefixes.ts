// The IPv6 prefix lengths under which a client may be known: the policy's, and those of policies before it.

import { clientKey } from '../values/address.ts';
import type { Nat64Prefix } from '../values/nat64.ts';
import type { Terms } from './terms.ts';

/** Bits of a key that is one address, and is written without a prefix length. */
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

  /** Adds the prefix length of a key under which a client is known. */
  addOf(key: string): void {
    if (key.includes(':')) this.#add(Number(key.split('/')[1] ?? ADDRESS));
  }

  /** The first result under a key of this address. @param look returns undefined where it finds nothing under a key */
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
