// Clients that have reached a limit by the counts of this host, while a server decides and has not counted that yet.

/** More are judged at their next event. */
const MAX_DEFERRED = 10_000;

/** The events that found a limit reached. Times in ms since 1970. */
export interface Deferred {
  readonly from: number;
  readonly to: number;
  /** of the client, in the first of them */
  readonly name: string | undefined;
}

export class DeferredClients {
  readonly #clients = new Map<string, Deferred>();

  get size(): number {
    return this.#clients.size;
  }

  /** An event of a client at `at` found a limit reached. */
  add(key: string, at: number, name: string | undefined): void {
    const known = this.#clients.get(key);
    const from = Math.min(at, known?.from ?? at);
    this.#clients.set(key, { from, to: Math.max(at, known?.to ?? at), name: known?.name ?? name });
    for (const [oldest] of this.#clients) {
      if (this.#clients.size <= MAX_DEFERRED) break;
      this.#clients.delete(oldest);
    }
  }

  /** The server has counted the events of a client up to `at`, and decided. */
  decided(key: string, at: number): void {
    const known = this.#clients.get(key);
    if (known === undefined || at < known.from) return;
    if (at >= known.to) this.#clients.delete(key);
    else this.#clients.set(key, { ...known, from: at + 1 });
  }

  /** Removes the first `count` and returns them. */
  take(count: number): readonly (readonly [key: string, deferred: Deferred])[] {
    const taken: (readonly [string, Deferred])[] = [];
    for (const entry of this.#clients) {
      if (taken.length >= count) break;
      taken.push(entry);
      this.#clients.delete(entry[0]);
    }
    return taken;
  }

  clear(): void {
    this.#clients.clear();
  }
}
