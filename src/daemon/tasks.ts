// The tasks of the daemon that must not run at the same time, such as reloads: each begins when the one before has ended.

export class Tasks {
  readonly #fault: (where: string, error: unknown) => void;
  #last: Promise<void> = Promise.resolve();

  /** @param fault logs an internal error */
  constructor(fault: (where: string, error: unknown) => void) {
    this.#fault = fault;
  }

  /** Runs a task in its turn. Never rejects: an error is a fault. */
  run(where: string, task: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(task).catch((error: unknown) => this.#fault(where, error));
    return this.#last;
  }

  /** Resolves when the tasks of now have ended. */
  get ended(): Promise<void> {
    return this.#last;
  }
}
