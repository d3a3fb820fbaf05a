// Writes log lines through winston: levels, text or JSON, standard output or a file, and limits on repetition.

import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogEntry, Logform, Logger } from 'winston';
import type { LogSpec } from '../../config/fields/log-fields.ts';
import { Condition } from '../../values/condition.ts';
import { MINUTE } from '../../values/duration.ts';
import { isoText } from '../../values/iso-time.ts';
import { priorityOf } from './journal-stream.ts';
import { type LogDestination, LogFile, openLogFile, StandardOutput } from './log-destination.ts';
import { type Details, lineText } from './log-line.ts';

export type { Details } from './log-line.ts';

/** Lines of one event that are written in a minute. */
const MAX_PER_MINUTE = 20;
/** The key under which winston keeps a formatted line (triple-beam). */
const MESSAGE = Symbol.for('message');
/** The most severe first; a log writes its own level and those before it. */
const LEVELS: readonly LogSpec['level'][] = ['error', 'warn', 'info', 'debug'];
/** ms that a disk or a reader may take for pending lines */
const PATIENCE = 2000;

/** A total, when it last grew, and whether it grows: the value is the total before. */
interface Growth {
  readonly condition: Condition<number>;
  total: number;
  grownAt: number;
}

/** A line with the format and the destination of its time, or the end of a destination. */
interface Queued extends Logform.TransformableInfo {
  readonly time?: string;
  readonly details?: Details;
  readonly format: LogSpec['format'];
  readonly destination: LogDestination;
}

/** @throws the system's error where the log's file cannot be opened */
export async function checkLogFile({ file }: LogSpec): Promise<void> {
  if (file !== undefined) await (await openLogFile(file)).close();
}

export class LineLog {
  readonly #loading: Promise<Logger>;
  #log: (line: LogEntry) => void;
  readonly #clock: () => number;
  readonly #counts = new Map<string, { since: number; count: number }>();
  readonly #growths = new Map<string, Growth>();
  #spec: LogSpec;
  #destination: LogDestination;
  #lost = 0;

  /**
   * @param clock ms since 1970
   * @param start lines wait until it resolves: only then is winston loaded, which takes as long as a whole first verdict
   */
  constructor(spec: LogSpec, clock: () => number, start: Promise<void> = Promise.resolve()) {
    this.#clock = clock;
    this.#spec = spec;
    this.#destination = this.#destinationOf(spec);
    const waiting: LogEntry[] = [];
    this.#log = (line) => waiting.push(line);
    this.#loading = start.then(newLogger).then((logger) => {
      this.#log = (line) => logger.log(line);
      for (const line of waiting) logger.log(line);
      return logger;
    });
  }

  /**
   * Takes up a new level, format or file from the next line on. A file is reopened, as logrotate needs it. Earlier
   * lines go to the destination of their time, before any other line of the same file.
   */
  configure(spec: LogSpec): void {
    const destination = this.#destination;
    this.#spec = spec;
    this.#destination = this.#destinationOf(
      spec,
      Promise.race([destination.ended, delay(PATIENCE, undefined, { ref: false })]),
    );
    this.#log({ level: 'error', message: '', format: spec.format, destination });
  }

  /** Lines lost since the start: nobody read them, or the disk was full. */
  get lost(): number {
    return this.#lost;
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

  /** Writes a warning that clients can cause at will: after 20 in a minute the rest is only counted. */
  limited(event: string, details: Details = {}): void {
    this.logSuppressed();
    const known = this.#counts.get(event) ?? { since: this.#clock(), count: 0 };
    known.count++;
    this.#counts.set(event, known);
    if (known.count <= MAX_PER_MINUTE) this.#write('warn', event, details);
  }

  /** Writes how many lines were suppressed in the minutes that have passed. Call it regularly. */
  logSuppressed(): void {
    const now = this.#clock();
    for (const [event, { since, count }] of this.#counts) {
      if (!isOver(since, now)) continue;
      this.#counts.delete(event);
      if (count > MAX_PER_MINUTE) this.#write('warn', event, { suppressed: count - MAX_PER_MINUTE });
    }
  }

  /**
   * Logs a total when it starts to grow, and how much it grew when it has not grown for a minute. Call it regularly.
   *
   * @param total since the start
   */
  ongoing(event: string, total: number, details: Details = {}): void {
    const now = this.#clock();
    const growth = this.#growths.get(event) ?? { condition: new Condition<number>(), total: 0, grownAt: now };
    this.#growths.set(event, growth);
    const { condition } = growth;
    if (total > growth.total) {
      const before = condition.current?.value ?? growth.total;
      if (condition.set(before, now) === 'started') this.#write('warn', event, details);
      growth.total = total;
      growth.grownAt = now;
    } else if (isOver(growth.grownAt, now)) {
      const ended = condition.end();
      if (ended !== undefined)
        this.#write('info', `${event}-over`, { ...details, count: total - ended.value });
    }
  }

  /** Resolves when all lines so far are written, or when that takes too long. */
  async close(): Promise<void> {
    const logger = await this.#loading;
    const ended = new Promise((resolve) => logger.once('finish', resolve));
    logger.end();
    await ended;
    this.#destination.end();
    await Promise.race([this.#destination.ended, delay(PATIENCE)]);
  }

  #destinationOf({ file }: LogSpec, after?: Promise<void>): LogDestination {
    const loss = (lines: number) => {
      this.#lost += lines;
    };
    return file === undefined ? new StandardOutput(loss) : new LogFile(file, loss, after);
  }

  #write(level: LogSpec['level'], event: string, details: Details): void {
    if (LEVELS.indexOf(level) > LEVELS.indexOf(this.#spec.level)) return;
    const time = isoText(this.#clock());
    const { format } = this.#spec;
    this.#log({ level, message: event, time, details, format, destination: this.#destination });
  }
}

async function newLogger(): Promise<Logger> {
  const { default: winston } = await import('winston');
  return winston.createLogger({
    level: 'debug',
    exitOnError: false,
    format: winston.format.printf((info) => textOf(info as Queued)),
    transports: new winston.transports.Stream({ stream: destinations() }),
  });
}

/** Empty for the end of a destination. */
function textOf({ level, message, time, details, format, destination }: Queued): string {
  if (time === undefined || details === undefined) return '';
  const priority = destination.isJournal && format === 'text' ? priorityOf(level) : '';
  return `${priority}${lineText({ time, level, event: String(message), details }, format)}\n`;
}

/** The end of winston's pipeline: passes each line to its destination. */
function destinations(): Writable {
  return new Writable({
    objectMode: true,
    write: ({ [MESSAGE]: text, destination }: Queued & { readonly [MESSAGE]: string }, _encoding, done) => {
      if (text === '') destination.end();
      else destination.write(text);
      done();
    },
  });
}

/** Whether a minute has passed since then, or the clock was set back. */
function isOver(since: number, now: number): boolean {
  return now - since >= MINUTE || now < since;
}
