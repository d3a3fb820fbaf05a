// The daemon's health: what it has read and answered since its start, and its troubles. Has no clock and no log.

import type { ManualAction } from '../blocks/table/block.ts';
import { maxPinnedWeight } from '../blocks/table/eviction.ts';
import type { Fact } from '../maillog/postfix/fact.ts';
import type { LogReader } from '../maillog/reader.ts';
import type { MergedLog } from '../maillog/sources/merge.ts';
import type { Notice } from '../maillog/sources/source.ts';
import { isSyslogDaemon } from '../maillog/syslog/process.ts';
import type { LogRecord } from '../maillog/syslog/record.ts';
import { HOST_ZONE, type Zone } from '../maillog/syslog/zone.ts';
import type { PolicyRequest } from '../policy/request.ts';
import { HOUR } from '../values/duration.ts';
import { isoText, isoTextOf, isoTime } from '../values/iso-time.ts';
import { AnswerCounts } from './answer-counts.ts';
import { findingText, fullText, loginsText, lostText } from './finding-text.ts';
import { GoodSenders } from './good-senders.ts';
import { LogCounts } from './log-counts.ts';
import { type Finding, LogWatch } from './log-watch.ts';
import { Reloads } from './reloads.ts';
import type { StatusAnswer, Trouble, TroubleName } from './status.ts';
import { type StressNews, StressWatch } from './stress-watch.ts';
import { type Stage, Troubles } from './troubles.ts';
import { Wiring } from './wiring.ts';

/** Where a trouble is over: the failed logins that were not counted; who ended it by hand. */
interface HowItEnded {
  readonly spared?: number;
  readonly hand?: ManualAction | undefined;
}

/** What the daemon's log reports. */
export type HealthNews =
  | ({ readonly type: 'trouble'; readonly stage: Stage; readonly trouble: Trouble } & HowItEnded)
  | StressNews;

type Figure =
  | 'sharing'
  | 'release'
  | 'pid'
  | 'starting'
  | 'tracked'
  | 'blocks'
  | 'forgotten'
  | 'spared'
  | 'breakerSince';

/** Figures that other parts of the daemon supply. */
export interface Figures extends Pick<StatusAnswer, Figure> {
  readonly policy: Omit<StatusAnswer['policy'], 'dunno' | 'reject' | 'passed'>;
  readonly audit: Omit<StatusAnswer['audit'], 'failed'>;
}

/** How far the log has been read. */
export type LogProgress = Pick<MergedLog, 'positions' | 'time' | 'isAtEnd'>;

/** ms for which lost lines are a trouble: journald and rsyslogd report more of them within minutes */
const LOST_FOR = HOUR;

/** The source and stamp of a line. The stamp of its record is set back where that of the line lies ahead. */
export interface Origin {
  /** ms since 1970 */
  readonly stamp: number;
  readonly source: string;
}

/** Below this part of the room for blocked clients, it is no longer full. */
const OVER = 0.95;

export class Health {
  readonly #reader: LogReader;
  readonly #started: number;
  readonly #lines = new LogCounts();
  readonly #answers = new AnswerCounts();
  readonly #watch = new LogWatch();
  readonly #troubles: Troubles;
  /** Takes the changes of the blocks, and the breaker. */
  readonly senders: GoodSenders;
  readonly reloads: Reloads;
  readonly wiring: Wiring;
  #sources: readonly string[] = [];
  #zone = HOST_ZONE;
  #faults = 0;
  #snapshot: string | null = null;
  #lossReports = 0;
  /** ms since 1970; when lost lines were last reported */
  #lostAt = Number.NEGATIVE_INFINITY;
  /** failed logins spared before logins began to fail */
  #loginsSparedBefore = 0;
  readonly #stress: StressWatch;

