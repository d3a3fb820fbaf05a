// A line of a log as a record, without the reader of whole files around it.

import { type LogText, logTextOf } from '../../src/maillog/syslog/log-text.ts';
import { CLIENT_PROCESSES, type Processes } from '../../src/maillog/syslog/process.ts';
import { type LogRecord, readLine } from '../../src/maillog/syslog/record.ts';
import type { StampReader } from '../../src/maillog/syslog/stamp.ts';

/**
 * The record of a line that is no part of a longer one; undefined where it gives none.
 *
 * @param line the line, or the piece of a log in which it stands from `from` to `to`
 */
export function parseLine(
  line: string | LogText,
  stamps: StampReader,
  now: number,
  processes: Processes = CLIENT_PROCESSES,
  from = 0,
  to = lengthOf(line),
): LogRecord | undefined {
  const log = typeof line === 'string' ? logTextOf(line) : line;
  const record = readLine(log, stamps, now, processes, from, to);
  return typeof record === 'string' ? undefined : record;
}

function lengthOf(line: string | LogText): number {
  return typeof line === 'string' ? line.length : line.text.length;
}
