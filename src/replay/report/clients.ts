// The clients of a log, each with its tally: those with the most events, and those that would have lost the most mail.

import type { BlockBegun } from '../../blocks/changes.ts';
import { codeNamed, isInMask, kindOfCode } from '../../blocks/events/codes.ts';
import type { CountingRule } from '../../blocks/rules.ts';
import { own } from '../../values/detached-string.ts';
import { isoTextOf } from '../../values/iso-time.ts';
import { type ClientTally, classesOf, eventCount, eventsOf, newTally } from './client-tally.ts';
import { type Distribution, Histogram } from './histogram.ts';
import { KindTotals } from './kind-totals.ts';
import type { KindCount, Offender } from './report.ts';

/** Clients that have a tally of their own; of more, those with the fewest events are evicted. */
const MAX_CLIENTS = 500_000;
const MAX_OFFENDERS = 20;
const MAX_LOSING = 50;

export class Clients {
  readonly #rules: readonly CountingRule[];
  readonly #max: number;
  readonly #clients = new Map<string, ClientTally>();
  readonly #histograms: readonly Histogram[];
  readonly #totals = new KindTotals();
  #evicted = 0;

  constructor(rules: readonly CountingRule[], max = MAX_CLIENTS) {
    this.#rules = rules;
    this.#max = max;
    this.#histograms = rules.map(({ limit }) => new Histogram(limit));
  }

  /** Clients evicted because there were too many. */
  get evicted(): number {
    return this.#evicted;
  }

  known(ip: string): ClientTally | undefined {
    return this.#clients.get(ip);
  }

  /** The tally of a client; a new one where there is none. */
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
    const kind = codeNamed(kindOfCode(code));
    this.#totals.add(code, { ofCode: !isInMask(client.codes, code), ofKind: client.counts[kind] === 0 });
    client.codes |= 1 << code;
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

  /** A block of the policy starts. */
  block({ ip, rule, at }: BlockBegun): void {
    const client = this.of(ip, undefined);
    client.blocks++;
    client.firstBlock ??= at;
    if (!client.rules.includes(rule)) client.rules = [...client.rules, rule];
  }

  get kinds(): readonly KindCount[] {
    return this.#totals.report;
  }

  /** The clients with the most events. */
  get offenders(): readonly Offender[] {
    return this.#highest(eventCount, MAX_OFFENDERS).map((client) => ({
      ip: client.ip,
      name: client.name ?? null,
      events: eventsOf(client),
      classes: classesOf(client),
      blocks: client.blocks,
      firstBlock: isoTextOf(client.firstBlock) ?? null,
      rules: client.rules,
      stopped: client.stopped,
      accepted: client.accepted,
      lost: client.lost,
    }));
  }

  /** The clients that lost the most mail. */
  get losing(): readonly ClientTally[] {
    return this.#highest(({ lost }) => lost, MAX_LOSING);
  }

  /** IPs that lost mail. */
  get losingCount(): number {
    let count = 0;
    for (const { lost } of this.#clients.values()) if (lost > 0) count++;
    return count;
  }

  /** Ends the periods that are still open; no event may be added after it. */
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
    if (this.#clients.size >= this.#max) this.#evict();
    const client = newTally(ip, this.#rules.length);
    this.#clients.set(ip, client);
    return client;
  }

  /** Evicts the half with the lowest weights at once, so that the cost for each new client is low. */
  #evict(): void {
    const weights = Float64Array.from(this.#clients.values(), weightOf).sort();
    const enough = weights[this.#max >> 1] ?? 0;
    for (const client of this.#clients.values()) {
      if (weightOf(client) > enough) continue;
      this.#endPeriods(client);
      this.#clients.delete(client.ip);
      this.#evicted++;
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

  #highest(rankOf: (client: ClientTally) => number, max: number): ClientTally[] {
    let best: ClientTally[] = [];
    for (const client of this.#clients.values()) {
      if (rankOf(client) === 0) continue;
      best.push(client);
      if (best.length > 10 * max) best = sorted(best, rankOf).slice(0, max);
    }
    return sorted(best, rankOf).slice(0, max);
  }
}

/** A client that was blocked, or that lost mail, matters more to the report than all others. */
function weightOf(client: ClientTally): number {
  return eventCount(client) + 1e6 * (client.blocks + client.lost);
}

/** The highest first, equals by IP, so that a report is the same each time. */
function sorted(clients: readonly ClientTally[], rankOf: (client: ClientTally) => number): ClientTally[] {
  return [...clients].sort((a, b) => rankOf(b) - rankOf(a) || (a.ip < b.ip ? -1 : 1));
}
