// One input of a replay (a log file, a journal or standard input, compressed or not) as a sequence of records.

import type { Readable } from 'node:stream';
import type { LogRecord } from '../../maillog/syslog/record.ts';
import type { Zone } from '../../maillog/syslog/zone.ts';
import type { Peekable } from './bytes.ts';
import { middleOfItsYear } from './file-date.ts';
import { formatOf } from './format.ts';
import { type OpenedBytes, openBytes } from './open-bytes.ts';
import type { Parser } from './parser.ts';

export interface InputOptions {
  /** ms since 1970 */
  readonly now: number;
  /** of stamps without a zone */
  readonly zone: Zone;
  /** what `-` names */
  readonly stdin: Readable;
  /**
   * A line that should have given a record and did not, or its start. It shares memory with a longer text: to keep it,
   * copy it.
   *
   * @param why where that is known
   * @param name of the input
   */
  onUnreadable(line: string, why: string | undefined, name: string): void;
  /** A sentence about an input of which only the first part could be read. */
  onDamage(sentence: string): void;
  /** An input from which nothing more is read. */
  readonly onEnd?: ((input: LogInput) => void) | undefined;
}

export interface LogInput {
  /** as given; `-` is standard input */
  readonly name: string;
  /** bytes on disk; undefined where unknown (standard input, pipes) */
  readonly size: number | undefined;
  /** bytes of `size` read so far */
  readonly bytesRead: number;
  /** all lines read so far; entries of a journal */
  readonly lines: number;
  /** whether any line has the form of a log line of any program, or names a Postfix daemon */
  readonly isLog: boolean;
  /** ms since 1970: no record is older, if the input is in order; undefined where unknown */
  readonly firstTime: number | undefined;
  /** ms since 1970: when it was last written to, as far as known */
  readonly date: number;
  /** identifies a file whatever its name; undefined for what can be read only once */
  readonly identity: string | undefined;
  /** The next records, some hundreds at most, at least one; undefined at the end. */
  read(): Promise<readonly LogRecord[] | undefined>;
  close(): Promise<void>;
}

/** @throws ExitError with a line that names the input and says what is wrong */
export async function openInput(path: string, options: InputOptions): Promise<LogInput> {
  const opened = await openBytes(path, options);
  const head = (await opened.bytes.peek()).toString('latin1');
  const format = formatOf(head);
  const times = { now: middleOfItsYear(opened.date), zone: options.zone };
  const parser = format.parser({
    ...times,
    onUnreadable: (line, why) => options.onUnreadable(line, why, path),
  });
  const onDamage = (sentence: string) => options.onDamage(sentence);
  return new OpenInput(path, opened, parser, { firstTime: format.firstTime(head, times), onDamage });
}

class OpenInput implements LogInput {
  readonly name: string;
  readonly size: number | undefined;
  readonly firstTime: number | undefined;
  readonly date: number;
  readonly identity: string | undefined;
  readonly #bytes: Peekable;
  readonly #parser: Parser;
  readonly #onDamage: (sentence: string) => void;
  #isAtEnd = false;

  constructor(
    name: string,
    { bytes, size, date, identity }: OpenedBytes,
    parser: Parser,
    { firstTime, onDamage }: Pick<LogInput, 'firstTime'> & Pick<InputOptions, 'onDamage'>,
  ) {
    this.name = name;
    this.size = size;
    this.date = date;
    this.identity = identity;
    this.firstTime = firstTime;
    this.#bytes = bytes;
    this.#parser = parser;
    this.#onDamage = onDamage;
  }

  get bytesRead(): number {
    return this.#bytes.bytesRead;
  }

  get lines(): number {
    return this.#parser.lines;
  }

  get isLog(): boolean {
    return this.#parser.isLog;
  }

  async read(): Promise<readonly LogRecord[] | undefined> {
    while (!this.#isAtEnd) {
      const records = await this.#piece();
      if (records.length > 0) return records;
    }
    return undefined;
  }

  async close(): Promise<void> {
    this.#isAtEnd = true;
    await this.#bytes.close();
  }

  async #piece(): Promise<readonly LogRecord[]> {
    try {
      const bytes = await this.#bytes.read();
      if (bytes !== undefined) return this.#parser.push(bytes);
      const last = this.#parser.end();
      this.#isAtEnd = true;
      return last;
    } catch (error) {
      // Closed during the read.
      if (this.#isAtEnd) return [];
      // The unfinished line is not read: half a line can say something else than the whole.
      this.#isAtEnd = true;
      const why = (error as Error).message;
      this.#onDamage(`${this.name}: only the beginning (${this.lines} lines) could be read: ${why}`);
      return [];
    }
  }
}
