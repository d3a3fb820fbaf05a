// Log files of syslog, rsyslog and postlogd(8): a line a record.

import { MAX_LINE } from '../maillog/lines.ts';
import { MAIL_PROCESSES } from '../maillog/process.ts';
import { type LogRecord, parseLine } from '../maillog/record.ts';
import { StampReader } from '../maillog/stamp.ts';
import { LineCutter } from './line-cutter.ts';
import type { Parser, ParserOptions } from './parser.ts';

export class TextParser implements Parser {
  readonly #lines: LineCutter;
  #records: LogRecord[] = [];

  constructor({ now, onUnreadable }: ParserOptions) {
    const stamps = new StampReader();
    this.#lines = new LineCutter(MAX_LINE, (line) => {
      const record = parseLine(line, stamps, now, MAIL_PROCESSES);
      if (record !== undefined) this.#records.push(record);
      else if (!isLogLine(line, stamps, now) && line.trim() !== '') onUnreadable(line);
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

/** When the first line with a stamp was written, in ms since 1970. */
export function firstTimeOfText(head: string, now: number): number | undefined {
  const stamps = new StampReader();
  for (const line of head.split('\n')) {
    const stamp = stamps.read(line, now);
    if (stamp !== undefined) return stamp.at;
  }
  return undefined;
}

/** Whether it is `STAMP HOST TAG: …`, of whatever program, with a process ID or without. */
function isLogLine(line: string, stamps: StampReader, now: number): boolean {
  const stamp = stamps.read(line, now);
  if (stamp === undefined) return false;
  const tag = line.indexOf(' ', stamp.end) + 1;
  if (tag <= stamp.end + 1) return false;
  const colon = line.indexOf(':', tag);
  const blank = line.indexOf(' ', tag);
  return colon > tag && (blank < 0 || colon < blank);
}
