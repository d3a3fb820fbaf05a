// Services of Postfix that go on serving blocked clients. Pure, bounded.

import { own } from '../values/detached-string.ts';
import { HOUR, MINUTE } from '../values/duration.ts';

/** Services that are named: a host has about four. */
const MAX_SERVICES = 8;
/** ms after the last line that shows it */
const LASTS = HOUR;
/** ms without such a line after which a refusal shows that the service asks now */
const QUIET = 5 * MINUTE;

/** What a service did for a blocked client. */
export type Served = 'accepted' | 'login';

/** A service that serves blocked clients, the last of them, and how. */
export interface Unenforced {
  /** the syslog tag of its processes */
  readonly service: string;
  readonly served: Served;
  readonly address: string;
  /** lines so far that show it */
  readonly count: number;
  /** ms since 1970 */
  readonly at: number;
}

export class EnforcementWatch {
  /** by service and what it did, the one longest known first */
  readonly #services = new Map<string, Unenforced>();

  /** A service served a blocked client. @param at ms since 1970 */
  served(service: string, served: Served, address: string, at: number): void {
    const key = `${served} ${service}`;
    const known = this.#services.get(key);
    if (known === undefined && this.#services.size >= MAX_SERVICES) return;
    const count = (known?.count ?? 0) + 1;
    this.#services.set(own(key), { service: own(service), served, address: own(address), count, at });
  }

  /**
   * A service refused a blocked client.
   *
   * @param at ms since 1970
   * @param isGreeting when the client connected: it could not try a login
   */
  refused(service: string, at: number, isGreeting: boolean): void {
    if (this.#services.size === 0) return;
    for (const [key, known] of this.#services) {
      const isShown = known.served === 'accepted' || isGreeting;
      if (known.service === service && isShown && at - known.at > QUIET) this.#services.delete(key);
    }
  }

  /** The services that serve blocked clients. @param now ms since 1970 */
  look(now: number): readonly Unenforced[] {
    for (const [key, { at }] of this.#services)
      if (now - at > LASTS || at > now + MINUTE) this.#services.delete(key);
    return [...this.#services.values()];
  }
}
