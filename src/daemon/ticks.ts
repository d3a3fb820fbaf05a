// What the daemon does once a second: expiry, bounds, troubles, the log, and the parts beside the verdict.

import { setImmediate } from 'node:timers/promises';
import type { Health } from '../health/health.ts';
import type { MergedLog } from '../maillog/sources/merge.ts';
import { SECOND } from '../values/duration.ts';
import { type Bounded, logBounds, type Room } from './bounds.ts';
import type { Companions } from './companions/companions.ts';
import type { Reopener } from './front/reopener.ts';
import type { DaemonLog } from './log/log.ts';
import type { LogFollower } from './log-follower.ts';
import type { RunningPolicy } from './running-policy.ts';
import type { AuditTimer } from './state/audit-timer.ts';
import type { Tasks } from './tasks.ts';
import type { Traffic } from './traffic.ts';

export interface TickedParts extends Bounded {
  readonly log: DaemonLog;
  readonly health: Health;
  readonly mergedLog: MergedLog;
  readonly traffic: Pick<Traffic, 'fault'>;
  readonly policy: Pick<RunningPolicy, 'config'>;
  /** for policy clients */
  readonly room: Pick<Room, 'connections'>;
  readonly auditTimer: Pick<AuditTimer, 'flush'>;
  readonly reopener: Pick<Reopener, 'isNeeded' | 'reopen'>;
  readonly follower: Pick<LogFollower, 'isSearchDue' | 'search'>;
  readonly companions: Pick<Companions, 'tick'>;
  readonly optional: { readonly sharing: { tick(): void } | undefined };
  readonly tasks: Pick<Tasks, 'run'>;
}

export class Ticks {
  readonly #parts: TickedParts;
  readonly #clock: () => number;
  #timer: NodeJS.Timeout | undefined;

  /** @param clock ms since 1970 */
  constructor(parts: TickedParts, clock: () => number) {
    this.#parts = parts;
    this.#clock = clock;
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), SECOND);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const { traffic, auditTimer } = this.#parts;
    try {
      this.#look(this.#clock());
    } catch (error) {
      traffic.fault('tick', error);
    }
    auditTimer.flush();
  }

  #look(now: number): void {
    const parts = this.#parts;
    const { blocks, mergedLog, health, log, reopener, follower } = parts;
    parts.optional.sharing?.tick();
    parts.companions.tick(now);
    this.#expire().catch((error) => parts.traffic.fault('expiry', error));
    blocks.forget(mergedLog.settled);
    logBounds(log, parts, { ...parts.room, tracked: parts.policy.config.maxTracked }, now);
    log.reportSuppressed();
    health.senders.look(blocks, now);
    health.look(mergedLog, now);
    if (mergedLog.isAtEnd) blocks.caughtUp();
    // One after the other with reloads, which open and close listeners and logs too.
    if (reopener.isNeeded) void parts.tasks.run('reopen', () => reopener.reopen(this.#clock()));
    if (follower.isSearchDue(now)) void parts.tasks.run('search', () => follower.search());
  }

  /** In steps, so that verdicts are answered in between. */
  async #expire(): Promise<void> {
    const { blocks, mergedLog } = this.#parts;
    while (blocks.expire(this.#clock(), mergedLog.time)) await setImmediate();
  }
}
