// The hosts whose records a replay counts.

import { own } from '../../values/detached-string.ts';

const MAX_HOSTS = 20;

/** Collects the names from `HOST TAG[PID`, in the order of their first records; a log without host names gives none. */
export class Hosts {
  readonly #names = new Set<string>();
  /** of the last record: most records are of the same host as the one before */
  #last = '';

  /** @param process of a record: `HOST TAG[PID`, or `TAG[PID` in a log without host names */
  take(process: string): void {
    const end = process.lastIndexOf(' ');
    if (end <= 0 || (end === this.#last.length && process.startsWith(this.#last))) return;
    this.#last = own(process.slice(0, end));
    if (this.#names.size < MAX_HOSTS) this.#names.add(this.#last);
  }

  /** 20 at most. */
  get names(): readonly string[] {
    return [...this.#names];
  }
}
