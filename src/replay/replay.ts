// The replay itself: passes the records of a log through the daemon's own code, and counts what blocks would have done.

import { type AuditedChange, type Change, isAudited } from '../blocks/changes.ts';
import { codeOfEvent } from '../blocks/events/codes.ts';
import { type AbuseEvent, type GoodEvent, isGood, type LogEvent } from '../blocks/events/event.ts';
import type { Terms } from '../blocks/terms.ts';
import { LogReader } from '../maillog/reader.ts';
import { LogClock } from '../maillog/sources/log-clock.ts';
import { isSyslogDaemon } from '../maillog/syslog/process.ts';
import type { LogRecord } from '../maillog/syslog/record.ts';
import { clientKey } from '../values/address.ts';
import { BlindSpotFinder } from './report/blind-spots.ts';
import { Clients } from './report/clients.ts';
import { Hosts } from './report/hosts.ts';
import { RecordSpan } from './report/record-span.ts';
import { REPORT_VERSION, type Report } from './report/report.ts';
import { Shares } from './report/shares.ts';
import { SparingTally } from './report/sparing.ts';
import { SuspectedProxies } from './report/suspected-proxies.ts';
import { TimelineCounts } from './report/timeline.ts';
import { noteSentences } from './text/notes.ts';
import { LostMailFinder } from './trial/lost-mail.ts';
import type { SweepPlan } from './trial/sweep.ts';
import { Trials } from './trial/trials.ts';

export interface ReplayPlan {
  readonly terms: Terms;
  readonly sweeps: readonly SweepPlan[];
  /** ms since 1970; records before `since`, and from `until` on, are left out */
  readonly since: number;
  readonly until: number;
  /** whether the report shows the shares of clients, also of rules without a share */
  readonly wantsShares?: boolean;
  /** called with each change that the daemon would write to its audit trail, by the log's time */
  readonly onChange: (change: AuditedChange) => void;
}

/** The report without the policy and without what only the inputs know. */
export type RecordsReport = Omit<Report, 'policy' | 'read'> & {
  readonly read: RecordSpan['report'] & Pick<Report['read'], 'hosts'>;
};

/** ms between checks for blocks that expire, as in the daemon */
const TICK = 1000;

export class Replay {
  readonly #plan: ReplayPlan;
  readonly #reader = new LogReader();
  readonly #trials: Trials;
  readonly #clients: Clients;
  readonly #lostMail: LostMailFinder;
  readonly #timeline: TimelineCounts;
  readonly #sparing = new SparingTally();
  readonly #proxies = new SuspectedProxies();
  /** undefined where the report does not show them */
  readonly #shares: Shares | undefined;
  readonly blindSpots = new BlindSpotFinder();
  readonly #span: RecordSpan;
  readonly #hosts = new Hosts();
  readonly #clock = new LogClock();
  #nextTick = Number.NEGATIVE_INFINITY;
  #refusals = 0;
  #hasEvent = false;
  /** one for all records: one for each would be most of what a record leaves to the garbage collector */
  readonly #emit = (event: LogEvent): void => this.#take(event);

