// The numbers of log lines and events since the start.

import type { LogRecord } from '../maillog/syslog/record.ts';
import { isoTextOf } from '../values/iso-time.ts';
import type { StatusAnswer } from './status.ts';

export class LogCounts {
  #lines = 0;
  #understood = 0;
  #events = 0;
  /** ms since 1970 */
  #smtpdAt: number | undefined;

  line({ program, at }: Pick<LogRecord, 'program' | 'at'>, isUnderstood: boolean): void {
    // Most lines of qmgr are about deliveries, and none is about a client.
    if (program === 'qmgr') return;
    this.#lines++;
    if (isUnderstood) this.#understood++;
    if (program === 'smtpd') this.#smtpdAt = at;
  }

  event(): void {
    this.#events++;
  }

  get all(): Pick<StatusAnswer['log'], 'heard' | 'lines' | 'understood' | 'events'> {
    return {
      heard: isoTextOf(this.#smtpdAt) ?? null,
      lines: this.#lines,
      understood: this.#understood,
      events: this.#events,
    };
  }
}
