// Flushes the audit trail on a timer: gathers changes for one write, and reports what cannot be written.

import type { PartTroubles } from '../../health/part-troubles.ts';
import type { State } from '../../state/state.ts';
import type { DaemonLog } from '../log/log.ts';

/** ms during which changes are gathered for one write */
const GATHER = 50;

export interface AuditTimerParts {
  readonly state: Pick<State, 'flush' | 'auditDropped'>;
  readonly health: { readonly parts: Pick<PartTroubles, 'audit'> };
  readonly log: Pick<DaemonLog, 'report'>;
}

export class AuditTimer {
  readonly #parts: AuditTimerParts;
  readonly #clock: () => number;
  #timer: NodeJS.Timeout | undefined;
  /** lost lines that were reported */
  #reported = 0;

  /** @param clock ms since 1970 */
  constructor(parts: AuditTimerParts, clock: () => number) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /** Schedules a write for a new change; changes until then are written with it. */
  schedule(): void {
    this.#timer ??= setTimeout(() => this.flush(), GATHER);
  }

  /** Stops the timer. */
  unschedule(): void {
    clearTimeout(this.#timer);
  }

  /** Starts to write what is pending. What cannot be written stays pending. */
  flush(): void {
    const { state, health, log } = this.#parts;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    state.flush().then(
      () => health.parts.audit(undefined, this.#clock()),
      (error: Error) => health.parts.audit(error.message, this.#clock()),
    );
    const lost = state.auditDropped - this.#reported;
    this.#reported += lost;
    if (lost > 0) log.report({ event: 'audit-lines-lost', lines: lost });
  }
}
