// Entries of the allow list that were made by hand, each with its end, beside those of the policy.

import { AllowList } from './allow.ts';
import { isoText } from './iso.ts';
import type { Hand } from './record.ts';

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

/** More than support ever needs; each is looked at when an event is counted. */
export const MOST_GRANTS = 1000;

export class Grants {
  readonly #grants = new Map<string, Grant>();
  #list = new AllowList([]);

  get all(): readonly Grant[] {
    return [...this.#grants.values()];
  }

  /** All, as a snapshot keeps them. */
  get entries(): readonly AllowedEntry[] {
    return this.all.map(({ entry, at, until, hand }) => ({
      entry,
      at: isoText(at),
      until: isoText(until),
      ...hand,
    }));
  }

  /** Takes back what a snapshot kept. */
  restore(entries: readonly AllowedEntry[]): void {
    for (const { entry, at, until, by, why } of entries) {
      this.add({ entry, at: Date.parse(at), until: Date.parse(until), hand: { by, why } });
    }
  }

  get list(): AllowList {
    return this.#list;
  }

  /** The grant that covers an address, if one does. */
  covering(address: string): Grant | undefined {
    return this.#grants.get(this.#list.entryFor(address) ?? '');
  }

  /** @returns false where there are too many */
  add(grant: Grant): boolean {
    if (this.#grants.size >= MOST_GRANTS && !this.#grants.has(grant.entry)) return false;
    this.#grants.set(grant.entry, grant);
    this.#rebuild();
    return true;
  }

  remove(entry: string): Grant | undefined {
    const grant = this.#grants.get(entry);
    if (grant === undefined) return undefined;
    this.#grants.delete(entry);
    this.#rebuild();
    return grant;
  }

  /** Takes out and returns those whose time is over. */
  expired(now: number): readonly Grant[] {
    const over = this.all.filter(({ until }) => now >= until);
    for (const { entry } of over) this.#grants.delete(entry);
    if (over.length > 0) this.#rebuild();
    return over;
  }

  clear(): void {
    this.#grants.clear();
    this.#rebuild();
  }

  #rebuild(): void {
    this.#list = new AllowList([...this.#grants.keys()]);
  }
}
