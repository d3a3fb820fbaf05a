// The running policy: the one of the start, until a reload of policy.yml replaces it.

import type { Blocks } from '../blocks/blocks.ts';
import { needsGood } from '../blocks/terms.ts';
import type { Config } from '../config/config.ts';
import { termsOf } from '../config/terms.ts';
import { ExitError } from '../exit.ts';
import type { LogReader } from '../maillog/reader.ts';
import type { PolicyService } from '../policy/server.ts';
import type { DaemonLog } from './log/log.ts';
import { logRefusedReload } from './log/log-reports.ts';
import type { LogFollower } from './log-follower.ts';
import { loadPolicy } from './policy-file.ts';
import type { SnapshotTimer } from './snapshot-timer.ts';

/** The parts that take up a new policy. */
export interface RunningPolicyParts {
  readonly log: DaemonLog;
  readonly blocks: Pick<Blocks, 'adopt'>;
  readonly reader: Pick<LogReader, 'texts' | 'readsGood'>;
  readonly service: Pick<PolicyService, 'prepare' | 'addresses'>;
  readonly follower: Pick<LogFollower, 'restart'>;
  readonly snapshotTimer: Pick<SnapshotTimer, 'schedule'>;
}

export class RunningPolicy {
  readonly path: string;
  readonly #parts: RunningPolicyParts;
  readonly #clock: () => number;
  /** that of the start: another one needs a restart */
  readonly #stateDirectory: string;
  #config: Config;

  /** @param config loaded from `path`; @param clock ms since 1970 */
  constructor(path: string, config: Config, parts: RunningPolicyParts, clock: () => number) {
    this.path = path;
    this.#config = config;
    this.#parts = parts;
    this.#clock = clock;
    this.#stateDirectory = config.state;
  }

  get config(): Config {
    return this.#config;
  }

  /** Reads policy.yml again: build, then commit. A policy with mistakes changes nothing. */
  async reload(): Promise<void> {
    const { log, service } = this.#parts;
    const config = await this.#load();
    if (config === undefined) return;
    const change = await service
      .prepare(config.listen)
      .catch((error: Error) => logRefusedReload(log, [error.message]));
    if (change === undefined) return;
    change.commit();
    if (config.state !== this.#stateDirectory) {
      const reason = 'a new state directory takes effect at the next start';
      log.report({ event: 'state-unchanged', reason });
    }
    await this.#takeUp(config);
    log.report({ event: 'reload', rules: config.rules.length, listening: service.addresses.join(',') });
  }

  async #takeUp(config: Config): Promise<void> {
    const { log, blocks, reader, follower, snapshotTimer } = this.#parts;
    const { maillog, zone } = this.#config;
    const isSameLog = JSON.stringify([config.maillog, config.zone]) === JSON.stringify([maillog, zone]);
    this.#config = config;
    log.configure(config.log);
    reader.texts.add(config.rules.map((rule) => rule.message));
    const terms = termsOf(config);
    reader.readsGood = needsGood(terms);
    blocks.adopt(terms, this.#clock());
    snapshotTimer.schedule(config.snapshotEvery);
    if (!isSameLog) await follower.restart(config);
  }

  async #load(): Promise<Config | undefined> {
    const { log } = this.#parts;
    try {
      return await loadPolicy(this.path);
    } catch (error) {
      // The log file of the running policy is reopened all the same: logrotate may have sent the signal.
      log.configure(this.#config.log);
      return logRefusedReload(log, error instanceof ExitError ? error.lines : [(error as Error).message]);
    }
  }
}
