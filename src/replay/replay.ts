// The replay itself: old log records through the code that serves, and what would have come of them. Knows no clock.

import type { AuditedChange } from '../blocks/changes.ts';
import { codeOfEvent, isInMask, NAMES } from '../blocks/events/codes.ts';
import type { AbuseEvent, LogEvent } from '../blocks/events/event.ts';
import type { Terms } from '../blocks/terms.ts';
import type { MessageFact } from '../maillog/postfix/fact.ts';
import { LogReader } from '../maillog/reader.ts';
import { LogClock } from '../maillog/sources/log-clock.ts';
import { isSyslogDaemon } from '../maillog/syslog/process.ts';
import type { LogRecord } from '../maillog/syslog/record.ts';
import { clientKey } from '../values/address.ts';
import { BlindSpotFinder } from './report/blind-spots.ts';
import { Clients, type ClientTally } from './report/clients.ts';
import { CostLedger } from './report/cost.ts';
import { type Arrival, acceptedMail, Mails } from './report/mails.ts';
import { REPORT_VERSION, type Report } from './report/report.ts';
import { type Series, Slices } from './report/slices.ts';
import type { RuleTally } from './trial/rule-tally.ts';
import { type SweepPlan, SweepRun } from './trial/sweep.ts';
import { TrialTally } from './trial/trial-tally.ts';

export interface ReplayPlan {
  readonly terms: Terms;
  readonly sweeps: readonly SweepPlan[];
  /** ms; records before `since`, and from `until` on, are left out */
  readonly since: number;
  readonly until: number;
  /** hears of blocks as they begin and end, by the log's time */
  readonly onChange: (change: AuditedChange) => void;
}

/** ms between looks at blocks whose time is over, as in the daemon */
const TICK = 1000;

/** Rules that held a client when its mail came, for each trial. */
type Holdings = readonly (readonly string[])[];

const LOOPBACK = /^(?:127\.|::1$)/;

export class Replay {
  readonly #plan: ReplayPlan;
  readonly #reader = new LogReader();
  readonly #base: TrialTally;
  readonly #sweeps: readonly SweepRun[];
  readonly #trials: readonly TrialTally[];
  readonly #clients: Clients;
  readonly #mails = new Mails();
  readonly #arrived = new WeakMap<Arrival, Holdings>();
  readonly #cost = new CostLedger();
  readonly #slices = new Slices();
  /** in the order of the rules: their events, and their blocks */
  readonly #events: readonly Series[];
  readonly #blocks: readonly Series[];
  readonly #accepted = this.#slices.series();
  readonly #lost = this.#slices.series();
  readonly blindSpots = new BlindSpotFinder();
  #records = 0;
  #leftOut = 0;
  /** ms since 1970, of all records */
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #refusals = 0;
  #from = Number.POSITIVE_INFINITY;
  #time = Number.NEGATIVE_INFINITY;
  readonly #clock = new LogClock();
  #nextTick = Number.NEGATIVE_INFINITY;
  #hasEvent = false;
  /** one for all records: a new one each would be most of what a record leaves to the collector */
  readonly #emit = (event: LogEvent): void => this.#take(event);
  readonly #enforced: readonly RuleTally[];
  /** by code: whether an enforced rule counts it */
  readonly #isCounted: readonly boolean[];
  /** by code: the events of the rules that count it */
  readonly #counting: readonly (readonly Series[])[];
  readonly #enforcedNames: ReadonlySet<string>;
  #counted = 0;
  #stopped = 0;

