// Entries of the allow list that were made by hand, each from a moment to another, beside those of the policy.

import { clientKey } from '../values/address.ts';
import { isoText } from '../values/iso-time.ts';
import type { Nat64Prefix } from '../values/nat64.ts';
import { AllowList } from './allow.ts';
import type { Hand } from './table/record.ts';

/** Times in ms since 1970. */
export interface Grant {
  /** a network */
  readonly entry: string;
  readonly at: number;
  readonly until: number;
  readonly hand: Hand;
}

/** An entry of the allow list made by hand; times in ISO 8601 UTC. */
export interface AllowedEntry {
  readonly entry: string;
  readonly at: string;
  readonly until: string;
  readonly by: string;
  readonly why: string;
}

/** More than support ever needs. */
export const MOST_GRANTS = 1000;
/** Grants that are over and still remembered; the oldest go. */
const MOST_OVER = 1000;
/** Bits that make an address a key of its own. */
const ADDRESS = 128;

/**
 * A grant covers what was done after `at` and before `until` by the stamps of the log, whenever the log is read. One that
 * is over is remembered for as long as the log may still tell of its time.
 */
export class Grants {
  /** those in force, by entry */
  readonly #inForce = new Map<string, Grant>();
  /** the newest last */
  #over: readonly Grant[] = [];
  #list = new AllowList([]);
  /** of both */
  #everyList = new AllowList([]);
  #byEntry: ReadonlyMap<string, readonly Grant[]> = new Map();
  #nat64: readonly Nat64Prefix[] = [];

  /** Those in force. */
  get all(): readonly Grant[] {
    return [...this.#inForce.values()];
  }

  /** Those in force, as a snapshot keeps them. */
  get entries(): readonly AllowedEntry[] {
    return this.all.map(entryOf);
  }

  /** Those that are over, as a snapshot keeps them. */
  get entriesOver(): readonly AllowedEntry[] {
    return this.#over.map(entryOf);
  }

  /** Takes back what a snapshot kept. */
  restore(inForce: readonly AllowedEntry[], over: readonly AllowedEntry[]): void {
    this.#over = over.map(grantOf);
    for (const entry of inForce) this.#inForce.set(entry.entry, grantOf(entry));
    this.#rebuild();
  }

  /** The entries in force. */
  get list(): AllowList {
    return this.#list;
  }

  /** From now on IPv6 addresses under these prefixes hold those of IPv4 clients. */
  adopt(nat64: readonly Nat64Prefix[]): void {
    this.#nat64 = nat64;
    this.#rebuild();
  }

  /** The grant in force that covers an address, if one does. */
  covering(address: string): Grant | undefined {
    return this.#inForce.get(this.#list.entryFor(address) ?? '');
  }

  /**
   * Whether an address was covered at a moment.
   *
   * @param at ms, by the log
   * @param now ms, by the clock: a grant from later than that was given by a clock that has been set back since
   */
  covered(address: string, at: number, now: number): boolean {
    if (!this.#everyList.coversAddress(address)) return false;
    // An entry may name an IPv4 client behind a translator by either of its addresses.
    const keys = [clientKey(address, ADDRESS, []), clientKey(address, ADDRESS, this.#nat64)];
    const grants = keys.flatMap((key = '') => this.#coveringAll(key));
    return grants.some((grant) => (at > grant.at || grant.at > now) && at < grant.until);
  }

  /** When the first grant began that covers all of a client from a moment between `since` and `until` on (all ms). */
  firstOver(key: string, since: number, until: number): number | undefined {
    const grants = this.#coveringAll(key).filter((grant) => grant.at < until && grant.until > since);
    return grants.length === 0 ? undefined : Math.max(since, Math.min(...grants.map(({ at }) => at)));
  }

  /** @returns false where there are too many */
  add(grant: Grant): boolean {
    const known = this.#inForce.get(grant.entry);
    if (known === undefined && this.#inForce.size >= MOST_GRANTS) return false;
    // Of two for one entry, the later one says how long it lasts.
    const [first, last] = known !== undefined && known.at > grant.at ? [grant, known] : [known, grant];
    if (first !== undefined && first.at < last.at) this.#remember(first, last.at + 1);
    this.#inForce.set(last.entry, last);
    this.#rebuild();
    return true;
  }

  /** Ends the grant of an entry. @param until ms, from when on it covers nothing; @returns undefined where there is none */
  end(entry: string, until: number): Grant | undefined {
    const grant = this.#inForce.get(entry);
    if (grant === undefined) return undefined;
    this.#inForce.delete(entry);
    this.#remember(grant, until);
    this.#rebuild();
    return grant;
  }

  /** Ends and returns those whose time is over. */
  expired(now: number): readonly Grant[] {
    const over = this.all.filter(({ until }) => now >= until);
    for (const { entry, until } of over) this.end(entry, until);
    return over;
  }

  /** Forgets those that were over before `before` (ms). */
  forget(before: number): void {
    if (!this.#over.some(({ until }) => until < before)) return;
    this.#over = this.#over.filter(({ until }) => until >= before);
    this.#rebuild();
  }

  clear(): void {
    this.#inForce.clear();
    this.#over = [];
    this.#rebuild();
  }

  #remember(grant: Grant, until: number): void {
    const others = this.#over.filter(({ entry, at }) => entry !== grant.entry || at !== grant.at);
    this.#over = [...others.slice(1 - MOST_OVER), { ...grant, until: Math.min(grant.until, until) }];
  }

  #coveringAll(key: string): readonly Grant[] {
    return this.#everyList.entriesOverKey(key).flatMap((entry) => this.#byEntry.get(entry) ?? []);
  }

  #rebuild(): void {
    const byEntry = new Map<string, Grant[]>();
    for (const grant of [...this.#inForce.values(), ...this.#over])
      byEntry.set(grant.entry, [...(byEntry.get(grant.entry) ?? []), grant]);
    this.#byEntry = byEntry;
    this.#list = new AllowList([...this.#inForce.keys()], this.#nat64);
    this.#everyList = new AllowList([...byEntry.keys()], this.#nat64);
  }
}

function entryOf({ entry, at, until, hand }: Grant): AllowedEntry {
  return { entry, at: isoText(at), until: isoText(until), ...hand };
}

function grantOf({ entry, at, until, by, why }: AllowedEntry): Grant {
  return { entry, at: Date.parse(at), until: Date.parse(until), hand: { by, why } };
}
