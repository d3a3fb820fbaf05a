// One record of the mail log, of the Postfix programs that are asked for.

import { type LogText, logTextOf } from './log-text.ts';
import { CLIENT_PROCESSES, type Processes, type Program } from './process.ts';
import type { StampReader } from './stamp.ts';

export interface LogRecord {
  /** ms since 1970 */
  readonly at: number;
  readonly program: Program;
  /** host, syslog tag and process ID: one Postfix process */
  readonly process: string;
  /** the text behind `tag[pid]: ` */
  readonly message: string;
}

/** Longest `HOST TAG[PID`. */
const MAX_PROCESS = 400;
/** `: ` as two bytes */
const COLON_BLANK = 0x3a20;

/**
 * Takes a line of syslog, rsyslog or postlogd(8) apart: `STAMP HOST TAG[PID]: MESSAGE`.
 *
 * @param line the line, or a piece of a log in which it stands from `from` to `to`: that saves a window on it
 * @param now ms since 1970, for stamps without a year
 * @param processes whose lines are wanted
 * @returns undefined for lines of other programs, and for what is no log line
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
  const { text, bytes } = log;
  const stamp = stamps.read(log, now, from);
  if (stamp === undefined) return undefined;
  const close = text.indexOf(']', stamp.end);
  if (close < 0 || close - stamp.end > MAX_PROCESS || close + 3 > to) return undefined;
  if (bytes.getUint16(close + 1) !== COLON_BLANK) return undefined;
  const process = processes.find(log, stamp.end, close);
  if (process === undefined) return undefined;
  return {
    at: stamp.at,
    program: process.program,
    process: process.text,
    message: text.slice(close + 3, to),
  };
}

function lengthOf(line: string | LogText): number {
  return typeof line === 'string' ? line.length : line.text.length;
}
