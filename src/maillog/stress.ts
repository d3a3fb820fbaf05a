// Stress: Postfix is short of processes and shortens its limits, which drops good clients too. Which drops count.

import type { AbuseEvent, Kind } from '../blocks/events/event.ts';
import { clientKey } from '../values/address.ts';
import { own } from '../values/detached-string.ts';
import { DAY } from '../values/duration.ts';
import { USUAL_PREFIXES } from '../values/nat64.ts';
import type { Fact } from './postfix/fact.ts';
import type { LogRecord } from './syslog/record.ts';

type StressFact = Extract<Fact, { type: 'stress' | 'screening-stress' }>;

/**
 * STRESS_README: smtpd runs with `stress=yes` for at least 1000 s after all ports were busy, and master(8) warns of it
 * at most once in 1000 s: the last time can be nearly as long ago when the next warning comes.
 */
const STRESS = 2_000_000;
/** postscreen logs the end of its STRESS mode, unless it dies before. */
const MAX_SCREENING = DAY;
/**
 * Drops that a client may have under stress before they count as always. A good client is slow, or makes an error, now
 * and then; a client that is dropped again and again causes the stress.
 */
export const ALLOWANCE = 20;
/** Kinds of events that cause stress. */
const MADE_OF: readonly Kind[] = [
  'rejected-recipient',
  'auth-failure',
  'dropped-connection',
  'rejected-message',
];
const MAX_CLIENTS = 5000;
const MAX_SERVICES = 100;
/** As shipped in policy.yml: a customer with a network of addresses is one client. */
const IPV6_PREFIX = 64;

/** All services, in a snapshot of a release that did not distinguish them. */
const ANY = '*';

/** The form in a snapshot: services and postscreen processes, each until when (ms), and clients with their events. */
export interface StressState {
  readonly services: readonly (readonly [string, number])[];
  readonly screening: readonly (readonly [string, number])[];
  readonly clients: readonly (readonly [string, number])[];
}

export class Stress {
  /** by `HOST SYSLOG-NAME` */
  readonly #services = new Map<string, number>();
  /** by `HOST TAG[PID` */
  readonly #screening = new Map<string, number>();
  readonly #clients = new Map<string, number>();
  /** ms since 1970; the latest end of all */
  #last = 0;
  #spared = 0;

