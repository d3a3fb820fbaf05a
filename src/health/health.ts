// The daemon's health: what it has read and answered since its start, and its troubles. Has no clock and no log.

import type { ManualAction } from '../blocks/table/block.ts';
import type { Fact } from '../maillog/postfix/fact.ts';
import type { LogReader } from '../maillog/reader.ts';
import type { MergedLog } from '../maillog/sources/merge.ts';
import { isSyslogDaemon } from '../maillog/syslog/process.ts';
import type { LogRecord } from '../maillog/syslog/record.ts';
import type { PolicyRequest } from '../policy/request.ts';
import { isoText, isoTextOf } from '../values/iso-time.ts';
import { AnswerCounts } from './answer-counts.ts';
import { GoodSenders } from './good-senders.ts';
import { LogCounts } from './log-counts.ts';
import { LogTroubles, type Origin } from './log-troubles.ts';
import { PartTroubles } from './part-troubles.ts';
import { ReaderTroubles } from './reader-troubles.ts';
import { Reloads } from './reloads.ts';
import type { StatusAnswer, Trouble } from './status.ts';
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

export class Health {
  readonly #reader: LogReader;
  readonly #started: number;
  readonly #lines = new LogCounts();
  readonly #answers = new AnswerCounts();
  readonly #troubles: Troubles;
  readonly #readerTroubles: ReaderTroubles;
  readonly #stress: StressWatch;
  readonly log: LogTroubles;
  readonly parts: PartTroubles;
  /** Takes the changes of the blocks, and the breaker. */
  readonly senders: GoodSenders;
  readonly reloads: Reloads;
  readonly wiring: Wiring;
  #faults = 0;

  /** @param now ms since 1970 */
  constructor(reader: LogReader, report: (news: HealthNews) => void, now: number) {
    this.#reader = reader;
    this.#started = now;
    this.#stress = new StressWatch(report);
    this.#troubles = new Troubles((stage, trouble) =>
      report({ type: 'trouble', stage, trouble, ...this.#endOf(stage, trouble) }),
    );
    this.#readerTroubles = new ReaderTroubles(reader, this.#troubles);
    this.log = new LogTroubles(this.#troubles);
    this.parts = new PartTroubles(this.#troubles);
    this.senders = new GoodSenders(this.#troubles);
    this.reloads = new Reloads(this.#troubles);
    this.wiring = new Wiring(this.#troubles, now);
  }

  get troubles(): readonly Trouble[] {
    return this.#troubles.all;
  }

  /** @param isPassed the client is blocked, and has logged in */
  answered(request: Pick<PolicyRequest, 'instance'>, reply: string, isPassed = false): void {
    this.#answers.add(reply, isPassed);
    this.log.asked(request);
    this.wiring.asked(request);
  }

  read(record: LogRecord, fact: Fact | undefined, origin: Origin): void {
    if (isSyslogDaemon(record.program)) return;
    this.#lines.line(record, fact !== undefined);
    this.log.read(record, fact, origin);
    if (fact?.type === 'stress') this.#stress.look(this.#reader.sessions, record.at);
  }

  event(): void {
    this.#lines.event();
  }

  fault(): void {
    this.#faults++;
  }

  /** Call it about once a second. */
  look(progress: LogProgress, now: number): void {
    this.log.look(JSON.stringify(progress.positions), now);
    this.#readerTroubles.look(now);
    this.wiring.look(progress.isAtEnd, now);
    this.#troubles.remind(now);
    if (progress.time > 0) this.#stress.look(this.#reader.sessions, progress.time);
  }

  status(progress: LogProgress, { policy, audit, ...figures }: Figures, now: number): StatusAnswer {
    const { stressUntil, logins } = this.#reader.sessions;
    const { saved } = this.parts;
    return {
      at: isoText(now),
      source: 'daemon',
      trouble: this.troubles,
      ...figures,
      started: isoText(this.#started),
      log: {
        sources: this.log.sources,
        readTo: isoTextOf(progress.time || undefined) ?? null,
        atEnd: progress.isAtEnd,
        ...this.#lines.all,
        lost: this.#reader.lost.lines,
      },
      policy: { ...policy, ...this.#answers.all },
      snapshot: saved.snapshot,
      audit: { ...audit, ...saved.audit },
      faults: this.#faults,
      stressUntil: stressUntil > progress.time ? (isoTextOf(stressUntil) ?? null) : null,
      loginsSpared: logins.spared,
      policyMistakes: this.reloads.mistakes,
    };
  }

  #endOf(stage: Stage, { what }: Trouble): HowItEnded {
    if (stage !== 'over') return {};
    if (what === 'breaker-open') return { hand: this.senders.closedBy };
    return what === 'logins-failing' ? { spared: this.#readerTroubles.loginsWork() } : {};
  }
}
