// Logins at the hosts that write the log: while they fail because a user database is down, failures are not counted.

import { clientKey } from '../values/address.ts';
import { own } from '../values/detached-string.ts';
import { USUAL_PREFIXES } from '../values/nat64.ts';
import { HostLogins, type HostLoginsState } from './host-logins.ts';
import { hashOfUser } from './login-user.ts';
import type { LogRecord } from './syslog/record.ts';

/** Each with its host. */
export type LoginsState = readonly (readonly [host: string, state: HostLoginsState])[];

/** Hosts that write the log; of more, the oldest are evicted. */
const MAX_HOSTS = 8;
/** As shipped in policy.yml: a customer with a network of addresses is one client. */
const IPV6_PREFIX = 64;

/** Each host by itself: it has its own database and its own clock. */
export class Logins {
  readonly #hosts = new Map<string, HostLogins>();
  #last: HostLogins | undefined;
  /** `HOST ` of it */
  #lastPrefix = '';
  #spared = 0;

  /** Failed logins that were not counted, since the start. */
  get spared(): number {
    return this.#spared;
  }

  /** The hosts at which logins fail now, each since when (ms since 1970). */
  get failing(): readonly (readonly [host: string, since: number])[] {
    return [...this.#hosts].flatMap(([host, { failingSince }]) =>
      failingSince > 0 ? [[host, failingSince] as const] : [],
    );
  }

  get state(): LoginsState {
    return [...this.#hosts].map(([host, logins]) => [host, logins.state]);
  }

  /** Restores a state. Of a damaged one, only the valid parts are used. */
  restore(state: unknown): void {
    for (const entry of Array.isArray(state) ? state : []) {
      const [host, logins] = Array.isArray(entry) ? (entry as readonly unknown[]) : [];
      if (typeof host === 'string') this.#host(host).restore(logins);
    }
  }

  /** A client logged in. Called once for each session. */
  succeeded({ process, at }: LogRecord, address: string, user: string): void {
    const client = clientKey(address, IPV6_PREFIX, USUAL_PREFIXES);
    if (client !== undefined) this.#hostOf(process).succeeded(own(client), at, hashOfUser(user));
  }

  /** Whether a failed login is not to be counted. */
  spares({ process, at, message }: LogRecord, address: string): boolean {
    const client = clientKey(address, IPV6_PREFIX, USUAL_PREFIXES);
    const isSpared = this.#hostOf(process).failed(client ?? address, at, message);
    if (isSpared) this.#spared++;
    return isSpared;
  }

  /** Keeps the host that logged last, which is nearly always the next one too. */
  #hostOf(process: string): HostLogins {
    if (this.#last !== undefined && process.startsWith(this.#lastPrefix)) return this.#last;
    const name = process.slice(0, Math.max(0, process.indexOf(' ')));
    this.#last = this.#host(name);
    this.#lastPrefix = own(`${name} `);
    return this.#last;
  }

  #host(name: string): HostLogins {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const logins = new HostLogins();
    this.#hosts.set(own(name), logins);
    this.#last = undefined;
    if (this.#hosts.size > MAX_HOSTS) this.#hosts.delete([...this.#hosts.keys()][0] ?? '');
    return logins;
  }
}
