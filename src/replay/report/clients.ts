// The clients of a log: what each did, what was accepted from it, and what its blocks would have stopped and cost.

import { classOfCode, codeNamed, isInMask, kindOfCode, NAMES } from '../../blocks/events/codes.ts';
import { type EventClass, KINDS, type Kind } from '../../blocks/events/event.ts';
import type { CountingRule } from '../../blocks/rules.ts';
import { own } from '../../values/detached-string.ts';
import { Histogram } from './distribution.ts';
import type { Distribution, KindCount, Offender } from './report.ts';

/** One client. Counts by kind are in the order of KINDS, those by rule in that of the policy. */
export interface ClientTally {
  readonly ip: string;
  name: string | undefined;
  /** Postfix verified another name for it at another time, or none when it lost a mail */
  hasNames: boolean;
  readonly counts: number[];
  /** bit set of the codes of its events */
  codes: number;
  /** of each rule, the period that its last event fell in, and the events of that period */
  readonly periods: number[];
  readonly inPeriod: number[];
  blocks: number;
  firstBlock: number | undefined;
  rules: readonly string[];
  stopped: number;
  accepted: number;
  lost: number;
  delivered: number;
}

/** Clients kept apart; of more, those with the fewest events go, and are told as a number. */
const MOST_CLIENTS = 500_000;
const MOST_OFFENDERS = 20;
const MOST_LOSING = 50;

export class Clients {
  readonly #rules: readonly CountingRule[];
  readonly #most: number;
  readonly #clients = new Map<string, ClientTally>();
  readonly #histograms: readonly Histogram[];
  /** by code */
  readonly #totals = NAMES.map(() => ({ count: 0, ips: 0 }));
  /** in the order of KINDS */
  readonly #kindIps = KINDS.map(() => 0);
  #forgotten = 0;

  constructor(rules: readonly CountingRule[], most = MOST_CLIENTS) {
    this.#rules = rules;
    this.#most = most;
    this.#histograms = rules.map(({ limit }) => new Histogram(limit));
  }

  /** Clients that were let go for want of room. */
  get forgotten(): number {
    return this.#forgotten;
  }

  known(ip: string): ClientTally | undefined {
    return this.#clients.get(ip);
  }

  /** The tally of a client, which begins here where it is new. */
  of(ip: string, name: string | undefined): ClientTally {
    const client = this.#clients.get(ip) ?? this.#add(own(ip));
    if (name !== undefined && name !== client.name) {
      client.hasNames ||= client.name !== undefined;
      client.name = own(name);
    }
    return client;
  }

  /** @param code of the event */
  abuse(client: ClientTally, code: number, at: number): void {
    const total = this.#totals[code];
    if (total !== undefined) {
      total.count++;
      if (!isInMask(client.codes, code)) total.ips++;
    }
    client.codes |= 1 << code;
    const kind = codeNamed(kindOfCode(code));
    if (client.counts[kind] === 0) this.#kindIps[kind] = (this.#kindIps[kind] ?? 0) + 1;
    client.counts[kind] = (client.counts[kind] ?? 0) + 1;
    for (let i = 0; i < this.#rules.length; i++) {
      const rule = this.#rules[i];
      if (rule === undefined || !isInMask(rule.mask, code)) continue;
      const period = Math.floor(at / rule.within);
      if (client.periods[i] !== period) this.#endPeriod(client, i);
      client.periods[i] = period;
      client.inPeriod[i] = (client.inPeriod[i] ?? 0) + 1;
    }
  }

