// Allow entries made by hand, each with a start and an end, beside the allow list of the policy.

import { clientKey } from '../values/address.ts';
import { isoText } from '../values/iso-time.ts';
import type { Nat64Prefix } from '../values/nat64.ts';
import { AllowList } from './allow.ts';
import type { ManualAction } from './table/block.ts';

/** Times in ms since 1970. */
export interface AllowEntry {
  /** a network */
  readonly entry: string;
  readonly at: number;
  readonly until: number;
  readonly hand: ManualAction;
}

/** An allow entry as a snapshot holds it; times in ISO 8601 UTC. */
export interface SavedAllowEntry {
  readonly entry: string;
  readonly at: string;
  readonly until: string;
  readonly by: string;
  readonly why: string;
}

/** Entries in force at a time: more than support ever needs. */
export const MAX_ALLOW_ENTRIES = 1000;
/** Ended entries that are kept; beyond that the oldest are removed. */
const MAX_ENDED = 1000;
/** Bits of a key that is one address. */
const ADDRESS = 128;

/** What readers outside this room see. */
export type AllowEntriesView = Pick<
  AllowEntries,
  'all' | 'entryOf' | 'list' | 'saved' | 'savedEnded' | 'covering'
>;

/**
 * An entry covers what a client did after `at` and before `until` by the stamps of the log, whenever the log is read. An
 * ended entry is kept for as long as lines from its time may still be read.
 */
export class AllowEntries {
  /** by network */
  readonly #inForce = new Map<string, AllowEntry>();
  /** the newest last */
  #ended: readonly AllowEntry[] = [];
  #list = new AllowList([]);
  /** of both */
  #everyList = new AllowList([]);
  #byEntry: ReadonlyMap<string, readonly AllowEntry[]> = new Map();
  #nat64: readonly Nat64Prefix[] = [];

