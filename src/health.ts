// How the daemon is: what it read and answered since its start, and what troubles it. Knows no clock and no log.

import { durationText } from './blocks/duration.ts';
import type { Fact } from './maillog/fact.ts';
import type { LogReader } from './maillog/reader.ts';
import type { LogRecord } from './maillog/record.ts';
import type { LogRiver } from './maillog/river.ts';
import type { Notice } from './maillog/source.ts';
import { type Finding, LogWatch, MESSAGES } from './maillog/watch.ts';
import type { PolicyRequest } from './policy/request.ts';
import { DUNNO } from './policy/verdict.ts';
import type { StatusAnswer, Trouble } from './support/answers.ts';
import { type Stage, Troubles } from './troubles.ts';

/** What the daemon's log is to say. */
export type HealthNews =
  | { readonly type: 'trouble'; readonly stage: Stage; readonly trouble: Trouble }
  | { readonly type: 'stress-began'; readonly until: string | null }
  /** `drops` charged nobody */
  | { readonly type: 'stress-over'; readonly drops: number };

/** What others know of themselves. */
export interface Figures extends Pick<StatusAnswer, 'release' | 'pid' | 'tracked' | 'blocks' | 'forgotten'> {
  readonly policy: Omit<StatusAnswer['policy'], 'dunno' | 'reject'>;
  readonly audit: Omit<StatusAnswer['audit'], 'failed'>;
}

/** How far the log has been read. */
export type Reading = Pick<LogRiver, 'positions' | 'time' | 'isAtEnd'>;

const LOG_TROUBLES = ['log-silent', 'log-not-understood', 'log-late'] as const;

export class Health {
  readonly #tell: (news: HealthNews) => void;
  readonly #reader: LogReader;
  readonly #started: number;
  readonly #watch = new LogWatch();
  readonly #troubles: Troubles;
  #sources: readonly string[] = [];
  #lines = 0;
  #understood = 0;
  #events = 0;
  #heard: number | undefined;
  #dunno = 0;
  #reject = 0;
  #faults = 0;
  #snapshot: string | null = null;
  /** drops spared when the stress that is going on began */
  #sparedBefore: number | undefined;

  /** @param now ms since 1970 */
  constructor(reader: LogReader, tell: (news: HealthNews) => void, now: number) {
    this.#reader = reader;
    this.#tell = tell;
    this.#started = now;
    this.#troubles = new Troubles((stage, trouble) => tell({ type: 'trouble', stage, trouble }));
  }

  get troubles(): readonly Trouble[] {
    return this.#troubles.all;
  }

  answered(request: Pick<PolicyRequest, 'instance'>, reply: string): void {
    if (reply === DUNNO) this.#dunno++;
    else this.#reject++;
    this.#watch.asked(request);
  }

  /** @param stamp ms; as it stands in the log: that of the record is set back where it lies ahead */
  read(record: LogRecord, fact: Fact | undefined, stamp = record.at): void {
    this.#lines++;
    if (fact !== undefined) this.#understood++;
    if (record.program === 'smtpd') this.#heard = record.at;
    this.#watch.read(record, fact, stamp);
    if (fact?.type === 'stress') this.#lookAtStress(record.at);
  }

  event(): void {
    this.#events++;
  }

  fault(): void {
    this.#faults++;
  }

  /** The log is followed from now on through these sources. */
  follows(sources: readonly string[], now: number): void {
    for (const name of this.#sources) this.#troubles.set('log-source-lost', undefined, now, name);
    this.#sources = sources;
  }

  notice(notice: Notice, now: number): void {
    const { type, source } = notice;
    if (type === 'found') this.#troubles.set('log-source-lost', undefined, now, source);
    else if (type === 'lost') {
      const reason = `nothing is counted: ${source} cannot be read: ${notice.reason}`;
      this.#troubles.set('log-source-lost', reason, now, source);
    }
  }

  /** @param failed why, undefined where it was written */
  snapshot(failed: string | undefined, now: number): void {
    if (failed === undefined) this.#snapshot = new Date(now).toISOString();
    this.#troubles.set('snapshot-failed', failed, now);
  }

  /** The snapshot that was read at the start. @param written ISO 8601 */
  restored(written: string): void {
    this.#snapshot = written;
  }

  audit(failed: string | undefined, now: number): void {
    this.#troubles.set('audit-failed', failed, now);
  }

  /** To be called every second or so. */
  look(river: Reading, now: number): void {
    const findings = this.#watch.look(now, JSON.stringify(river.positions));
    for (const what of LOG_TROUBLES) {
      const finding = findings.find(({ type }) => what === `log-${type}`);
      this.#troubles.set(what, finding && reasonOf(finding, this.#sources), now);
    }
    this.#troubles.remind(now);
    if (river.time > 0) this.#lookAtStress(river.time);
  }

  status(river: Reading, { policy, audit, ...figures }: Figures, now: number): StatusAnswer {
    const { stressUntil } = this.#reader.sessions;
    return {
      at: new Date(now).toISOString(),
      source: 'daemon',
      trouble: this.troubles,
      ...figures,
      started: new Date(this.#started).toISOString(),
      log: {
        sources: this.#sources,
        readTo: isoOrNull(river.time || undefined),
        atEnd: river.isAtEnd,
        heard: isoOrNull(this.#heard),
        lines: this.#lines,
        understood: this.#understood,
        events: this.#events,
      },
      policy: { ...policy, dunno: this.#dunno, reject: this.#reject },
      snapshot: { written: this.#snapshot, failed: this.#troubles.reasonOf('snapshot-failed') },
      audit: { ...audit, failed: this.#troubles.reasonOf('audit-failed') },
      faults: this.#faults,
      stressUntil: stressUntil > river.time ? isoOrNull(stressUntil) : null,
    };
  }

  /** @param time ms: how far the log has been read */
  #lookAtStress(time: number): void {
    const { stressUntil, spared } = this.#reader.sessions;
    const isUnderStress = time < stressUntil;
    if (isUnderStress && this.#sparedBefore === undefined) {
      this.#sparedBefore = spared;
      this.#tell({ type: 'stress-began', until: isoOrNull(stressUntil) });
    } else if (!isUnderStress && this.#sparedBefore !== undefined) {
      this.#tell({ type: 'stress-over', drops: spared - this.#sparedBefore });
      this.#sparedBefore = undefined;
    }
  }
}

function reasonOf(finding: Finding, sources: readonly string[]): string {
  const time = durationText(Math.abs(finding.ms));
  const log = sources.join(', ');
  const asked = `Postfix asked about ${MESSAGES} messages or more`;
  if (finding.type === 'late') {
    return finding.ms > 0
      ? `what is read from ${log} is ${time} behind the clock, and does not catch up`
      : `lines of ${log} are stamped ${time} ahead of the clock`;
  }
  if (finding.type === 'not-understood')
    return `nothing is counted: ${asked}, and for ${time} no line of smtpd in ${log} was understood`;
  return finding.moved
    ? `nothing is counted: ${asked}, and for ${time} ${log} had lines, but none of smtpd`
    : `nothing is counted: ${asked}, and for ${time} ${log} has said nothing`;
}

function isoOrNull(ms: number | undefined): string | null {
  const date = new Date(ms ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