  /** @param now ms since 1970 */
  constructor(reader: LogReader, report: (news: HealthNews) => void, now: number) {
    this.#reader = reader;
    this.#stress = new StressWatch(report);
    this.#started = now;
    this.#troubles = new Troubles((stage, trouble) =>
      report({ type: 'trouble', stage, trouble, ...this.#endOf(stage, trouble) }),
    );
    this.senders = new GoodSenders(this.#troubles);
    this.reloads = new Reloads(this.#troubles);
    this.wiring = new Wiring(this.#troubles, now);
  }

  get troubles(): readonly Trouble[] {
    return this.#troubles.all;
  }

  /** Names of the log sources that are followed. */
  get sources(): readonly string[] {
    return this.#sources;
  }

  /** ms since 1970: when the last snapshot was written, also by a daemon before; undefined where there is none. */
  get snapshotAt(): number | undefined {
    return this.#snapshot === null ? undefined : isoTime(this.#snapshot);
  }

  /** @param isPassed the client is blocked, and has logged in */
  answered(request: Pick<PolicyRequest, 'instance'>, reply: string, isPassed = false): void {
    this.#answers.add(reply, isPassed);
    this.#watch.asked(request);
    this.wiring.asked(request);
  }

  read(record: LogRecord, fact: Fact | undefined, { stamp, source }: Origin): void {
    if (isSyslogDaemon(record.program)) return;
    this.#lines.line(record, fact !== undefined);
    this.#watch.read(record, fact, stamp, source);
    if (fact?.type === 'stress') this.#stress.look(this.#reader.sessions, record.at);
  }

  event(): void {
    this.#lines.event();
  }

  fault(): void {
    this.#faults++;
  }

  /** The log is followed through these sources from now on. @param zone of stamps without one */
  follows(sources: readonly string[], now: number, zone: Zone = HOST_ZONE): void {
    for (const name of this.#sources) {
      this.#troubles.set('log-source-lost', undefined, now, name);
      this.#troubles.set('log-late', undefined, now, name);
    }
    this.#sources = sources;
    this.#zone = zone;
    this.#watch.follows(sources);
  }

  notice(notice: Notice, now: number): void {
    const { type, source } = notice;
    if (type === 'found') this.#troubles.set('log-source-lost', undefined, now, source);
    else if (type === 'lost') {
      const reason = `nothing is counted: ${source} cannot be read: ${notice.reason}`;
      this.#troubles.set('log-source-lost', reason, now, source);
    }
  }

  /** @param failed the reason, undefined where the snapshot was written */
  snapshot(failed: string | undefined, now: number): void {
    if (failed === undefined) this.#snapshot = isoText(now);
    this.#troubles.set('snapshot-failed', failed, now);
  }

  /** The snapshot that was read at the start. @param written ISO 8601 */
  restored(written: string): void {
    this.#snapshot = written;
  }

  audit(failed: string | undefined, now: number): void {
    this.#troubles.set('audit-failed', failed, now);
  }

  /** A part beside the verdict is in trouble. @param reason undefined where nothing is wrong */
  beside(
    what: Extract<TroubleName, `share-${string}` | 'metrics-down'>,
    reason: string | undefined,
    now: number,
  ): void {
    this.#troubles.set(what, reason, now);
  }

  /** A target of notices fails for long. @param reason undefined where nothing is wrong */
  notices(target: string, reason: string | undefined, now: number): void {
    const text = reason && `notices do not arrive: ${target}: ${reason}`;
    this.#troubles.set('notices-failing', text, now, target);
  }

  /** A file of an export was to be written. @param failed the reason, undefined where it was */
  exported(file: string, failed: string | undefined, now: number): void {
    const reason = failed && `${file} cannot be written, and holds the clients of before: ${failed}`;
    this.#troubles.set('export-failed', reason, now, file);
  }

  /** @param weight of all blocked and watched clients; @param maxTracked of policy.yml */
  blocked(weight: number, maxTracked: number, now: number): void {
    const isKnown = this.#troubles.reasonOf('max-blocked-reached') !== null;
    // One block that ends while others start does not end the trouble.
    const isFull = weight >= maxPinnedWeight(maxTracked) * (isKnown ? OVER : 1);
    this.#troubles.set('max-blocked-reached', isFull ? fullText(maxTracked) : undefined, now);
  }

  /** Call it about once a second. */
  look(progress: LogProgress, now: number): void {
    const findings = this.#watch.look(now, JSON.stringify(progress.positions));
    const found = (is: (finding: Finding) => boolean) => findings.find(is);
    const silent = found(({ type }) => type === 'silent');
    const strange = found(({ type }) => type === 'not-understood');
    this.#troubles.set('log-silent', this.#reasonOf(silent, now), now);
    this.#troubles.set('log-not-understood', this.#reasonOf(strange, now), now);
    for (const name of this.#sources) {
      const late = found((finding) => finding.type === 'late' && finding.source === name);
      this.#troubles.set('log-late', this.#reasonOf(late, now), now, name);
    }
    this.#troubles.set('log-lines-lost', this.#lostLines(now), now);
    this.#troubles.set('logins-failing', this.#failingLogins(), now);
    this.wiring.look(progress.isAtEnd, now);
    this.#troubles.remind(now);
    if (progress.time > 0) this.#stress.look(this.#reader.sessions, progress.time);
  }

  status(progress: LogProgress, { policy, audit, ...figures }: Figures, now: number): StatusAnswer {
    const { stressUntil, logins } = this.#reader.sessions;
    return {
      at: isoText(now),
      source: 'daemon',
      trouble: this.troubles,
      ...figures,
      started: isoText(this.#started),
      log: {
        sources: this.#sources,
        readTo: isoTextOf(progress.time || undefined) ?? null,
        atEnd: progress.isAtEnd,
        ...this.#lines.all,
        lost: this.#reader.lost.lines,
      },
      policy: { ...policy, ...this.#answers.all },
      snapshot: { written: this.#snapshot, failed: this.#troubles.reasonOf('snapshot-failed') },
      audit: { ...audit, failed: this.#troubles.reasonOf('audit-failed') },
      faults: this.#faults,
      stressUntil: stressUntil > progress.time ? (isoTextOf(stressUntil) ?? null) : null,
      loginsSpared: logins.spared,
      policyMistakes: this.reloads.mistakes,
    };
  }

  #lostLines(now: number): string | undefined {
    const { lost } = this.#reader;
    const isNew = lost.reports > this.#lossReports;
    this.#lossReports = lost.reports;
    // After the clock was set back, the hour starts again.
    this.#lostAt = isNew ? now : Math.min(this.#lostAt, now);
    return now - this.#lostAt < LOST_FOR ? lostText(lost) : undefined;
  }

  #failingLogins(): string | undefined {
    const { failing, spared } = this.#reader.sessions.logins;
    return failing.length === 0 ? undefined : loginsText(failing, spared - this.#loginsSparedBefore);
  }

  #endOf(stage: Stage, { what }: Trouble): HowItEnded {
    if (stage !== 'over') return {};
    if (what === 'breaker-open') return { hand: this.senders.closedBy };
    if (what !== 'logins-failing') return {};
    const { spared } = this.#reader.sessions.logins;
    const since = spared - this.#loginsSparedBefore;
    this.#loginsSparedBefore = spared;
    return { spared: since };
  }

  #reasonOf(finding: Finding | undefined, now: number): string | undefined {
    return finding && findingText(finding, this.#sources, this.#zone.offsetAt(now));
  }
}
