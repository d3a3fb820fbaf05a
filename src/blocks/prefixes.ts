// The IPv6 prefix lengths under which something may be known of a client: the policy's, and those of policies before it.

import { clientKey } from './address.ts';

/** Bits of an address, whose key has no prefix behind it. */
const ADDRESS = 128;

export class Prefixes {
  readonly #bits: number[];

  constructor(bits: number) {
    this.#bits = [bits];
  }

  /** Whether an IPv6 client has one key only. */
  get isOne(): boolean {
    return this.#bits.length === 1;
  }

  add(bits: number): void {
    if (!this.#bits.includes(bits)) this.#bits.push(bits);
  }

  /** Something is known of the client of this key. */
  addOf(key: string): void {
    if (key.includes(':')) this.add(Number(key.split('/')[1] ?? ADDRESS));
  }

  /** The first thing that is found under a key of this address. */
  under<T>(address: string, look: (key: string) => T | undefined): T | undefined {
    for (const bits of this.#bits) {
      const key = clientKey(address, bits);
      const found = key === undefined ? undefined : look(key);
      if (found !== undefined) return found;
      // An IPv4 address has no prefix, and no other key.
      if (key === address && !key.includes(':')) return undefined;
    }
    return undefined;
  }
}
