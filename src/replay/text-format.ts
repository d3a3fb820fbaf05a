// Log files of syslog, rsyslog and postlogd(8): a line a record.

import { MAX_LINE } from '../maillog/lines.ts';
import type { LogText } from '../maillog/log-text.ts';
import { MAIL_PROCESSES } from '../maillog/process.ts';
import { parseLine } from '../maillog/record.ts';
import { StampReader } from '../maillog/stamp.ts';
import { LineParser } from './line-parser.ts';
import type { Parser, ParserOptions, Times } from './parser.ts';

export function textParser({ now, zone, onUnreadable }: ParserOptions): Parser {
  const stamps = new StampReader(zone);
  return new LineParser(MAX_LINE, (log, from, to) => {
    const record = parseLine(log, stamps, now, MAIL_PROCESSES, from, to);
    if (record !== undefined) return record;
    if (isLogLine(log, stamps, now, from, to)) return undefined;
    const line = log.text.slice(from, to);
    if (line.trim() !== '') onUnreadable(line);
    return undefined;
  });
}

/** When the first line with a stamp was written, in ms since 1970. */
export function firstTimeOfText(head: string, { now, zone }: Times): number | undefined {
  const stamps = new StampReader(zone);
  for (const line of head.split('\n')) {
    const stamp = stamps.read(line, now);
    if (stamp !== undefined) return stamp.at;
  }
  return undefined;
}

/** Whether from `from` to `to` stands `STAMP HOST TAG: …`, of whatever program, with a process ID or without. */
function isLogLine(log: LogText, stamps: StampReader, now: number, from: number, to: number): boolean {
  const { text } = log;
  const stamp = stamps.read(log, now, from);
  if (stamp === undefined || stamp.end > to) return false;
  const tag = text.indexOf(' ', stamp.end) + 1;
  if (tag <= stamp.end + 1) return false;
  const blank = text.indexOf(' ', tag);
  const end = blank < 0 || blank > to ? to : blank;
  const colon = text.indexOf(':', tag);
  return colon > tag && colon < end;
}
