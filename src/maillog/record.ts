// One record of the mail log, of the four Postfix programs that tell of SMTP clients.

import type { StampReader } from './stamp.ts';

/** smtpd(8), postscreen(8) and cleanup(8) tell of clients, master(8) tells when the host is under stress. */
export type Program = 'smtpd' | 'postscreen' | 'cleanup' | 'master';

export interface LogRecord {
  /** ms since 1970 */
  readonly at: number;
  readonly program: Program;
  /** host, syslog tag and process ID: one Postfix process */
  readonly process: string;
  /** the text behind `tag[pid]: ` */
  readonly message: string;
}

const PROGRAMS: readonly Program[] = ['smtpd', 'postscreen', 'cleanup', 'master'];
/** RFC 5424 6: a host name has at most 255 characters; Postfix's tag is its syslog_name and the program. */
const MAX_HOST = 255;
const MAX_TAG = 128;

/**
 * Takes a line of syslog, rsyslog or postlogd(8) apart: `STAMP HOST TAG[PID]: MESSAGE`.
 *
 * @param now ms since 1970, for stamps without a year
 * @returns undefined for lines of other programs, and for what is no log line
 */
export function parseLine(line: string, stamps: StampReader, now: number): LogRecord | undefined {
  const host = hostStart(line);
  if (host < 0) return undefined;
  const tag = line.indexOf(' ', host) + 1;
  if (tag === 0 || tag - host > MAX_HOST) return undefined;
  const bracket = line.indexOf('[', tag);
  if (bracket < 0 || bracket - tag > MAX_TAG) return undefined;
  const program = programOf(line.slice(tag, bracket));
  if (program === undefined) return undefined;
  const close = line.indexOf(']: ', bracket);
  if (close < 0 || close - bracket > 12) return undefined;
  const stamp = stamps.read(line, now);
  if (stamp === undefined || stamp.end !== host) return undefined;
  return { at: stamp.at, program, process: line.slice(host, close), message: line.slice(close + 3) };
}

/** The program at the end of a syslog tag: `postfix/submission/smtpd`, `postfix-in/smtpd`, `mx1-smtpd`, `smtpd`. */
export function programOf(tag: string): Program | undefined {
  // Another program's line may hold text that ends like a tag of Postfix's: a tag is one word.
  if (/[\s:[\]]/.test(tag)) return undefined;
  for (const program of PROGRAMS) {
    if (!tag.endsWith(program)) continue;
    const before = tag.charCodeAt(tag.length - program.length - 1);
    return tag.length === program.length || before === 47 || before === 45 ? program : undefined;
  }
  return undefined;
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
