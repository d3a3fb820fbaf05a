// The records of the log, as the daemon counts them. An internal error stops nothing.

import type { Blocks } from '../blocks/blocks.ts';
import type { LogEvent } from '../blocks/events/event.ts';
import type { Health } from '../health/health.ts';
import type { Counts } from '../health/metrics/counts.ts';
import type { LogReader } from '../maillog/reader.ts';
import type { EventIdentity, Numbering } from '../maillog/sources/numbering.ts';
import type { LogRecord } from '../maillog/syslog/record.ts';
import type { DaemonLog } from './log/log.ts';
import { logFault } from './log/log-reports.ts';

export interface TrafficParts {
  readonly blocks: Blocks;
  readonly reader: LogReader;
  readonly health: Pick<Health, 'event' | 'read' | 'fault'> & {
    readonly wiring: Pick<Health['wiring'], 'read'>;
  };
  readonly log: Pick<DaemonLog, 'report'>;
  /** looked up for each record: a reload changes it */
  readonly optional: {
    /** what is counted for metrics */
    readonly counts?: Counts | undefined;
    /** takes each event of the log after the blocks have taken it, also where the client is blocked or allowed */
    readonly sharing?: { take(event: LogEvent, identity: EventIdentity): void } | undefined;
  };
}

export class Traffic {
  readonly #parts: TrafficParts;
  readonly #clock: () => number;

  /** @param clock ms since 1970 */
  constructor(parts: TrafficParts, clock: () => number) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /**
   * Counts what a record reports. Never throws.
   *
   * @param stamp ms since 1970: that of the line
   * @param numbering of its source; has numbered the record
   */
  read(record: LogRecord, stamp: number, numbering: Numbering): void {
    const { blocks, reader, health, optional } = this.#parts;
    const { counts, sharing } = optional;
    let index = 0;
    try {
      const fact = reader.read(record, (event) => {
        health.event();
        counts?.events.add(event);
        blocks.take(event, this.#clock());
        // Without sharing, no event gets an identity.
        sharing?.take(event, numbering.identityOf(index++));
      });
      health.read(record, fact, { stamp, source: numbering.source });
      counts?.lines.line(record, fact !== undefined, numbering.source, stamp);
      if (fact !== undefined) health.wiring.read(record, fact, reader.uncounted, blocks, this.#clock());
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
