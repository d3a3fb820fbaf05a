// One record of the mail log, of the Postfix programs that are asked for.

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
 * @param now ms since 1970, for stamps without a year
 * @param processes whose lines are wanted
 * @returns undefined for lines of other programs, and for what is no log line
 */
export function parseLine(
  line: string,
  stamps: StampReader,
  now: number,
  processes: Processes = CLIENT_PROCESSES,
): LogRecord | undefined {
  const host = hostStart(line);
  if (host < 0) return undefined;
  const close = line.indexOf(']', host);
  if (close < 0 || close - host > MAX_PROCESS) return undefined;
  if (line.charCodeAt(close + 1) !== 58 || line.charCodeAt(close + 2) !== 32) return undefined;
  const process = processes.find(line.slice(host, close));
  if (process === undefined) return undefined;
  const stamp = stamps.read(line, now);
  if (stamp === undefined || stamp.end !== host) return undefined;
  return {
    at: stamp.at,
    program: process.program,
    process: process.text,
    message: line.slice(close + 3),
  };
}

/** Where the host name stands, found without reading the time: most lines are of no interest. */
function hostStart(line: string): number {
  const first = line.charCodeAt(0);
  if (first >= 48 && first <= 57) {
    const blank = line.indexOf(' ');
    return blank < 20 || blank > 40 ? -1 : blank + 1;
  }
  // "Nov  3 22:09:01 " or, unpadded, "Nov 3 22:09:01 "
  if (line.charCodeAt(3) !== 32) return -1;
  if (line.charCodeAt(15) === 32) return 16;
  return line.charCodeAt(14) === 32 ? 15 : -1;
}