  constructor(plan: ReplayPlan) {
    const { terms } = plan;
    const { rules } = terms.rules;
    this.#plan = plan;
    this.#base = new TrialTally(terms, (change) => this.#changed(change));
    this.#enforced = this.#base.rules.filter(({ rule }) => rule.enforce);
    this.#enforcedNames = new Set(this.#enforced.map(({ rule }) => rule.name));
    this.#isCounted = NAMES.map((_, code) => this.#enforced.some(({ rule }) => isInMask(rule.mask, code)));
    this.#events = rules.map(() => this.#slices.series());
    this.#blocks = rules.map(() => this.#slices.series());
    this.#counting = NAMES.map((_, code) =>
      this.#events.filter((_, i) => isInMask(rules[i]?.mask ?? 0, code)),
    );
    this.#sweeps = plan.sweeps.map((sweep) => new SweepRun(sweep));
    this.#trials = [this.#base, ...this.#sweeps.flatMap(({ tallies }) => tallies)];
    this.#clients = new Clients(rules);
    this.#reader.texts.add(rules.map(({ message }) => message));
  }

  take(record: LogRecord): void {
    const { at, program } = record;
    if (at < this.#first) this.#first = at;
    if (at > this.#last) this.#last = at;
    if (at < this.#plan.since || at >= this.#plan.until) {
      this.#leftOut++;
      return;
    }
    this.#records++;
    if (at < this.#from) this.#from = at;
    if (at > this.#time) this.#time = at;
    this.#clock.take(at, this.#time);
    if (at >= this.#nextTick) this.#tick();
    if (program === 'smtpd' || program === 'postscreen' || program === 'cleanup' || program === 'master')
      this.#read(record);
    else if (isSyslogDaemon(program)) this.#reader.read(record, this.#emit);
    else this.#follow(record);
  }

  /** What has come of all that was taken; nothing may be taken after it. */
  report(): Omit<Report, 'policy' | 'read'> & {
    readonly read: Pick<Report['read'], 'records' | 'from' | 'to' | 'leftOut' | 'first' | 'last'>;
  } {
    for (const { trial } of this.#trials) trial.finish(this.#time);
    return {
      version: REPORT_VERSION,
      event: 'report',
      read: {
        records: this.#records,
        from: isoOf(this.#from),
        to: isoOf(this.#time),
        leftOut: this.#leftOut,
        first: isoOf(this.#first),
        last: isoOf(this.#last),
      },
      events: this.#clients.kinds,
      total: {
        blocks: this.#enforced.reduce((sum, { blocks }) => sum + blocks, 0),
        counted: this.#counted,
        stopped: this.#stopped,
      },
      rules: this.#base.rules.map(({ report }) => report),
      offenders: this.#clients.offenders,
      cost: this.#cost.report(this.#clients),
      sweeps: this.#sweeps.map(({ report }) => report),
      timeline: this.#timeline(),
      distributions: this.#clients.finish(),
      blindSpots: this.blindSpots.report,
      notes: this.#notes(),
    };
  }

  #tick(): void {
    this.#nextTick = this.#time + TICK;
    const settled = this.#clock.settled(this.#time, false);
    for (const { trial } of this.#trials) trial.advance(this.#time, settled);
  }

  #read(record: LogRecord): void {
    this.#hasEvent = false;
    const fact = this.#reader.read(record, this.#emit);
    const { uncounted } = this.#reader;
    // How a connection ended is told by lines before that of its end.
    if (fact === undefined || (uncounted !== undefined && fact.type !== 'disconnect')) {
      if (!this.#hasEvent) this.blindSpots.look(record, fact, uncounted);
    } else if (fact.type === 'message' && fact.queueId !== undefined)
      this.#arrive(record, fact.queueId, fact);
  }

  #take(event: LogEvent): void {
    this.#hasEvent = true;
    if (event.kind === 'refusal') {
      this.#refusals++;
      for (const tally of this.#trials) tally.pass(event);
      return;
    }
    const { terms } = this.#plan;
    const ip = this.#keyOf(event.address);
    if (ip === undefined || terms.allow.covers(event.address, event.name)) return;
    this.#abuse(event, this.#clients.of(ip, event.name));
  }

  #abuse(event: AbuseEvent, client: ClientTally): void {
    const code = codeOfEvent(event);
    this.#clients.abuse(client, code, event.at);
    for (const series of this.#counting[code] ?? []) series.add(event.at);
    const isCounted = this.#isCounted[code] === true;
    const isStopped = this.#isRefused(this.#base.abuse(event, code, client.ip));
    if (isStopped) client.stopped++;
    if (isCounted) this.#counted++;
    if (isCounted && isStopped) this.#stopped++;
    for (const sweep of this.#sweeps) sweep.abuse(event, code, client.ip);
  }

  #changed(change: AuditedChange): void {
    if (change.type === 'block') {
      const client = this.#clients.of(change.ip, undefined);
      client.blocks++;
      client.firstBlock ??= change.at;
      if (!client.rules.includes(change.rule)) client.rules = [...client.rules, change.rule];
      const index = this.#base.rules.findIndex(({ rule }) => rule.name === change.rule);
      this.#blocks[index]?.add(change.at);
    }
    this.#plan.onChange(change);
  }

  #keyOf(address: string): string | undefined {
    const { ipv6Prefix, nat64 } = this.#plan.terms;
    return clientKey(address, ipv6Prefix, nat64);
  }

  #arrive(record: LogRecord, queueId: string, fact: MessageFact): void {
    const arrival = this.#mails.arrive(record, queueId, fact);
    const ip = arrival && this.#keyOf(arrival.address);
    if (arrival === undefined || ip === undefined) return;
    const holdings = this.#holdings(arrival, ip, record.at);
    if (holdings !== undefined) this.#arrived.set(arrival, holdings);
  }

  #follow(record: LogRecord): void {
    this.#cost.isKnown ||= record.program === 'qmgr';
    const arrival = this.#mails.follow(record);
    if (arrival === undefined || LOOPBACK.test(arrival.address)) return;
    const ip = this.#keyOf(arrival.address);
    if (ip === undefined) return;
    const client = this.#clients.of(ip, arrival.name);
    client.accepted++;
    this.#cost.accepted++;
    this.#accepted.add(record.at);
    this.#charge(arrival, record, client);
  }

  /** A mail is lost where a block held its client at the first recipient, or at the end of the data. */
  #charge(arrival: Arrival, record: LogRecord, client: ClientTally): void {
    const before = this.#arrived.get(arrival);
    const after = this.#holdings(arrival, client.ip, record.at);
    if (before === undefined && after === undefined) return;
    const mail = acceptedMail(arrival, record);
    for (const [i, tally] of this.#trials.entries()) {
      const rules = new Set([...(before?.[i] ?? []), ...(after?.[i] ?? [])]);
      for (const rule of rules) tally.tallyOf(rule)?.lose(client.ip);
      const refused = i === 0 ? [...rules].find((rule) => this.#isRefused([rule])) : undefined;
      if (refused === undefined) continue;
      this.#lost.add(mail.acceptedAt);
      this.#cost.lose(mail, client, refused, (onDelivered) => this.#mails.await(mail, onDelivered));
    }
  }

  /** undefined where no trial holds the client */
  #holdings({ address, name }: Arrival, ip: string, at: number): Holdings | undefined {
    // Asked for each mail, of which few come from a client that is held.
    if (!this.#trials.some(({ trial }) => trial.isHolding(ip))) return undefined;
    const holdings = this.#trials.map(({ trial }) => trial.rulesHolding(ip, at));
    const isHeld = holdings.some(({ length }) => length > 0);
    return isHeld && !this.#plan.terms.allow.covers(address, name) ? holdings : undefined;
  }

  /** Whether one of these rules is enforced: those that only watch refuse nothing. */
  #isRefused(rules: readonly string[]): boolean {
    for (const rule of rules) if (this.#enforcedNames.has(rule)) return true;
    return false;
  }

  #timeline(): Report['timeline'] {
    return {
      start: this.#slices.start,
      width: this.#slices.width,
      rules: this.#base.rules.map(({ rule }, i) => ({
        rule: rule.name,
        events: this.#events[i]?.counts ?? [],
        blocks: this.#blocks[i]?.counts ?? [],
      })),
      accepted: this.#accepted.counts,
      lost: this.#lost.counts,
    };
  }

  #notes(): readonly string[] {
    const notes: string[] = [];
    if (!this.#cost.isKnown && this.#records > 0)
      notes.push('The log has no lines of qmgr, which tell what Postfix accepted: the cost is not known.');
    if (this.#refusals > 0)
      notes.push(
        `Postfix refused ${this.#refusals} times with the text of one of these rules while this log was written: what was refused then can neither be counted nor lost here.`,
      );
    const { spared } = this.#reader.sessions.logins;
    if (spared > 0)
      notes.push(
        `${spared} failed logins charged nobody: clients that could always log in failed, so the user database was probably down.`,
      );
    const { lines } = this.#reader.lost;
    if (lines > 0)
      notes.push(
        `journald or rsyslogd dropped ${lines} lines, as they say: what was in them is not counted.`,
      );
    const forgotten = Math.max(...this.#trials.map(({ trial }) => trial.forgotten));
    if (forgotten > 0)
      notes.push(`max-tracked was reached: ${forgotten} counts were let go, as the daemon would have.`);
    if (this.#clients.forgotten > 0)
      notes.push(
        `${this.#clients.forgotten} IPs with few events were let go: the numbers of IPs are too high.`,
      );
    return notes;
  }
}

/** @param at ms since 1970; infinite where there was no record */
function isoOf(at: number): string | null {
  return Number.isFinite(at) ? new Date(at).toISOString() : null;
}