  /** The entries in force. */
  get all(): readonly AllowEntry[] {
    return [...this.#inForce.values()];
  }

  /** The entries in force, in the form of a snapshot. */
  get saved(): readonly SavedAllowEntry[] {
    return this.all.map(savedOf);
  }

  /** The ended entries, in the form of a snapshot. */
  get savedEnded(): readonly SavedAllowEntry[] {
    return this.#ended.map(savedOf);
  }

  /** Takes the entries of a snapshot. */
  restore(inForce: readonly SavedAllowEntry[], ended: readonly SavedAllowEntry[]): void {
    this.#ended = ended.map(allowEntryOf);
    for (const saved of inForce) this.#inForce.set(saved.entry, allowEntryOf(saved));
    this.#rebuild();
  }

  /** The entries in force. */
  get list(): AllowList {
    return this.#list;
  }

  /** Sets the prefixes under which IPv6 addresses hold those of IPv4 clients. */
  adopt(nat64: readonly Nat64Prefix[]): void {
    this.#nat64 = nat64;
    this.#rebuild();
  }

  /** The entry in force for exactly this network, if any. */
  entryOf(network: string): AllowEntry | undefined {
    return this.#inForce.get(network);
  }

  /** The first moment from `at` (ms) on at which no entry of this network was made or ended: two actions have an order. */
  freeMoment(network: string, at: number): number {
    const known = [this.entryOf(network), ...this.#ended.filter(({ entry }) => entry === network)];
    return known.some((entry) => entry?.at === at) ? this.freeMoment(network, at + 1) : at;
  }

  /** The entry in force that covers an address, if any. */
  covering(address: string): AllowEntry | undefined {
    return this.#inForce.get(this.#list.entryFor(address) ?? '');
  }

  /**
   * Whether an address was covered at a moment.
   *
   * @param at ms, by the log
   * @param now ms, by the clock: an entry from later than that was made before the clock was set back
   */
  covered(address: string, at: number, now: number): boolean {
    if (!this.#everyList.coversAddress(address)) return false;
    // An entry may name an IPv4 client behind a translator by either of its addresses.
    const keys = [clientKey(address, ADDRESS, []), clientKey(address, ADDRESS, this.#nat64)];
    const entries = keys.flatMap((key = '') => this.#coveringAll(key));
    return entries.some((entry) => (at > entry.at || entry.at > now) && at < entry.until);
  }

  /** The start of the first entry that covers all of a client at some moment between `since` and `until` (all ms). */
  firstOver(key: string, since: number, until: number): number | undefined {
    const entries = this.#coveringAll(key).filter((entry) => entry.at < until && entry.until > since);
    return entries.length === 0 ? undefined : Math.max(since, Math.min(...entries.map(({ at }) => at)));
  }

  /**
   * Adds an entry. Of two for one network, the later one sets the end, in whatever order they come.
   * @returns false where there are too many
   */
  add(added: AllowEntry): boolean {
    const known = this.#inForce.get(added.entry);
    if (known === undefined && this.#inForce.size >= MAX_ALLOW_ENTRIES) return false;
    this.#join(added);
    return true;
  }

  /** Adds an entry of another host. @returns whether anything changed */
  join(added: AllowEntry): boolean {
    const before = this.#timesOf(added.entry);
    return this.add(added) && this.#timesOf(added.entry) !== before;
  }

  /**
   * Ends the entry of a network, and those of before that are still to come.
   * @param at ms; what happened up to then was covered
   * @returns whether anything changed
   */
  disallow(network: string, at: number, hand: ManualAction): boolean {
    const isKnown = this.#ended.some((one) => one.entry === network && one.at === at && one.until === at);
    if (!isKnown) this.#join({ entry: network, at, until: at, hand });
    return !isKnown;
  }

  /** Ends and returns the entries that expire by `now` (ms). */
  expired(now: number): readonly AllowEntry[] {
    const expired = this.all.filter(({ until }) => now >= until);
    for (const entry of expired) this.#inForce.delete(entry.entry);
    if (expired.length > 0) this.#setEnded([...this.#ended, ...expired]);
    return expired;
  }

  /** Removes the entries that ended before `before` (ms). */
  forget(before: number): void {
    if (!this.#ended.some(({ until }) => until < before)) return;
    this.#ended = this.#ended.filter(({ until }) => until >= before);
    this.#rebuild();
  }

  clear(): void {
    this.#inForce.clear();
    this.#ended = [];
    this.#rebuild();
  }

  /** Puts an entry, or an end of entries (its `until` is its `at`), among those of its network: each ends at the next. */
  /** When a network is and was allowed. */
  #timesOf(entry: string): string {
    const ended = this.#ended.filter((one) => one.entry === entry);
    return [this.#inForce.get(entry), ...ended].map((one) => `${one?.at} ${one?.until}`).join();
  }

  #join(added: AllowEntry): void {
    const { entry } = added;
    const inForce = this.#inForce.get(entry);
    const known = [...this.#ended.filter((one) => one.entry === entry), ...(inForce ? [inForce] : [])];
    const entries = uniqueByStart([...known, added]);
    const ends = entries.map(({ until }, i) => Math.min(until, (entries[i + 1]?.at ?? until) + 1));
    const last = entries.at(-1);
    // What expired stays ended: it is in no other order the last.
    const isInForce = last !== undefined && isAllowing(last) && (last === added || last === inForce);
    if (isInForce) this.#inForce.set(entry, last);
    else this.#inForce.delete(entry);
    const ended = entries
      .map((one, i) => ({ ...one, until: ends[i] ?? one.until }))
      .filter((_, i) => !isInForce || i < entries.length - 1);
    this.#setEnded([...this.#ended.filter((one) => one.entry !== entry), ...ended]);
  }

  /** Of more than MAX_ENDED, the newest. */
  #setEnded(ended: readonly AllowEntry[]): void {
    this.#ended = ended.slice(-MAX_ENDED);
    this.#rebuild();
  }

  #coveringAll(key: string): readonly AllowEntry[] {
    return this.#everyList.entriesOverKey(key).flatMap((network) => this.#byEntry.get(network) ?? []);
  }

  #rebuild(): void {
    const byEntry = new Map<string, AllowEntry[]>();
    for (const entry of [...this.#inForce.values(), ...this.#ended].filter(isAllowing))
      byEntry.set(entry.entry, [...(byEntry.get(entry.entry) ?? []), entry]);
    this.#byEntry = byEntry;
    this.#list = new AllowList([...this.#inForce.keys()], this.#nat64);
    this.#everyList = new AllowList([...byEntry.keys()], this.#nat64);
  }
}

/** In order of their start; of two of one moment an end comes before an entry, and the entry that ends later. */
function uniqueByStart(entries: readonly AllowEntry[]): readonly AllowEntry[] {
  const byStart = new Map<number, AllowEntry>();
  for (const entry of entries) {
    const known = byStart.get(entry.at);
    const isStronger =
      known === undefined || (isAllowing(known) && (!isAllowing(entry) || entry.until > known.until));
    if (isStronger) byStart.set(entry.at, entry);
  }
  return [...byStart.values()].sort((a, b) => a.at - b.at);
}

function isAllowing({ at, until }: AllowEntry): boolean {
  return until > at;
}

function savedOf({ entry, at, until, hand }: AllowEntry): SavedAllowEntry {
  return { entry, at: isoText(at), until: isoText(until), ...hand };
}

function allowEntryOf({ entry, at, until, by, why }: SavedAllowEntry): AllowEntry {
  return { entry, at: Date.parse(at), until: Date.parse(until), hand: { by, why } };
}
