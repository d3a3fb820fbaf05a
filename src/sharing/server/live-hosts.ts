// How many hosts shared before the server lost what it held: it is asked to wait for as many.

/** Reports, one each second, after which a lower number is believed: hosts that were cut off for a moment come back. */
const PATIENCE = 60;

export class LiveHosts {
  #generation: string | undefined;
  #count = 0;
  #lower = 0;

  /** Hosts that are live; 0 where that is not known. */
  get count(): number {
    return this.#count;
  }

  /** A report was answered. @param count hosts that the server knows of */
  seen(generation: string, count: number): void {
    this.#generation ??= generation;
    // An emptied server learns of the hosts one after the other.
    if (generation !== this.#generation) return;
    if (count < this.#count && ++this.#lower < PATIENCE) return;
    this.#count = count;
    this.#lower = 0;
  }

  /** This host has repeated all that a server lost: it counts by what that server knows again. */
  repeated(): void {
    this.#generation = undefined;
  }
}
