// The following of the mail log: finds its sources, sends them down the river, and tells what becomes of them.

import type { Health } from './health.ts';
import type { DaemonLog } from './log.ts';
import type { LogRiver } from './maillog/river.ts';
import type { LogSource, Position } from './maillog/source.ts';
import { type MaillogSpec, openSources } from './maillog/sources.ts';
import { tellNotice } from './narration.ts';

export interface LogFollowerParts {
  readonly river: LogRiver;
  readonly health: Pick<Health, 'follows' | 'notice'>;
  readonly log: DaemonLog;
}

export class LogFollower {
  readonly #parts: LogFollowerParts;
  readonly #clock: () => number;

  /** @param clock ms since 1970 */
  constructor(parts: LogFollowerParts, clock: () => number) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /** @param positions where reading goes on; a source without one begins at its end */
  async start(maillog: MaillogSpec, positions: readonly Position[]): Promise<void> {
    await this.#parts.river.start(await this.#open(maillog), positions);
  }

  /** Follows other sources from now on; one that stays is read on where it stands. */
  async restart(maillog: MaillogSpec): Promise<void> {
    const { river } = this.#parts;
    await river.stop();
    await river.start(await this.#open(maillog), river.positions);
  }

  async #open(maillog: MaillogSpec): Promise<readonly LogSource[]> {
    const { health, log } = this.#parts;
    const sources = await openSources(maillog, (notice) => {
      tellNotice(log, notice);
      health.notice(notice, this.#clock());
    });
    const names = sources.map(({ name }) => name);
    for (const source of names) log.info('log-source', { source });
    health.follows(names, this.#clock());
    return sources;
  }
}
