// Follows the mail log: opens its sources, merges them, and logs what happens to them.

import type { Health } from '../health/health.ts';
import type { MergedLog } from '../maillog/sources/merge.ts';
import type { LogSource, Notice, Position } from '../maillog/sources/source.ts';
import { type MaillogSpec, openSources } from '../maillog/sources/sources.ts';
import { zoneOf } from '../maillog/syslog/zone.ts';
import type { DaemonLog } from './log/log.ts';
import { logNotice } from './log/log-reports.ts';

export interface LogFollowerParts {
  readonly mergedLog: MergedLog;
  readonly health: Pick<Health, 'follows' | 'notice'>;
  readonly log: DaemonLog;
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

  async #open({ maillog, zone }: Followed): Promise<readonly LogSource[]> {
    const { mergedLog, health, log } = this.#parts;
    const notify = (notice: Notice) => {
      logNotice(log, notice);
      health.notice(notice, this.#clock());
      if (notice.type === 'gap') mergedLog.renumber(notice.source, notice.until ?? this.#clock());
    };
    const stampZone = zoneOf(zone);
    const sources = await openSources(maillog, notify, stampZone);
    const names = sources.map(({ name }) => name);
    for (const source of names) log.report({ event: 'log-source', source });
    health.follows(names, this.#clock(), stampZone);
    return sources;
  }
}
