// The flushing of the audit trail: changes gather for one write, and what could not be written is told.

import type { Health } from '../health/health.ts';
import type { State } from '../state/state.ts';
import type { DaemonLog } from './log.ts';

/** ms in which changes gather for one write */
const GATHER = 50;

export interface AuditFlusherParts {
  readonly state: Pick<State, 'flush' | 'auditDropped'>;
  readonly health: Pick<Health, 'audit'>;
  readonly log: Pick<DaemonLog, 'report'>;
}

export class AuditFlusher {
  readonly #parts: AuditFlusherParts;
  readonly #clock: () => number;
  #timer: NodeJS.Timeout | undefined;
  /** lines lost that the log has told of */
  #told = 0;

  /** @param clock ms since 1970 */
  constructor(parts: AuditFlusherParts, clock: () => number) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /** There is a change to write: soon, together with those that come until then. */
  schedule(): void {
    this.#timer ??= setTimeout(() => this.flush(), GATHER);
  }

  /** Flushes no longer by itself. */
  unschedule(): void {
    clearTimeout(this.#timer);
  }

  /** Begins to write what waits; what cannot be written goes on waiting. */
  flush(): void {
    const { state, health, log } = this.#parts;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    state.flush().then(
      () => health.audit(undefined, this.#clock()),
      (error: Error) => health.audit(error.message, this.#clock()),
    );
    const lost = state.auditDropped - this.#told;
    this.#told += lost;
    if (lost > 0) log.report({ event: 'audit-lines-lost', lines: lost });
  }
}