  constructor(plan: ReplayPlan) {
    const { terms, sweeps, since, until, wantsShares = false } = plan;
    const { rules } = terms.rules;
    this.#plan = plan;
    this.#span = new RecordSpan(since, until);
    this.#trials = new Trials(terms, sweeps, (change) => this.#changed(change));
    this.#clients = new Clients(rules);
    this.#timeline = new TimelineCounts(rules);
    this.#lostMail = new LostMailFinder(terms, this.#trials, {
      clients: this.#clients,
      timeline: this.#timeline,
    });
    this.#reader.readsGood = wantsShares || this.#trials.needsGood;
    if (wantsShares) this.#shares = new Shares(rules);
    this.#reader.texts.add(rules.map(({ message }) => message));
  }

  take(record: LogRecord): void {
    const { at, program, process } = record;
    if (!this.#span.take(at)) return;
    this.#hosts.take(process);
    this.#clock.take(at, this.#span.to);
    if (at >= this.#nextTick) this.#tick();
    if (program === 'smtpd' || program === 'postscreen' || program === 'cleanup' || program === 'master')
      this.#read(record);
    else if (program === 'qmgr') {
      this.#reader.read(record, this.#emit);
      this.#lostMail.follow(record);
    } else if (isSyslogDaemon(program)) this.#reader.read(record, this.#emit);
    else this.#lostMail.follow(record);
  }

  /** The report on all records taken; no record may be taken after it. */
  report(): RecordsReport {
    this.#trials.finish(this.#span.to);
    const { unspared } = this.#trials;
    return {
      version: REPORT_VERSION,
      event: 'report',
      read: { ...this.#span.report, hosts: this.#hosts.names },
      events: this.#clients.kinds,
      total: this.#trials.total,
      sparing: unspared && this.#sparing.report((ip) => this.#clients.known(ip), unspared),
      rules: this.#trials.rules,
      offenders: this.#clients.offenders,
      cost: this.#lostMail.report,
      sweeps: this.#trials.sweeps,
      timeline: this.#timeline.report,
      distributions: this.#clients.finish(),
      shares: this.#shares?.spreads((ip) => this.#clients.known(ip)?.name) ?? [],
      blindSpots: this.blindSpots.report,
      notes: this.#notes(),
    };
  }

  #tick(): void {
    const now = this.#span.to;
    this.#nextTick = now + TICK;
    const settled = this.#clock.settled(now, false);
    this.#trials.advance(now, settled);
    this.#shares?.forget(settled);
  }

  #read(record: LogRecord): void {
    this.#hasEvent = false;
    const fact = this.#reader.read(record, this.#emit);
    const { uncounted } = this.#reader;
    // The disconnect line does not show how the connection ended; earlier lines do.
    if (fact === undefined || (uncounted !== undefined && fact.type !== 'disconnect')) {
      if (!this.#hasEvent) this.blindSpots.look(record, fact, uncounted);
    } else if (fact.type === 'message' && fact.queueId !== undefined)
      this.#lostMail.arrive(record, fact.queueId, fact);
  }

  #take(event: LogEvent): void {
    this.#hasEvent = true;
    if (event.kind === 'refusal') {
      this.#refusals++;
      this.#trials.refusal(event);
      return;
    }
    const { allow, ipv6Prefix, nat64 } = this.#plan.terms;
    const { address, name } = event;
    const ip = clientKey(address, ipv6Prefix, nat64);
    if (ip === undefined) return;
    if (isGood(event)) this.#good(event, ip);
    else if (!allow.covers(address, name)) this.#abuse(event, ip);
    else if (allow.coversOnlyByPrivate(address, name)) this.#trials.privateAbuse(event);
  }

  #good(event: GoodEvent, ip: string): void {
    this.#trials.good(event);
    this.#shares?.good(event, ip);
  }

  #abuse(event: AbuseEvent, ip: string): void {
    const client = this.#clients.of(ip, event.name);
    const code = codeOfEvent(event);
    this.#clients.abuse(client, code, event.at);
    this.#timeline.event(code, event.at);
    this.#shares?.abuse(client.ip, code, event.at, event.user);
    if (this.#trials.abuse(event, code, client.ip)) client.stopped++;
  }

  #changed(change: Change): void {
    if (change.type === 'block') {
      this.#clients.block(change);
      this.#timeline.block(change.rule, change.at);
      this.#shares?.reach(change.rule, change.ip, true);
    } else if (change.type === 'spared') {
      this.#sparing.spare(change);
      this.#shares?.reach(change.rule, change.ip, false);
    } else if (change.type === 'breaker') this.#sparing.turn(change);
    else if (change.type === 'proxy-suspected') this.#proxies.suspect(change);
    if (isAudited(change)) this.#plan.onChange(change);
  }

  #notes(): readonly string[] {
    return noteSentences({
      proxies: this.#proxies,
      isCostKnown: this.#lostMail.isKnown || this.#span.count === 0,
      refusals: this.#refusals,
      sparedLogins: this.#reader.sessions.logins.spared,
      lostLines: this.#reader.lost.lines,
      evictedRecords: this.#trials.evicted,
      evictedClients: this.#clients.evicted,
    });
  }
}
