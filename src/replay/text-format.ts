// Log files of syslog, rsyslog and postlogd(8): a line a record.

import { MAX_LINE } from '../maillog/lines.ts';
import { MAIL_PROCESSES } from '../maillog/process.ts';
import { parseLine } from '../maillog/record.ts';
import { StampReader } from '../maillog/stamp.ts';
import { LineParser } from './line-parser.ts';
import type { Parser, ParserOptions } from './parser.ts';

export function textParser({ now, onUnreadable }: ParserOptions): Parser {
  const stamps = new StampReader();
  return new LineParser(MAX_LINE, (text, from, to) => {
    const record = parseLine(text, stamps, now, MAIL_PROCESSES, from, to);
    if (record !== undefined) return record;
    const line = text.slice(from, to);
    if (!isLogLine(line, stamps, now) && line.trim() !== '') onUnreadable(line);
    return undefined;
  });
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
