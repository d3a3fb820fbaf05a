// Follows the mail log: opens its sources, merges them, and logs what happens to them.

import type { Health } from '../health/health.ts';
import type { Counts } from '../health/metrics/counts.ts';
import type { MergedLog } from '../maillog/sources/merge.ts';
import type { LogSource, Notice, Position } from '../maillog/sources/source.ts';
import { type MaillogSpec, openSources } from '../maillog/sources/sources.ts';
import { findUsualLog, USUAL_FILES, type UsualLog } from '../maillog/sources/usual-log.ts';
import { zoneOf } from '../maillog/syslog/zone.ts';
import { MINUTE } from '../values/duration.ts';
import type { DaemonLog } from './log/log.ts';
import { logNotice } from './log/log-reports.ts';

/** ms between two searches for a log */
const PAUSE = MINUTE;

export interface LogFollowerParts {
  readonly mergedLog: MergedLog;
  readonly health: Pick<Health, 'log'>;
  readonly log: DaemonLog;
  /** what is counted for metrics */
  readonly optional: { readonly counts: Pick<Counts, 'lines'> | undefined };
}

/** The options of policy.yml that concern the mail log. */
export interface Followed {
  readonly maillog: MaillogSpec;
  /** tz database name of the zone of stamps without one; undefined for the host's own */
  readonly zone?: string | undefined;
}

export class LogFollower {
  readonly #parts: LogFollowerParts;
  readonly #clock: () => number;
  /** `maillog: auto` found no log */
  #awaiting: Followed | undefined;
  /** what is followed, with the log that `auto` stands for */
  #opened: { readonly maillog: MaillogSpec | UsualLog; readonly zone?: string | undefined } | undefined;
  /** ms since 1970 */
  #searchedAt = 0;

  /** @param clock ms since 1970 */
  constructor(parts: LogFollowerParts, clock: () => number) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /** @param positions where reading continues; a source without one starts at its end */
  async start(followed: Followed, positions: readonly Position[]): Promise<void> {
    await this.#parts.mergedLog.start(await this.#open(followed), positions);
  }

  /** Follows other sources, or the same in another zone. A source that stays continues where it is. */
  async restart(followed: Followed): Promise<void> {
    const { mergedLog } = this.#parts;
    await mergedLog.stop();
    await mergedLog.start(await this.#open(followed), mergedLog.positions);
  }

  /** Whether it is time to call `search`. @param now ms since 1970 */
  isSearchDue(now: number): boolean {
    this.#searchedAt = Math.min(this.#searchedAt, now);
    return this.#awaiting !== undefined && now - this.#searchedAt >= PAUSE;
  }

  /** Looks again for a log where `maillog: auto` found none, and follows it, a new one from its end. */
  async search(): Promise<void> {
    const followed = this.#awaiting;
    this.#searchedAt = this.#clock();
    if (followed === undefined) return;
    const found = await findUsualLog();
    if (found.type === 'missing') return;
    // The file that is awaited is followed already, from its first line.
    if (found.type === 'files' && found.files[0] === USUAL_FILES[0]) this.#awaiting = undefined;
    else await this.restart(followed);
  }

  /** The same sources as those that are followed, to be read a second time. */
  async openAgain(notify: (notice: Notice) => void): Promise<readonly LogSource[]> {
    if (this.#opened === undefined) return [];
    const { maillog, zone } = this.#opened;
    return await openSources(maillog, notify, zoneOf(zone));
  }

  async #open(followed: Followed): Promise<readonly LogSource[]> {
    const { mergedLog, health, log } = this.#parts;
    const { zone } = followed;
    const maillog = followed.maillog.type === 'auto' ? await findUsualLog() : followed.maillog;
    this.#awaiting = maillog.type === 'missing' ? followed : undefined;
    this.#opened = { maillog, zone };
    this.#searchedAt = this.#clock();
    const notify = (notice: Notice) => {
      logNotice(log, notice);
      health.log.notice(notice, this.#clock());
      this.#count(notice);
      if (notice.type === 'gap') mergedLog.renumber(notice.source, notice.until ?? this.#clock());
    };
    const stampZone = zoneOf(zone);
    const sources = await openSources(maillog, notify, stampZone);
    const names = sources.map(({ name }) => name);
    for (const source of names) log.report({ event: 'log-source', source });
    health.log.follows(names, this.#clock(), stampZone);
    return sources;
  }

  #count(notice: Notice): void {
    const { counts } = this.#parts.optional;
    if (notice.type === 'overlong') counts?.lines.unread('overlong', 1);
    else if (notice.type === 'unread') counts?.lines.unread('header', notice.lines);
  }
}
