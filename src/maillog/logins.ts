// Logins at the hosts that write the log: while they fail for want of a user database, failures charge nobody.

import { clientKey } from '../values/address.ts';
import { own } from '../values/detached-string.ts';
import { USUAL_PREFIXES } from '../values/nat64.ts';
import { HostLogins, type HostLoginsState } from './host-logins.ts';
import type { LogRecord } from './syslog/record.ts';

/** Each with its host. */
export type LoginsState = readonly (readonly [host: string, state: HostLoginsState])[];

/** Hosts that write the log; of more, the first ones are forgotten. */
const MAX_HOSTS = 8;
/** As shipped in policy.yml: a customer with a network of addresses is one client. */
const IPV6_PREFIX = 64;
/** smtpd_sasl_glue.c (from 20231006 on): what follows the reason of a failure, `(unavailable)` where it is not known */
const USER = ', sasl_username=';
/** smtpd_sasl_glue.c cuts a name to so many characters in a failure. */
const MAX_USER = 100;

/** Told host by host: each has its own database, and its own clock. */
export class Logins {
  readonly #hosts = new Map<string, HostLogins>();
  #last: HostLogins | undefined;
  /** `HOST ` of it */
  #lastPrefix = '';
  #spared = 0;

  /** Failures that charged nobody since the start. */
  get spared(): number {
    return this.#spared;
  }

  /** The hosts at which logins fail now, with the ms since when. */
  get failing(): readonly (readonly [host: string, since: number])[] {
    return [...this.#hosts].flatMap(([host, { failingSince }]) =>
      failingSince > 0 ? [[host, failingSince] as const] : [],
    );
  }

  get state(): LoginsState {
    return [...this.#hosts].map(([host, logins]) => [host, logins.state]);
  }

  /** Takes a state back; of what a damaged file holds in its place, only what has its form. */
  restore(state: unknown): void {
    for (const entry of Array.isArray(state) ? state : []) {
      const [host, logins] = Array.isArray(entry) ? (entry as readonly unknown[]) : [];
      if (typeof host === 'string') this.#host(host).restore(logins);
    }
  }

  /** A client logged in, in a session that told of it first now. */
  succeeded({ process, at }: LogRecord, address: string, user: string): void {
    const client = clientKey(address, IPV6_PREFIX, USUAL_PREFIXES);
    if (client !== undefined) this.#hostOf(process).succeeded(own(client), at, hashOf(user));
  }

  /** Whether a failed login charges nobody. */
  spares({ process, at, message }: LogRecord, address: string): boolean {
    const client = clientKey(address, IPV6_PREFIX, USUAL_PREFIXES);
    const isSpared = this.#hostOf(process).failed(client ?? address, at, userIn(message));
    if (isSpared) this.#spared++;
    return isSpared;
  }

  /** The host that logged last is asked for again nearly always. */
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

/** The user of a failure. A name without its domain may be any user's: the server completes it where it knows it. */
function userIn(message: string): number | undefined {
  const place = message.indexOf(USER);
  const user = place < 0 ? '' : message.slice(place + USER.length);
  return user.includes('@') ? hashOf(user) : undefined;
}

/** FNV-1a of what Postfix prints of a user, whatever its case: enough to tell users apart, and no name is kept. */
function hashOf(user: string): number {
  let hash = 0x811c9dc5;
  const name = user.slice(0, MAX_USER).toLowerCase();
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
