// The connections that smtpd processes of this host serve now, each with the time at which it began. Bounded.

import type { HostNames } from '../config/host-names.ts';
import type { Fact } from '../maillog/postfix/fact.ts';
import type { LogRecord } from '../maillog/syslog/record.ts';
import { own } from '../values/detached-string.ts';

/** More than default_process_limit of any host; connections whose end was not logged stay until then. */
const MAX_CONNECTIONS = 4096;

/** Hosts that are remembered: two tell that the log is one of several hosts. */
const MAX_HOSTS = 2;

export class Connections {
  /** labels in lower case */
  readonly #own = new Set(['localhost']);
  readonly #others = new Set<string>();
  /** false where Postfix may log under a name that is not known here */
  #isComplete = true;
  /** by process; ms since 1970 */
  readonly #began = new Map<string, number>();

  /** The names under which Postfix of this host logs, with or without the domain. */
  know({ names, isComplete }: HostNames): void {
    for (const name of names) this.#own.add(labelOf(name));
    this.#isComplete = isComplete;
  }

  read({ at, process }: LogRecord, { type }: Fact): void {
    if (type === 'disconnect') this.#began.delete(process);
    if (type !== 'connect' || !this.#isOwn(process)) return;
    if (this.#began.size >= MAX_CONNECTIONS) this.#began.clear();
    this.#began.set(process, at);
  }

  /** ms since 1970; undefined where the start was not read, and for processes of other hosts */
  beganAt(process: string): number | undefined {
    return this.#began.get(process);
  }

  /**
   * Whether a process, as `HOST TAG[PID`, is of this host. A log without host names is of this host, and so is one with
   * a single name, where Postfix may run in a container.
   */
  #isOwn(process: string): boolean {
    const host = process.slice(0, Math.max(0, process.lastIndexOf(' ')));
    if (host === '') return true;
    const label = labelOf(host.slice(host.lastIndexOf(' ') + 1));
    if (this.#own.has(label)) return true;
    if (this.#others.size < MAX_HOSTS) this.#others.add(own(label));
    return !this.#isComplete && this.#others.size === 1;
  }
}

/** The syslog tag of a process: the syslog_name of the service, and the program. */
export function tagOf(process: string): string {
  const bracket = process.lastIndexOf('[');
  return process.slice(process.lastIndexOf(' ') + 1, bracket < 0 ? undefined : bracket);
}

/** Syslog daemons write the name of a host with its domain or without. */
function labelOf(host: string): string {
  const dot = host.indexOf('.');
  return (dot < 0 ? host : host.slice(0, dot)).toLowerCase();
}