  get kinds(): readonly KindCount[] {
    const all = this.#totals.map((total, code) => ({ ...total, code, class: classOfCode(code) }));
    return KINDS.map((kind, i) => {
      const own = all.filter(({ code }) => kindOfCode(code) === kind);
      const classes = own.flatMap(({ class: name, count, ips }) =>
        name !== undefined && count > 0 ? [{ class: name, count, ips }] : [],
      );
      return { kind, count: sumOf(own.map(({ count }) => count)), ips: this.#kindIps[i] ?? 0, classes };
    });
  }

  /** Those with the most events. */
  get offenders(): readonly Offender[] {
    return this.#highest(({ counts }) => sumOf(counts), MOST_OFFENDERS).map((client) => ({
      ip: client.ip,
      name: client.name ?? null,
      events: eventsOf(client),
      classes: classesOf(client),
      blocks: client.blocks,
      firstBlock: client.firstBlock === undefined ? null : new Date(client.firstBlock).toISOString(),
      rules: client.rules,
      stopped: client.stopped,
      accepted: client.accepted,
      lost: client.lost,
    }));
  }

  /** Those that lost the most mail. */
  get losing(): readonly ClientTally[] {
    return this.#highest(({ lost }) => lost, MOST_LOSING);
  }

  /** IPs that lost mail. */
  get losingCount(): number {
    let count = 0;
    for (const { lost } of this.#clients.values()) if (lost > 0) count++;
    return count;
  }

  /** Ends the periods that are still open; nothing may come after it. */
  finish(): readonly Distribution[] {
    for (const client of this.#clients.values()) this.#endPeriods(client);
    return this.#rules.map(({ name, limit, within }, i) => ({
      rule: name,
      limit,
      within: within / 1000,
      bins: this.#histograms[i]?.bins ?? [],
    }));
  }

  #add(ip: string): ClientTally {
    if (this.#clients.size >= this.#most) this.#letGo();
    const client: ClientTally = {
      ip,
      name: undefined,
      hasNames: false,
      counts: KINDS.map(() => 0),
      codes: 0,
      periods: this.#rules.map(() => 0),
      inPeriod: this.#rules.map(() => 0),
      blocks: 0,
      firstBlock: undefined,
      rules: [],
      stopped: 0,
      accepted: 0,
      lost: 0,
      delivered: 0,
    };
    this.#clients.set(ip, client);
    return client;
  }

  /** The weaker half goes at once, so that each new client pays little for it. */
  #letGo(): void {
    const weights = Float64Array.from(this.#clients.values(), weightOf).sort();
    const enough = weights[this.#most >> 1] ?? 0;
    for (const client of this.#clients.values()) {
      if (weightOf(client) > enough) continue;
      this.#endPeriods(client);
      this.#clients.delete(client.ip);
      this.#forgotten++;
    }
  }

  #endPeriods(client: ClientTally): void {
    for (const i of this.#rules.keys()) this.#endPeriod(client, i);
  }

  #endPeriod(client: ClientTally, rule: number): void {
    const count = client.inPeriod[rule] ?? 0;
    if (count > 0) this.#histograms[rule]?.add(count);
    client.inPeriod[rule] = 0;
  }

  #highest(rankOf: (client: ClientTally) => number, most: number): ClientTally[] {
    let best: ClientTally[] = [];
    for (const client of this.#clients.values()) {
      if (rankOf(client) === 0) continue;
      best.push(client);
      if (best.length > 10 * most) best = sorted(best, rankOf).slice(0, most);
    }
    return sorted(best, rankOf).slice(0, most);
  }
}

export function eventsOf({ counts }: ClientTally): Partial<Record<Kind, number>> {
  return Object.fromEntries(
    KINDS.map((kind, code) => [kind, counts[code] ?? 0] as const).filter(([, n]) => n > 0),
  );
}

/** The classes of its events. */
export function classesOf({ codes }: ClientTally): readonly EventClass[] {
  return NAMES.flatMap((_, code) => (isInMask(codes, code) ? (classOfCode(code) ?? []) : []));
}

/** What was blocked, or lost mail, is told before all others. */
function weightOf({ counts, blocks, lost }: ClientTally): number {
  return sumOf(counts) + 1e6 * (blocks + lost);
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The highest first, and of equals by IP, so that a report is the same each time. */
function sorted(clients: readonly ClientTally[], rankOf: (client: ClientTally) => number): ClientTally[] {
  return [...clients].sort((a, b) => rankOf(b) - rankOf(a) || (a.ip < b.ip ? -1 : 1));
}
