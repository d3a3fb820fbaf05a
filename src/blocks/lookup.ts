// Finds what is known of a client address, under the key of the policy's IPv6 prefix or of one that a policy had before.

import { clientKey } from '../values/address.ts';
import type { AuditedChange } from './changes.ts';
import type { Lifecycle } from './lifecycle.ts';
import { Prefixes } from './prefixes.ts';
import type { Rule } from './rules.ts';
import type { Block } from './table/block.ts';
import type { ClientRecord } from './table/record.ts';
import { isPinned } from './table/record-state.ts';
import type { BlockView } from './table/table-view.ts';
import type { Terms } from './terms.ts';

/** Why a client is refused: its block, and the rule as it is in the policy now. */
export interface Refused {
  readonly rule: Rule;
  readonly block: BlockView;
}

export class Lookup {
  readonly #life: Lifecycle;
  #prefixes: Prefixes;

  constructor(life: Lifecycle) {
    this.#life = life;
    this.#prefixes = new Prefixes(life.terms);
  }

  /** Whether an IPv6 client has one key only. */
  get isOnePrefix(): boolean {
    return this.#prefixes.isOne;
  }

  adopt(terms: Terms): void {
    this.#prefixes.adopt(terms);
  }

  /** Looks from now on under the prefix of this key too. */
  addPrefixOf(key: string): void {
    this.#prefixes.addOf(key);
  }

  /** As `addPrefixOf`, where a change blocks the client or sets a floor for it. */
  addPrefixOfChanged({ type, ip }: AuditedChange): void {
    if (type === 'block' || type === 'end') this.addPrefixOf(ip);
  }

  clear(): void {
    this.#prefixes = new Prefixes(this.#life.terms);
  }

  /** The key under which a client is counted now; undefined where the text is not an address. */
  keyOf(address: string): string | undefined {
    const { ipv6Prefix, nat64 } = this.#life.terms;
    return clientKey(address, ipv6Prefix, nat64);
  }

  /** The record of a client that is blocked or watched, or else the one under which it is counted. */
  recordOf(address: string): ClientRecord | undefined {
    const key = this.keyOf(address);
    return this.find(address, isPinned) ?? (key === undefined ? undefined : this.#life.table.get(key));
  }

  /** As `Blocks.refusing`. */
  refusing(address: string, nameOf: () => string | undefined, now: number): Refused | undefined {
    const block = this.#blockOf(address, now);
    return block && refusalBy(this.#life, block, address, nameOf);
  }

  /** The block of a client that runs at `now` (ms). */
  #blockOf(address: string, now: number): Block | undefined {
    return this.#prefixes.under(address, (key) => {
      const block = this.#life.table.pinnedRecord(key)?.block;
      return block !== undefined && now < block.until ? block : undefined;
    });
  }

  /** The first record of a client that is wanted. */
  find(address: string, isWanted: (record: ClientRecord) => boolean): ClientRecord | undefined {
    return this.#prefixes.under(address, (key) => {
      const record = this.#life.table.get(key);
      return record !== undefined && isWanted(record) ? record : undefined;
    });
  }
}

/** What a running block of a client comes to; undefined where the policy or an allow entry has it pass. */
export function refusalBy(
  { terms, allowEntries }: Pick<Lifecycle, 'terms' | 'allowEntries'>,
  block: Block,
  address: string,
  nameOf: () => string | undefined,
): Refused | undefined {
  const rule = terms.rules.named(block.rule);
  if (rule === undefined || !rule.enforce) return undefined;
  const isAllowed = terms.allow.covers(address, nameOf()) || allowEntries.list.coversAddress(address);
  return isAllowed ? undefined : { rule, block };
}
