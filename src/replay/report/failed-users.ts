// The users that failed to log in from one client, within a time that slides in steps.

import { STEPS, SteppedCount } from './stepped-count.ts';

/** Users that are distinguished; beyond that, each failure is a user of its own. */
const MAX_USERS = 100;

export class FailedUsers {
  /** of failures without a user: each is a user of its own */
  readonly #nameless = new SteppedCount();
  /** by user, the step of the last failure */
  readonly #last = new Map<number, number>();

  /** @param user a hash, undefined where Postfix did not log it */
  fail(user: number | undefined, step: number): void {
    if (user !== undefined && (this.#last.has(user) || this.#hasRoom(step)))
      this.#last.set(user, Math.max(step, this.#last.get(user) ?? 0));
    else this.#nameless.add(step);
  }

  /** The failures of a user that logs in are not those of a guesser. */
  login(user: number): void {
    this.#last.delete(user);
  }

  /** Users within the time that ends with this step. */
  until(step: number): number {
    let named = 0;
    for (const last of this.#last.values()) if (last > step - STEPS) named++;
    return named + this.#nameless.until(step);
  }

  #hasRoom(step: number): boolean {
    if (this.#last.size < MAX_USERS) return true;
    for (const [user, last] of this.#last) if (last <= step - STEPS) this.#last.delete(user);
    return this.#last.size < MAX_USERS;
  }
}
