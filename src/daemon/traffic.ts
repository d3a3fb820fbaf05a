// The daemon's traffic: answers each policy request and counts each log record. An internal error stops neither.

import type { Blocks } from '../blocks/blocks.ts';
import type { LogEvent } from '../blocks/events/event.ts';
import type { Health } from '../health/health.ts';
import type { Counts } from '../health/metrics/counts.ts';
import type { LogReader } from '../maillog/reader.ts';
import type { EventIdentity, Numbering } from '../maillog/sources/numbering.ts';
import type { LogRecord } from '../maillog/syslog/record.ts';
import type { PolicyRequest } from '../policy/request.ts';
import { DUNNO, verdict } from '../policy/verdict.ts';
import type { DaemonLog } from './log/log.ts';
import { logFault } from './log/log-reports.ts';

export interface TrafficParts {
  readonly blocks: Blocks;
  readonly reader: LogReader;
  readonly health: Pick<Health, 'answered' | 'event' | 'read' | 'fault'> & {
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
  #isPassed = false;
  #answering: Pick<Blocks, 'refusing'>;
  readonly #onPassed = () => {
    this.#isPassed = true;
  };

  /** @param clock ms since 1970 */
  constructor(parts: TrafficParts, clock: () => number) {
    this.#parts = parts;
    this.#clock = clock;
    this.#answering = parts.blocks;
  }

  /** The blocks that verdicts ask, while those that count are not read yet; undefined: these themselves. */
  set early(early: Pick<Blocks, 'refusing'> | undefined) {
    this.#answering = early ?? this.#parts.blocks;
  }

  /** The reply to a request; DUNNO after an internal error. Never throws. */
  answer(request: PolicyRequest): string {
    const { counts } = this.#parts.optional;
    if (counts === undefined) return this.#reply(request);
    const { verdicts } = counts;
    const begun = verdicts.isTimed ? performance.now() : undefined;
    const reply = this.#reply(request);
    if (begun !== undefined) verdicts.took(performance.now() - begun);
    verdicts.add(reply, request.stateCode);
    return reply;
  }

  #reply(request: PolicyRequest): string {
    const { health } = this.#parts;
    try {
      this.#isPassed = false;
      const reply = verdict(request, this.#answering, this.#clock(), this.#onPassed);
      health.answered(request, reply, this.#isPassed);
      return reply;
    } catch (error) {
      this.fault('verdict', error);
      return DUNNO;
    }
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
