// The running policy: the one of the start, until a reload of policy.yml replaces it.

import { resolve } from 'node:path';
import type { Blocks } from '../blocks/blocks.ts';
import { needsGood } from '../blocks/terms.ts';
import type { Config } from '../config/config.ts';
import { policyChanges } from '../config/policy-changes.ts';
import { termsOf } from '../config/terms.ts';
import { ExitError } from '../exit.ts';
import type { Health } from '../health/health.ts';
import type { LogReader } from '../maillog/reader.ts';
import type { PolicyService } from '../policy/server.ts';
import type { DaemonLog } from './log/log.ts';
import { logRefusedReload } from './log/log-reports.ts';
import type { LogFollower } from './log-follower.ts';
import { loadPolicy } from './policy-file.ts';
import type { SnapshotTimer } from './state/snapshot-timer.ts';
import { logPassed } from './systemd/passed.ts';

/** The parts that take up a new policy. */
export interface RunningPolicyParts {
  readonly log: DaemonLog;
  readonly health: Pick<Health, 'reloads' | 'wiring'>;
  readonly blocks: Pick<Blocks, 'adopt'>;
  readonly reader: Pick<LogReader, 'texts' | 'readsGood'>;
  readonly service: Pick<PolicyService, 'prepare' | 'addresses' | 'passed' | 'unused' | 'opened'>;
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
  #loadedAt: number;

  /** @param config loaded from `path`; @param clock ms since 1970 */
  constructor(path: string, config: Config, parts: RunningPolicyParts, clock: () => number) {
    this.path = path;
    this.#config = config;
    this.#parts = parts;
    this.#clock = clock;
    this.#stateDirectory = config.state;
    this.#loadedAt = clock();
  }

  get config(): Config {
    return this.#config;
  }

  /** ms since 1970: when policy.yml was last loaded without a mistake. */
  get loadedAt(): number {
    return this.#loadedAt;
  }

  /** Reads policy.yml again: build, then commit. @returns whether it was accepted; one with mistakes changes nothing */
  async reload(): Promise<boolean> {
    const { log, service, health } = this.#parts;
    const config = await this.#load();
    if (config === undefined) return false;
    const change = await service
      .prepare(config.listen)
      .catch((error: Error) => this.#refuse([error.message]));
    if (change === undefined) return false;
    change.commit();
    logPassed(service, log);
    this.#reportState(config);
    const changes = policyChanges(this.#config, config);
    await this.#takeUp(config);
    this.#loadedAt = this.#clock();
    health.reloads.accepted(this.#clock());
    health.wiring.changed(this.#clock());
    log.report({
      event: 'reload',
      rules: config.rules.length,
      listening: service.addresses.join(','),
      changed: changes.join('; ') || 'nothing',
    });
    return true;
  }

  /** Warns where this policy names another state directory than the policy before. */
  #reportState({ state }: Config): void {
    if (isSamePath(state, this.#stateDirectory) || isSamePath(state, this.#config.state)) return;
    const reason = `${state} takes effect at the next start; until then commands must name a policy with ${this.#stateDirectory}`;
    this.#parts.log.report({ event: 'state-unchanged', reason });
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
      return this.#refuse(error instanceof ExitError ? error.lines : [(error as Error).message]);
    }
  }

  #refuse(mistakes: readonly string[]): undefined {
    const { log, health } = this.#parts;
    logRefusedReload(log, mistakes);
    health.reloads.refused(mistakes, this.#clock());
  }
}

function isSamePath(a: string, b: string): boolean {
  return resolve(a) === resolve(b);
}