  /** ms since 1970; until when the limits of smtpd are shortened, for any service */
  get until(): number {
    return Math.max(0, ...this.#services.values());
  }

  /** Drops that were not counted. */
  get spared(): number {
    return this.#spared;
  }

  get state(): StressState {
    return {
      services: [...this.#services],
      screening: [...this.#screening],
      clients: [...this.#clients],
    };
  }

  /** master(8) warns that a service has reached its process limit; postscreen(8) enters or leaves its STRESS mode. */
  observe(fact: StressFact, { process, at }: LogRecord): undefined {
    if (fact.type === 'screening-stress' && fact.isOver) {
      this.#screening.delete(process);
      return;
    }
    this.#renew(at);
    if (fact.type === 'screening-stress') this.#add(this.#screening, own(process), at + MAX_SCREENING);
    else
      for (const name of syslogNames(nameOf(process), fact.service))
        this.#add(this.#services, own(name), at + STRESS);
  }

  /** Whether a drop at a limit that stress shortens is not to be counted. */
  spares({ program, process, at }: LogRecord, address: string): boolean {
    if (!this.#isActive(at)) return false;
    const isStressed =
      program === 'postscreen'
        ? isBefore(at, this.#screening.get(process), MAX_SCREENING)
        : isBefore(at, this.#services.get(nameOf(process)) ?? this.#services.get(ANY), 2 * STRESS);
    if (!isStressed || (this.#clients.get(keyOf(address)) ?? 0) >= ALLOWANCE) return false;
    this.#spared++;
    this.#note(address);
    return true;
  }

  /** A client caused an event that counts. */
  note({ kind, at, address }: AbuseEvent): void {
    if (this.#isActive(at) && MADE_OF.includes(kind)) this.#note(address);
  }

  #note(address: string): void {
    const key = keyOf(address);
    const known = this.#clients.get(key) ?? 0;
    if (known >= ALLOWANCE) return;
    this.#clients.set(known === 0 ? own(key) : key, known + 1);
    bound(this.#clients, MAX_CLIENTS);
  }

  /** Restores a state. Of a damaged one, only the valid parts are used. */
  restore(state: unknown): void {
    if (typeof state === 'number') {
      if (state > 0) this.#add(this.#services, ANY, state);
      return;
    }
    const { services, screening, clients } = (state ?? {}) as Partial<Record<keyof StressState, unknown>>;
    for (const [name, until] of entriesOf(services)) this.#add(this.#services, name, until);
    for (const [process, until] of entriesOf(screening)) this.#add(this.#screening, process, until);
    for (const [client, count] of entriesOf(clients)) this.#clients.set(client, count);
  }

  #add(map: Map<string, number>, key: string, until: number): void {
    map.set(key, until);
    bound(map, MAX_SERVICES);
    this.#last = Math.max(this.#last, until);
  }

  #isActive(at: number): boolean {
    // Called for each event, and stress is rare.
    if (at >= this.#last) return false;
    for (const until of this.#services.values()) if (isBefore(at, until, 2 * STRESS)) return true;
    for (const until of this.#screening.values()) if (isBefore(at, until, MAX_SCREENING)) return true;
    return false;
  }

  /** Forgets what clients did under an earlier stress. */
  #renew(at: number): void {
    if (this.#isActive(at)) return;
    for (const map of [this.#services, this.#screening, this.#clients]) map.clear();
  }
}

/** A time further ahead than stress can last comes from a wrong clock or a damaged file. */
function isBefore(at: number, until: number | undefined, most: number): boolean {
  return until !== undefined && until > at && until - at <= most;
}

function keyOf(address: string): string {
  return clientKey(address, IPV6_PREFIX, USUAL_PREFIXES) ?? address;
}

/** `HOST SYSLOG-NAME` of a process: postlogd(8) and syslog have the program behind it. */
function nameOf(process: string): string {
  const tag = process.slice(0, process.lastIndexOf('['));
  const program = /[/-]?(?:smtpd|master)$/.exec(tag);
  return program === null ? tag : tag.slice(0, program.index);
}

/** Ports and the names that services(5) had for them before. */
const NAMES: Readonly<Record<string, string>> = {
  '25': 'smtp',
  '465': 'submissions',
  smtps: 'submissions',
  '587': 'submission',
};
/** Services with a syslog_name of their own in Postfix's master.cf, `postfix/NAME`, and its older forms. */
const OWN_NAMES: Readonly<Record<string, readonly string[]>> = {
  submission: ['submission'],
  submissions: ['submissions', 'smtps'],
};

/**
 * The names that a service may log under: its own syslog_name `postfix/SERVICE`, as in Postfix's master.cf for submission
 * and submissions, or else the name of the instance.
 */
function syslogNames(instance: string, service: string): readonly string[] {
  const port = service.slice(service.lastIndexOf(':') + 1);
  const name = NAMES[port] ?? port;
  const own = OWN_NAMES[name];
  const names = [service, port, name, ...(own ?? [])].map((one) => `${instance}/${one}`);
  return own === undefined ? [...names, instance] : names;
}

/** Removes many of the oldest at once: a Map finds its first key by passing over all deleted ones. */
function bound(map: Map<string, unknown>, most: number): void {
  if (map.size <= most) return;
  let left = most / 20;
  for (const key of map.keys()) {
    if (left-- <= 0) break;
    map.delete(key);
  }
}

function entriesOf(entries: unknown): readonly [string, number][] {
  return Array.isArray(entries) ? entries.filter(isEntry) : [];
}

function isEntry(entry: unknown): entry is [string, number] {
  return (
    Array.isArray(entry) && entry.length === 2 && typeof entry[0] === 'string' && Number.isFinite(entry[1])
  );
}
