// The daemon's traffic: answers each policy request and counts each log record. An internal error stops neither.

import type { Blocks } from '../blocks/blocks.ts';
import type { Health, Origin } from '../health/health.ts';
import type { LogReader } from '../maillog/reader.ts';
import type { LogRecord } from '../maillog/syslog/record.ts';
import type { PolicyRequest } from '../policy/request.ts';
import { DUNNO, verdict } from '../policy/verdict.ts';
import type { DaemonLog } from './log.ts';
import { logFault } from './log-reports.ts';

export interface TrafficParts {
  readonly blocks: Blocks;
  readonly reader: LogReader;
  readonly health: Health;
  readonly log: Pick<DaemonLog, 'report'>;
}

export class Traffic {
  readonly #parts: TrafficParts;
  readonly #clock: () => number;

  /** @param clock ms since 1970 */
  constructor(parts: TrafficParts, clock: () => number) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /** The reply to a request; DUNNO after an internal error. Never throws. */
  answer(request: PolicyRequest): string {
    const { blocks, health } = this.#parts;
    try {
      const reply = verdict(request, blocks, this.#clock());
      health.answered(request, reply);
      return reply;
    } catch (error) {
      this.fault('verdict', error);
      return DUNNO;
    }
  }

  /** Counts what a record reports. Never throws. */
  read(record: LogRecord, origin: Origin): void {
    const { blocks, reader, health } = this.#parts;
    try {
      const fact = reader.read(record, (event) => {
        health.event();
        blocks.take(event, this.#clock());
      });
      health.read(record, fact, origin);
    } catch (error) {
      this.fault('log reader', error);
    }
  }

  /** Logs an internal error; mail continues. */
  fault(where: string, error: unknown): void {
    this.#parts.health.fault();
    logFault(this.#parts.log, where, error);
  }
}
