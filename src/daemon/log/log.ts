// The daemon's log: writes the events of log-events.ts, each at its level.

import type { LogSpec } from '../../config/fields/log-fields.ts';
import { LineLog } from './line-log.ts';
import {
  type GrowingFields,
  type GrowingName,
  kindOf,
  type LogEvent,
  type TroubleEvent,
} from './log-events.ts';

export class DaemonLog {
  readonly #lines: LineLog;

  /** @param clock ms since 1970; @param start nothing is written until it resolves */
  constructor(spec: LogSpec, clock: () => number, start?: Promise<void>) {
    this.#lines = new LineLog(spec, clock, start);
  }

  /** Takes up a new level, format or file from the next line on. A file is reopened, as logrotate needs it. */
  configure(spec: LogSpec): void {
    this.#lines.configure(spec);
  }

  /** Lines lost since the start: nobody read them, or the disk was full. */
  get lost(): number {
    return this.#lines.lost;
  }

  /** Writes an event. After 20 lines in a minute of one that clients can cause at will, the rest is only counted. */
  report({ event, ...details }: LogEvent): void {
    const { level, isLimited } = kindOf(event);
    if (isLimited) this.#lines.limited(event, details);
    else this.#lines[level](event, details);
  }

  /** Writes a trouble that lasts, as an error: it needed attention an hour ago. */
  remind({ event, ...details }: TroubleEvent): void {
    this.#lines.error(event, details);
  }

  /** Writes that a total starts to grow, and `-over` when it no longer does. Call it regularly. */
  reportGrowth(event: GrowingName, total: number, details: GrowingFields): void {
    this.#lines.ongoing(event, total, details);
  }

  /** Writes how many lines were suppressed in the minutes that have passed. Call it regularly. */
  reportSuppressed(): void {
    this.#lines.logSuppressed();
  }

  /** Resolves when everything reported so far is written, or when that takes too long. */
  async close(): Promise<void> {
    await this.#lines.close();
  }
}
