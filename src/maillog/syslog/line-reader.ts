// Turns lines of a log file into records, in every wrapper; joins lines that come in parts.

import { behindName, type ContainerLine, containerLineAt } from './container.ts';
import { headerOf, timeOf } from './header.ts';
import { type LogText, logTextOf } from './log-text.ts';
import { joined, NO_PARTS, type Parts } from './parts.ts';
import { CLIENT_PROCESSES, type Processes } from './process.ts';
import { type LogRecord, type NoRecord, readLine, recordOf } from './record.ts';
import { StampReader } from './stamp.ts';
import { HOST_ZONE, type Zone } from './zone.ts';

/** Only the start of a longer line is read; it has the client. Postfix itself logs about 2,000 characters. */
export const MAX_LINE = 8192;

export class LineReader {
  /** saved and restored with the position in the log */
  parts: Parts = NO_PARTS;
  readonly #stamps: StampReader;
  readonly #processes: Processes;
  /** the line before came from a container runtime, so this one probably does too */
  #isWrapped = false;

  /**
   * @param zone of stamps without one
   * @param processes whose lines are wanted
   */
  constructor(zone: Zone = HOST_ZONE, processes: Processes = CLIENT_PROCESSES) {
    this.#stamps = new StampReader(zone);
    this.#processes = processes;
  }

  /**
   * Takes the next line of a log, which stands in a text from `from` to `to`.
   *
   * @param now ms since 1970, for stamps without a year
   */
  read(log: LogText, now: number, from: number, to: number): LogRecord | NoRecord {
    if (!this.#isWrapped) {
      const record = this.#readPlain(log, now, from, to);
      // To compare an object with a text, V8 calls a function.
      if (typeof record !== 'string' || record === 'other') return record;
    }
    return this.#readWrapped(log, now, from, to);
  }

  /** The time of a line of any program, in ms since 1970; undefined where it has none. */
  timeOf(line: string, now: number): number | undefined {
    const place = behindName(line, 0, line.length);
    const wrapped = containerLineAt(line, place, line.length);
    const reading = { stamps: this.#stamps, processes: this.#processes, now };
    return timeOf(logTextOf(wrapped?.text ?? line.slice(place)), reading, wrapped?.at);
  }

  #readPlain(log: LogText, now: number, from: number, to: number): LogRecord | NoRecord {
    return readLine(log, this.#stamps, now, this.#processes, from, Math.min(to, from + MAX_LINE));
  }

  #readWrapped(log: LogText, now: number, from: number, to: number): LogRecord | NoRecord {
    const place = behindName(log.text, from, to);
    const line = containerLineAt(log.text, place, to);
    this.#isWrapped = line !== undefined;
    return line === undefined ? this.#readPlain(log, now, place, to) : this.#readContainer(line, now);
  }

  #readContainer(part: ContainerLine, now: number): LogRecord | NoRecord {
    const { parts, line } = joined(this.parts, part);
    this.parts = parts;
    return line === undefined ? 'other' : this.readInner(line, part.at, now);
  }

  /**
   * The record of an unwrapped line.
   *
   * @param at ms since 1970: the time in its wrapper, used where it has none of its own
   */
  readInner(line: string, at: number, now: number): LogRecord | NoRecord {
    const log = logTextOf(line.slice(0, MAX_LINE));
    const reading = { stamps: this.#stamps, processes: this.#processes, now };
    const header = headerOf(log, reading, 0, log.text.length, at);
    if (typeof header === 'string') return header;
    return recordOf(header.at, header.process, log.text.slice(header.end)) ?? 'other';
  }
}
