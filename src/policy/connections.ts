// The connections that are open, bounded in number and in bytes: the ones that are of least use are let go for others.

/** What is asked of a connection here. */
export interface Held {
  /** whether it has been answered since somebody last looked */
  wasAnswered: boolean;
  /** bytes of a request that has begun, and of replies that nobody fetched */
  readonly bytes: number;
  destroy(): void;
}

/** What the connections of a service may take together. */
export interface ConnectionLimits {
  readonly connections: number;
  /** bytes of unfinished requests and of replies that nobody fetched */
  readonly bytes: number;
}

/**
 * Postfix runs 100 smtpd processes by default, and each holds one connection for as long as it likes, idle between two
 * clients: so no connection is closed for its age, only for want of room. Postfix's requests have about 1,000 bytes.
 */
export const USUAL_LIMITS: ConnectionLimits = { connections: 8192, bytes: 1 << 24 };

export class Connections<T extends Held> {
  readonly #limits: ConnectionLimits;
  /** in the order in which they came, or were last looked at */
  readonly #open = new Set<T>();
  #bytes = 0;
  #evicted = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Connections closed for want of room since the start. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Takes up a connection; where there is no room, the one goes that has not been answered for longest. */
  add(connection: T): void {
    if (this.#open.size >= this.#limits.connections) this.#evict(this.#idlest());
    this.#open.add(connection);
  }

  remove(connection: T): void {
    if (this.#open.delete(connection)) this.#bytes -= connection.bytes;
  }

  /** A connection of these holds so many bytes more, or less. Where that is too much, the one goes that holds most. */
  holds(connection: T, more: number): void {
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

  /** Whoever was answered since the last look gets another round: this costs a step a connection, not a search. */
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
