// The clients in good standing that were blocked last, by which the breaker opens. Times in ms since 1970.

/** Clients that are remembered. When more are blocked, the breaker opens whatever the terms say. */
export const MAX_BLOCKED = 1000;

export class RecentBlocks {
  /** when the block of each client started; the newest last */
  readonly #blocked = new Map<string, number>();

  get all(): readonly (readonly [client: string, at: number])[] {
    return [...this.#blocked];
  }

  /** When the newest of these blocks started; undefined without any. */
  get newest(): number | undefined {
    return this.#blocked.size === 0 ? undefined : Math.max(...this.#blocked.values());
  }

  /** Other clients whose blocks started less than `within` from `at`: later ones are known where a line is late. */
  about(at: number, key: string, within: number): number {
    let count = 0;
    for (const [other, since] of this.#blocked) if (other !== key && Math.abs(at - since) < within) count++;
    return count;
  }

  /** Adds a block, and removes those that started `within` or longer before the newest. */
  add(key: string, at: number, within: number): void {
    if (at <= (this.#blocked.get(key) ?? -1)) return;
    this.#blocked.delete(key);
    this.#blocked.set(key, at);
    const newest = Math.max(...this.#blocked.values());
    for (const [other, since] of this.#blocked)
      if (newest - since >= within || this.#blocked.size > MAX_BLOCKED) this.#blocked.delete(other);
  }

  /** Adds a block that a snapshot held. */
  load(key: string, at: number): void {
    this.#blocked.set(key, at);
  }

  removeBefore(at: number): void {
    for (const [key, since] of this.#blocked) if (since < at) this.#blocked.delete(key);
  }

  /** Brings back to `now` what lies later than `last`, because the clock was wrong and was set back. */
  bringBack(now: number, last: number): void {
    for (const [key, at] of this.#blocked) if (at > last) this.#blocked.set(key, now);
  }

  clear(): void {
    this.#blocked.clear();
  }
}
