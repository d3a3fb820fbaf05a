// The allow list: networks, and names of clients that Postfix verified.

import { mappedIPv4, networkText, parseIPv4, parseIPv6 } from '../values/address.ts';
import { embeddedIPv4, type Nat64Prefix } from '../values/nat64.ts';
import { mask32, parseNetwork } from '../values/network.ts';

const NAME = /^\.?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** What Postfix says where it could not verify a name. */
const UNKNOWN = 'unknown';

/** Whether a text can be a client name, or with a leading dot the names below a domain. Lower case. */
export function isClientName(text: string): boolean {
  return text.length <= 253 && NAME.test(text) && /[a-z]/.test(text) && text !== UNKNOWN;
}

/** A keyword of policy.yml with the networks that it stands for. */
export interface KeywordNetworks {
  readonly keyword: AllowKeyword;
  readonly networks: readonly string[];
}

export const ALLOW_KEYWORDS = ['loopback', 'private', 'own', 'mynetworks'] as const;

export type AllowKeyword = (typeof ALLOW_KEYWORDS)[number];

/** An item of the allow list: a network or a client name as it was written, or a keyword. */
export type AllowItem = string | KeywordNetworks;

/** An item as it stands in policy.yml. */
export function itemText(item: AllowItem): string {
  return typeof item === 'string' ? item : item.keyword;
}

/** The networks of one prefix length, each with its entries as they were written. */
interface Networks<T> {
  readonly bits: number;
  readonly networks: Map<T, string[]>;
}

export class AllowList {
  readonly #ipv4: readonly Networks<number>[];
  readonly #ipv6: readonly Networks<string>[];
  readonly #names = new Set<string>();
  readonly #items: readonly AllowItem[];
  /** the list without `private`; undefined if it does not hold it */
  readonly #withoutPrivate: AllowList | undefined;
  readonly #nat64: readonly Nat64Prefix[];

  /**
   * @param items as they stand in policy.yml, already checked by parseNetwork or isClientName
   * @param nat64 the prefixes of translators: an IPv4 client is on the list by either of its addresses
   */
  constructor(items: readonly AllowItem[], nat64: readonly Nat64Prefix[] = []) {
    this.#items = items;
    this.#nat64 = nat64;
    const ipv4: Networks<number>[] = [];
    const ipv6: Networks<string>[] = [];
    for (const item of items) {
      for (const text of typeof item === 'string' ? [item] : item.networks) {
        const network = parseNetwork(text);
        if (network === undefined) this.#names.add(text.toLowerCase());
        else if (network.family === 4) add(ipv4, network.bits, network.address >>> 0, itemText(item));
        else add(ipv6, network.bits, networkText(network.groups, network.bits), itemText(item));
      }
    }
    this.#ipv4 = ipv4;
    this.#ipv6 = ipv6;
    const others = items.filter((item) => itemText(item) !== 'private');
    this.#withoutPrivate = others.length === items.length ? undefined : new AllowList(others, nat64);
  }

  /**
   * Whether a client is on the list.
   * @param address as Postfix printed it
   * @param name the client's name if Postfix verified it forward and back; `unknown` and undefined match nothing
   */
  covers(address: string, name: string | undefined): boolean {
    return this.coversAddress(address) || (name !== undefined && this.#coversName(name));
  }

  /** Whether a client is on the list by the keyword `private` and by no other item. Arguments as of `covers`. */
  coversOnlyByPrivate(address: string, name: string | undefined): boolean {
    const others = this.#withoutPrivate;
    return others !== undefined && this.covers(address, name) && !others.covers(address, name);
  }

  /** The entry or keyword that covers an address, as it was written. */
  entryFor(address: string): string | undefined {
    const item = this.#items.find((one) => new AllowList([one], this.#nat64).coversAddress(address));
    return item === undefined ? undefined : itemText(item);
  }

  coversAddress(text: string): boolean {
    if (this.#items.length === 0) return false;
    const address = parseIPv4(text);
    if (address >= 0) return this.#coversIPv4(address);
    const groups = parseIPv6(text);
    if (groups === undefined) return false;
    const mapped = mappedIPv4(groups);
    if (mapped !== undefined) return this.#coversIPv4(mapped);
    const embedded = embeddedIPv4(groups, this.#nat64);
    if (embedded !== undefined && this.#coversIPv4(embedded)) return true;
    for (const { bits, networks } of this.#ipv6) if (networks.has(networkText(groups, bits))) return true;
    return false;
  }

  /** Whether every address under a client key is on the list. */
  coversKey(key: string): boolean {
    const slash = key.indexOf('/');
    if (slash < 0) return this.coversAddress(key);
    const groups = parseIPv6(key.slice(0, slash)) ?? [];
    const bits = Number(key.slice(slash + 1));
    for (const { bits: wider, networks } of this.#ipv6) {
      if (wider <= bits && networks.has(networkText(groups, wider))) return true;
    }
    return false;
  }

  /** The entries that cover every address under a client key, as they were written. */
  entriesOverKey(key: string): readonly string[] {
    const [host = '', bits = '128'] = key.split('/');
    const address = parseIPv4(host);
    if (address >= 0)
      return this.#ipv4.flatMap(
        ({ bits: wider, networks }) => networks.get((address & mask32(wider)) >>> 0) ?? [],
      );
    const groups = parseIPv6(host) ?? [];
    return this.#ipv6
      .filter(({ bits: wider }) => wider <= Number(bits))
      .flatMap(({ bits: wider, networks }) => networks.get(networkText(groups, wider)) ?? []);
  }

  #coversIPv4(address: number): boolean {
    for (const { bits, networks } of this.#ipv4)
      if (networks.has((address & mask32(bits)) >>> 0)) return true;
    return false;
  }

  /** access(5): `.domain` matches the names below a domain, a bare name matches itself. */
  #coversName(given: string): boolean {
    const name = given.toLowerCase();
    if (this.#names.size === 0 || name === UNKNOWN) return false;
    if (this.#names.has(name)) return true;
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      if (this.#names.has(name.slice(dot))) return true;
    }
    return false;
  }
}

function add<T>(all: Networks<T>[], bits: number, network: T, entry: string): void {
  let known = all.find((candidate) => candidate.bits === bits);
  if (known === undefined) {
    known = { bits, networks: new Map() };
    all.push(known);
  }
  known.networks.set(network, [...(known.networks.get(network) ?? []), entry]);
}
