// Log files of syslog, rsyslog and postlogd(8): a line a record.

import { MAIL_PROCESSES } from '../maillog/process.ts';
import { readLine } from '../maillog/record.ts';
import { StampReader } from '../maillog/stamp.ts';
import { MAX_LINE } from '../maillog/syslog/line-reader.ts';
import { LineParser } from './line-parser.ts';
import type { Parser, ParserOptions, Times } from './parser.ts';

export function textParser({ now, zone, onUnreadable }: ParserOptions): Parser {
  const stamps = new StampReader(zone);
  return new LineParser(MAX_LINE, (log, from, to) => {
    const record = readLine(log, stamps, now, MAIL_PROCESSES, from, to);
    if (typeof record !== 'string') return record;
    const line = record === 'unknown' ? log.text.slice(from, to) : '';
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
