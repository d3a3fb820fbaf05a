// The turns of searches: one short step at a time, so that a verdict waits for one step at most.

/** ms that a search may take: less than a command waits for its answer. */
const MAX_TIME = 2000;

export interface Turn {
  /** Waits until other work has had its chance. @returns false when the time of the search is over */
  next(): Promise<boolean>;
}

/** However many searches run, only one makes a step before other work is done. */
export class Turns {
  readonly #clock: () => number;
  readonly #pause: () => Promise<unknown>;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param clock ms
   * @param pause resolves when other work has been done, as setImmediate of node:timers/promises does
   */
  constructor(clock: () => number, pause: () => Promise<unknown>) {
    this.#clock = clock;
    this.#pause = pause;
  }

  /** The turn of a search that begins now. @param most ms that it may take */
  begin(most = MAX_TIME): Turn {
    const end = this.#clock() + most;
    return {
      next: async () => {
        const turn = this.#last.then(this.#pause);
        this.#last = turn;
        await turn;
        return this.#clock() < end;
      },
    };
  }
}
