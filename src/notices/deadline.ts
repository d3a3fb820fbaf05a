// The end of a delivery: its time is over, or the daemon stops. Has a timer.

export class Deadline {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #abort = () => this.#controller.abort();

  /** @param outer ends it earlier; @param within ms */
  constructor(outer: AbortSignal, within: number) {
    this.#outer = outer;
    this.#timer = setTimeout(this.#abort, within);
    outer.addEventListener('abort', this.#abort, { once: true });
    if (outer.aborted) this.#abort();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Call it when the delivery is over. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#abort);
  }
}
