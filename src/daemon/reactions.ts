// What follows from a change of the blocks, and from news about the daemon's health.

import type { Blocks } from '../blocks/blocks.ts';
import { type Change, isAudited } from '../blocks/changes.ts';
import type { ControlServer } from '../desk/control.ts';
import type { Health, HealthNews } from '../health/health.ts';
import type { State } from '../state/state.ts';
import type { Companions } from './companions/companions.ts';
import type { CoreEvents, Optional } from './core.ts';
import type { DaemonLog } from './log/log.ts';
import { logChange, logHealth } from './log/log-reports.ts';
import type { AuditTimer } from './state/audit-timer.ts';

export interface ReactingParts {
  readonly state: Pick<State, 'note'>;
  readonly auditTimer: Pick<AuditTimer, 'schedule'>;
  readonly optional: Pick<Optional, 'sharing'>;
  readonly log: DaemonLog;
  readonly health: Pick<Health, 'senders' | 'wiring'>;
  readonly blocks: Blocks;
  readonly control: Pick<ControlServer, 'report'>;
  readonly companions: Pick<Companions, 'changed' | 'reported'>;
}

export class Reactions implements CoreEvents {
  readonly #parts: ReactingParts;
  readonly #clock: () => number;

  /** @param clock ms since 1970 */
  constructor(parts: ReactingParts, clock: () => number) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /** @param host that made the change; undefined for this one */
  changed(change: Change, host?: string): void {
    const { state, auditTimer, optional, log, health, blocks, control, companions } = this.#parts;
    const now = this.#clock();
    state.note(change, now, host);
    auditTimer.schedule();
    if (host === undefined && isAudited(change)) optional.sharing?.changed(change);
    logChange(log, change, host);
    health.senders.changed(change);
    if (change.type === 'allow' || change.type === 'disallow') health.wiring.changed(now);
    // A `status` that follows `resume` must know it.
    if (change.type === 'breaker' && change.state === 'closed') health.senders.look(blocks, now);
    control.report(change);
    companions.changed(change, host);
  }

  reported(news: HealthNews): void {
    const { log, companions } = this.#parts;
    logHealth(log, news);
    companions.reported(news);
  }
}
