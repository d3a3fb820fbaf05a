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
  const { text } = log;
  const host = hostStart(text, from);
  if (host < 0) return undefined;
  const close = text.indexOf(']', host);
  if (close < 0 || close - host > MAX_PROCESS || close + 3 > to) return undefined;
  if (text.charCodeAt(close + 1) !== 58 || text.charCodeAt(close + 2) !== 32) return undefined;
  const process = processes.find(log, host, close);
  if (process === undefined) return undefined;
  const stamp = stamps.read(log, now, from);
  if (stamp === undefined || stamp.end !== host) return undefined;
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

/** Where the host name stands, found without reading the time: most lines are of no interest. */
function hostStart(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first >= 48 && first <= 57) {
    const blank = text.indexOf(' ', from);
    return blank < from + 20 || blank > from + 40 ? -1 : blank + 1;
  }
  // "Nov  3 22:09:01 " or, unpadded, "Nov 3 22:09:01 "
  if (text.charCodeAt(from + 3) !== 32) return -1;
  if (text.charCodeAt(from + 15) === 32) return from + 16;
  return text.charCodeAt(from + 14) === 32 ? from + 15 : -1;
}
