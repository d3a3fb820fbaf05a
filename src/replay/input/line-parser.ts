// A parser for formats with one record a line; what a line looks like is the caller's.

import { viewOf } from '../../maillog/syslog/log-text.ts';
import type { LogRecord, NoRecord } from '../../maillog/syslog/record.ts';
import { LineCutter, type TakeLine } from './line-cutter.ts';
import type { Parser } from './parser.ts';

export class LineParser implements Parser {
  isLog = false;
  readonly #lines: LineCutter;
  #records: LogRecord[] = [];

  /**
   * @param max characters of a line that are read
   * @param read gives the record of the line in a text from `from` to `to`, or why there is none
   */
  constructor(max: number, read: (...line: Parameters<TakeLine>) => LogRecord | NoRecord) {
    this.#lines = new LineCutter(max, (log, from, to) => {
      const record = read(log, from, to);
      if (record !== 'unknown') this.isLog = true;
      if (typeof record !== 'string') this.#records.push(record);
    });
  }

  get lines(): number {
    return this.#lines.lines;
  }

  push(bytes: Buffer): readonly LogRecord[] {
    this.#records = [];
    this.#lines.push({ text: bytes.toString('latin1'), bytes: viewOf(bytes) });
    return this.#records;
  }

  end(): readonly LogRecord[] {
    this.#records = [];
    this.#lines.end();
    return this.#records;
  }
}
