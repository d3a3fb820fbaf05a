// Parses a line of the mail log into a record, for the wanted Postfix programs.

import { type HeaderContext, headerOf, MAX_PROCESS } from './header.ts';
import type { LogText } from './log-text.ts';
import { isSyslogDaemon, type Process, type Processes, type Program } from './process.ts';
import { unwrapped } from './repetition.ts';
import type { StampReader } from './stamp.ts';

export interface LogRecord {
  /** ms since 1970 */
  readonly at: number;
  readonly program: Program;
  /** host, syslog tag and process ID: one Postfix process */
  readonly process: string;
  /** the text after `tag[pid]: ` */
  readonly message: string;
  /** how often the process logged it, as counted by a syslog daemon; undefined for once */
  readonly repeat?: number | undefined;
}

/** Why a line gives no record: its program is not wanted, or its form is unknown. */
export type NoRecord = 'other' | 'unknown';

/** `: ` in the upper half of four bytes */
const COLON_BLANK = 0x3a20;
const BLANK = 32;
/** What stands around a message begins with `[` (`[ID …] `) or `m` (`message repeated …`), the third of four bytes. */
const THIRD = 0xff00;
const BRACKET = 0x5b00;
const LETTER_M = 0x6d00;

/**
 * Takes a line of syslog, rsyslog or postlogd(8) apart: `STAMP HOST TAG[PID]: MESSAGE`, and the rarer forms of it.
 *
 * @param log the piece of a log in which the line stands from `from` to `to`
 * @param now ms since 1970, for stamps without a year
 * @param processes whose lines are wanted
 */
export function readLine(
  log: LogText,
  stamps: StampReader,
  now: number,
  processes: Processes,
  from: number,
  to: number,
): LogRecord | NoRecord {
  const stamp = stamps.read(log, now, from);
  if (stamp === undefined) return readRare(log, { stamps, now, processes }, from, to);
  const { text, bytes } = log;
  const close = text.indexOf(']', stamp.end);
  if (close >= 0 && close - stamp.end <= MAX_PROCESS && close + 5 <= to) {
    // `: ` and the first two letters of the message at once
    const behind = bytes.getInt32(close + 1);
    const process = behind >> 16 === COLON_BLANK ? processes.find(log, stamp.end, close) : undefined;
    if (process !== undefined) {
      if (process.program === undefined) return 'other';
      const first = behind & THIRD;
      const message = text.slice(close + 3, to);
      if (first === BRACKET || first === LETTER_M) return recordOf(stamp.at, process, message) ?? 'other';
      return { at: stamp.at, program: process.program, process: process.text, message };
    }
  }
  return (
    readTagAlone(log, stamp.at, stamp.end, to, processes) ??
    readRare(log, { stamps, now, processes }, from, to)
  );
}

/** A function of its own, so that V8 inlines the code for the usual lines. */
function readRare(log: LogText, context: HeaderContext, from: number, to: number): LogRecord | NoRecord {
  const header = headerOf(log, context, from, to);
  if (typeof header === 'string') return header;
  return recordOf(header.at, header.process, log.text.slice(header.end, to)) ?? 'other';
}

/** @param text after `TAG[PID]: `. @returns undefined where the program is not wanted */
export function recordOf(
  at: number,
  { program, text: process }: Process,
  text: string,
): LogRecord | undefined {
  if (program === undefined) return undefined;
  const { message, repeat } = unwrapped(text);
  return repeat === undefined ? { at, program, process, message } : { at, program, process, message, repeat };
}

/** `HOST TAG: `, as Dovecot logs: much of a mail log, so it is recognized early. Undefined for other forms. */
function readTagAlone(
  log: LogText,
  at: number,
  from: number,
  to: number,
  processes: Processes,
): LogRecord | NoRecord | undefined {
  const last = Math.min(to - 1, from + MAX_PROCESS);
  let colon = log.text.indexOf(':', from);
  // A search for both characters would go through the colons of all lines that follow.
  while (colon >= 0 && colon <= last && log.text.charCodeAt(colon + 1) !== BLANK)
    colon = log.text.indexOf(':', colon + 1);
  if (colon < 0 || colon > last) return undefined;
  const process = processes.find(log, from, colon);
  if (process === undefined) return undefined;
  if (process.program === undefined) return 'other';
  // `TAG[PID` without its bracket is what is left of two lines.
  return isSyslogDaemon(process.program) ? recordOf(at, process, log.text.slice(colon + 2, to)) : undefined;
}
