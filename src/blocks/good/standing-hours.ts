// How many clients are in good standing at a moment: counted by the hour of their newest good mail or login.

import { HOUR } from '../../values/duration.ts';
import { STANDING } from './good-terms.ts';

const SECONDS = HOUR / 1000;

export class StandingHours {
  /** by hours since 1970 */
  readonly #clients = new Map<number, number>();

  /** @param newest s since 1970; 0 for a client without good mail and logins */
  add(newest: number): void {
    this.#change(newest, 1);
  }

  remove(newest: number): void {
    this.#change(newest, -1);
  }

  /**
   * Of the hour in which a day ago lies, a part counts. What is known from a day ahead is not believed.
   * @param at ms since 1970
   */
  standingAt(at: number): number {
    const from = (at - STANDING) / HOUR;
    const oldest = Math.floor(from);
    let clients = (this.#clients.get(oldest) ?? 0) * (oldest + 1 - from);
    for (let hour = oldest + 1; hour < (at + STANDING) / HOUR; hour++)
      clients += this.#clients.get(hour) ?? 0;
    return Math.round(clients);
  }

  clear(): void {
    this.#clients.clear();
  }

  #change(newest: number, by: number): void {
    if (newest === 0) return;
    const hour = Math.floor(newest / SECONDS);
    const clients = (this.#clients.get(hour) ?? 0) + by;
    if (clients === 0) this.#clients.delete(hour);
    else this.#clients.set(hour, clients);
  }
}
