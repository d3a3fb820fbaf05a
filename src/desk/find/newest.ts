// The clients that a search has found, each with its newest match: bounded by removing those with the oldest.

import type { FoundClient, FoundMatch } from './answer.ts';

/** A client of which something matches; its state is looked up at the end. */
export type Found = Pick<FoundClient, 'ip' | 'matches' | 'newest'>;

export class Newest {
  readonly #limit: number;
  readonly #found = new Map<string, Found>();
  #isMore = false;

  /** @param limit of the clients that are wanted */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether there are more clients than the limit. */
  get isMore(): boolean {
    return this.#isMore || this.#found.size > this.#limit;
  }

  /** The newest first. */
  get all(): readonly Found[] {
    return [...this.#found.values()].sort(byNewest).slice(0, this.#limit);
  }

  add(ip: string, match: FoundMatch): void {
    const known = this.#found.get(ip);
    const newest = known === undefined || match.at > known.newest.at ? match : known.newest;
    this.#found.set(ip, { ip, matches: (known?.matches ?? 0) + 1, newest });
    if (this.#found.size >= 2 * this.#limit) this.#cut();
  }

  #cut(): void {
    const kept = this.all;
    this.#isMore = true;
    this.#found.clear();
    for (const found of kept) this.#found.set(found.ip, found);
  }
}

function byNewest(a: Found, b: Found): number {
  if (a.newest.at !== b.newest.at) return a.newest.at < b.newest.at ? 1 : -1;
  return a.ip < b.ip ? -1 : 1;
}
