// The pass over all pinned records after the grounds for blocks changed: a new policy, a new allow entry, a changed clock.

/** Made in steps by `Upkeep`, so that no verdict waits for it. */
export class Recheck {
  #since = 0;
  #left = 0;

  /** ms; when the policy or the allow list last changed */
  get since(): number {
    return this.#since;
  }

  get isRunning(): boolean {
    return this.#left > 0;
  }

  /** Starts the pass. @param count records to check; @param since ms; without it the grounds are those of before */
  start(count: number, since = this.#since): void {
    this.#left = count;
    this.#since = since;
  }

  /** Records to check in the next step. */
  next(budget: number): number {
    return Math.min(this.#left, budget);
  }

  /** Call after the step: its records are checked with the pass still running. */
  done(count: number): void {
    this.#left -= count;
  }
}
