// How many events of this host the server has not counted, while they do not go to it as they are read.

export class Unsent {
  #count: number | undefined = 0;

  /** Undefined where it is not known: the server has lost an unknown number. */
  get count(): number | undefined {
    // A second reading of the log may be ahead of the first one.
    return this.#count === undefined ? undefined : Math.max(0, this.#count);
  }

  set(count: number | undefined): void {
    this.#count = count;
  }

  /** @param change positive for events that were read, negative for those that were counted */
  add(change: number): void {
    if (this.#count !== undefined) this.#count += change;
  }
}
