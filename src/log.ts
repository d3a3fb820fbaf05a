// The daemon's own log: one line an event of its life, in text to grep or JSON to parse.

import { closeSync, openSync } from 'node:fs';
import winston from 'winston';
import type { LogSpec } from './config/log-fields.ts';

/** What a line says beside its event; undefined values are left out. */
export type Details = Readonly<Record<string, string | number | boolean | undefined>>;

/** Of the log's file: it tells of clients, and is not for everybody. */
const MODE = 0o640;
/** Lines of one kind that are let through in a minute. */
const MOST_A_MINUTE = 20;
const MINUTE = 60_000;

/** A trouble of which there is more and more: how much there was when it began, how much now, and since when. */
interface Ongoing {
  readonly before: number;
  readonly total: number;
  readonly grownAt: number;
}

/** @throws the system's error where the log's file cannot be opened */
export function checkLogFile({ file }: LogSpec): void {
  if (file !== undefined) closeSync(openSync(file, 'a', MODE));
}

export class DaemonLog {
  readonly #logger = winston.createLogger({ exitOnError: false });
  readonly #clock: () => number;
  #transport: winston.transport | undefined;
  readonly #counts = new Map<string, { since: number; count: number }>();
  readonly #ongoing = new Map<string, Ongoing>();

  /** @param clock ms since 1970 */
  constructor(spec: LogSpec, clock: () => number) {
    this.#clock = clock;
    this.configure(spec);
  }

  /** Takes up a new level, format or file; a file is opened anew, as logrotate needs it. */
  configure(spec: LogSpec): void {
    this.#logger.level = spec.level;
    const format = spec.format === 'json' ? winston.format.printf(jsonLine) : winston.format.printf(textLine);
    const transport =
      spec.file === undefined
        ? new winston.transports.Console({ format, forceConsole: false })
        : new winston.transports.File({ filename: spec.file, format, options: { flags: 'a', mode: MODE } });
    // A full disk must not stop the daemon; what could be said of it would go to the same file.
    transport.on('error', () => undefined);
    this.#logger.add(transport);
    // Closes the file, which logrotate has renamed and wants to be let go of.
    if (this.#transport !== undefined) this.#logger.remove(this.#transport);
    this.#transport = transport;
  }

  error(event: string, details: Details = {}): void {
    this.#write('error', event, details);
  }

  warn(event: string, details: Details = {}): void {
    this.#write('warn', event, details);
  }

  info(event: string, details: Details = {}): void {
    this.#write('info', event, details);
  }

  debug(event: string, details: Details = {}): void {
    this.#write('debug', event, details);
  }

  /** A warning that others can cause as often as they like: after 20 in a minute the rest is only counted. */
  limited(event: string, details: Details = {}): void {
    this.tellSuppressed();
    const known = this.#counts.get(event) ?? { since: this.#clock(), count: 0 };
    known.count++;
    this.#counts.set(event, known);
    if (known.count <= MOST_A_MINUTE) this.#write('warn', event, details);
  }

  /** Tells how many lines were held back in the minutes that are over. Call now and then. */
  tellSuppressed(): void {
    const now = this.#clock();
    for (const [event, { since, count }] of this.#counts) {
      if (!isOver(since, now)) continue;
      this.#counts.delete(event);
      if (count > MOST_A_MINUTE) this.#write('warn', event, { suppressed: count - MOST_A_MINUTE });
    }
  }

  /**
   * A trouble that may go on for hours: told once when it begins, and once, with its sum, when there has been none of it
   * for a minute. Call again and again. @param total how much of it there has been since the start
   */
  ongoing(event: string, total: number, details: Details = {}): void {
    const now = this.#clock();
    const known = this.#ongoing.get(event);
    if (total > (known?.total ?? 0)) {
      const before = known?.before ?? 0;
      const isNew = known === undefined || known.before === known.total;
      if (isNew) this.#write('warn', event, details);
      this.#ongoing.set(event, { before: isNew ? (known?.total ?? 0) : before, total, grownAt: now });
    } else if (known !== undefined && known.before < known.total && isOver(known.grownAt, now)) {
      this.#write('info', `${event}-over`, { ...details, count: known.total - known.before });
      this.#ongoing.set(event, { before: known.total, total: known.total, grownAt: now });
    }
  }

  /** Resolves when everything said so far has been written. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#logger.once('finish', resolve));
    this.#logger.end();
    await ended;
  }

  #write(level: string, event: string, details: Details): void {
    this.#logger.log({ level, message: event, time: new Date(this.#clock()).toISOString(), details });
  }
}

/** Whether the minute since then is over; it is too where the clock was set back. */
function isOver(since: number, now: number): boolean {
  return now - since >= MINUTE || now < since;
}

function textLine({ level, message, ...rest }: winston.Logform.TransformableInfo): string {
  const details = Object.entries(rest.details as Details).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${textValue(value)}`,
  );
  return [rest.time, level, message, ...details].join(' ');
}

function jsonLine({ level, message, ...rest }: winston.Logform.TransformableInfo): string {
  return escaped({ time: rest.time, level, event: message, ...(rest.details as Details) });
}

/** Values that could be mistaken for more than one, or that came from a client, are quoted. */
function textValue(value: string | number | boolean): string {
  const text = String(value);
  return /^[\w.:/@+-]+$/.test(text) ? text : escaped(text);
}

/** JSON in ASCII: what JSON.stringify leaves as it is may be a control character that a terminal obeys. */
function escaped(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\x7f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
