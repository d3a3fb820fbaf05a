// The open connections, bounded in number and bytes: the idlest, or the largest, is evicted for another.

/** What the bounds need to know of a connection. */
export interface Bounded {
  /** whether a request of it was answered since the last look */
  wasAnswered: boolean;
  /** bytes of an unfinished request and of unread replies */
  readonly bytes: number;
  destroy(): void;
}

/** What the connections of a service may take in total. */
export interface ConnectionLimits {
  readonly connections: number;
  /** bytes of unfinished requests and of unread replies */
  readonly bytes: number;
}

/**
 * Postfix runs 100 smtpd processes by default. Each keeps one connection open, idle between two clients. So no
 * connection is closed for its age, only when a bound is reached. Postfix's requests have about 1,000 bytes.
 */
export const USUAL_LIMITS: ConnectionLimits = { connections: 8192, bytes: 1 << 24 };

export class Connections<T extends Bounded> {
  readonly #limits: ConnectionLimits;
  /** in the order in which they were added or last looked at */
  readonly #open = new Set<T>();
  #bytes = 0;
  #evicted = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Connections evicted since the start. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Adds a connection. If that exceeds the bound, the one that has not been answered for longest is evicted. */
  add(connection: T): void {
    if (this.#open.size >= this.#limits.connections) this.#evict(this.#idlest());
    this.#open.add(connection);
  }

  remove(connection: T): void {
    if (this.#open.delete(connection)) this.#bytes -= connection.bytes;
  }

  /** A connection takes so many bytes more, or less. If that exceeds the bound, the largest one is evicted. */
  bytesAdded(connection: T, more: number): void {
    if (!this.#open.has(connection)) return;
    this.#bytes += more;
    if (more > 0 && this.#bytes > this.#limits.bytes) this.#evict(this.#largest());
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#open.values();
  }

  #evict(connection: T | undefined): void {
    if (connection === undefined) return;
    this.#evicted++;
    this.remove(connection);
    connection.destroy();
  }

  /** A connection answered since the last look gets another round: this costs one step per connection, not a search. */
  #idlest(): T | undefined {
    for (const connection of this.#open) {
      if (!connection.wasAnswered) return connection;
      connection.wasAnswered = false;
      this.#open.delete(connection);
      this.#open.add(connection);
    }
    return undefined;
  }

  #largest(): T | undefined {
    let largest: T | undefined;
    for (const connection of this.#open) {
      if (largest === undefined || connection.bytes > largest.bytes) largest = connection;
    }
    return largest;
  }
}
