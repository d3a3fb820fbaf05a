// What makes records of an input that has one in each line, whatever the line looks like.

import type { LogRecord } from '../maillog/record.ts';
import { LineCutter } from './line-cutter.ts';
import type { Parser } from './parser.ts';

export class LineParser implements Parser {
  readonly #lines: LineCutter;
  #records: LogRecord[] = [];

  /**
   * @param longest characters of a line that are read
   * @param read the record in a line, a window on the text; undefined where there is none
   */
  constructor(longest: number, read: (line: string) => LogRecord | undefined) {
    this.#lines = new LineCutter(longest, (line) => {
      const record = read(line);
      if (record !== undefined) this.#records.push(record);
    });
  }

  get lines(): number {
    return this.#lines.lines;
  }

  push(bytes: Buffer): readonly LogRecord[] {
    this.#records = [];
    this.#lines.push(bytes.toString('latin1'));
    return this.#records;
  }

  end(): readonly LogRecord[] {
    this.#records = [];
    this.#lines.end();
    return this.#records;
  }
}
