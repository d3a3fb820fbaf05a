// The rarer headers of log lines, read word by word: priorities, levels, relays, logs without host names, RFC 5424.

import { isHeaderWord } from './header-words.ts';
import type { LogText } from './log-text.ts';
import { isSyslogDaemon, type Process, type Processes } from './process.ts';
import { blanksEnd, rfc5424At } from './rfc5424.ts';
import type { StampReader } from './stamp.ts';
import { hasZone } from './stamp-forms.ts';

/** The header of a message. */
export interface Header {
  /** ms since 1970 */
  readonly at: number;
  readonly process: Process;
  /** where the message begins */
  readonly end: number;
}

/** The line of a program, wanted or not, or none that is understood. */
export type Found = Header | 'other' | 'unknown';

/** How lines are read. */
export interface HeaderContext {
  readonly stamps: StampReader;
  readonly processes: Processes;
  /** ms since 1970, for stamps without a year */
  readonly now: number;
}

/** Characters between a stamp and the end of `TAG[PID`. */
export const MAX_PROCESS = 400;
/** A relay puts its own stamp in front of what it was sent (RFC 3164 4.3), and so does `docker logs -t`. */
const MAX_STAMPS = 4;
const MAX_WORDS = 4;
/** RFC 3164 4.1.1 and RFC 5424 6.2.1, with its version; `<mail.info>` where a template writes it first */
const PRIORITY = /^<(?:\d{1,3}|[a-z]{3,8}[0-7]?\.[a-z]{3,9})>(?:(1) )? {0,4}/;
const MAX_PRIORITY = 32;

/** The rest of a line, from `start` to `to` in a text, and its time as far as that is known. */
interface Line {
  readonly log: LogText;
  readonly to: number;
  start: number;
  time: { readonly at: number; readonly isZoned: boolean } | undefined;
}

/**
 * Reads a header from left to right. Nothing after the first tag is looked at: the line of another program may contain
 * text that imitates Postfix's.
 *
 * @param outer ms since 1970: when a wrapper says that the line was written; it may have no stamp of its own then
 */
export function headerOf(
  log: LogText,
  context: HeaderContext,
  from: number,
  to: number,
  outer?: number,
): Found {
  const line = lineOf(log, from, to, outer);
  for (let left = MAX_STAMPS; left > 0; left--) {
    const isVersioned = passPriority(line);
    passStamp(line, context);
    if (line.time === undefined) return 'unknown';
    const found = isVersioned ? undefined : processAt(line, context);
    const tagged = found ?? rfc5424Of(line, context, isVersioned);
    if (tagged !== undefined) {
      const { process, end } = tagged;
      return process.program === undefined ? 'other' : { at: line.time.at, process, end };
    }
    const next = nextAt(line, context);
    if (typeof next === 'string') return next;
    line.start = next;
  }
  return 'unknown';
}

/** The time of a line of any program; undefined where it has none. Parameters as for headerOf. */
export function timeOf(log: LogText, context: HeaderContext, outer?: number): number | undefined {
  const line = lineOf(log, 0, log.text.length, outer);
  for (let left = MAX_STAMPS; left > 0; left--) {
    passPriority(line);
    passStamp(line, context);
    const next = nextAt(line, context);
    if (typeof next === 'string') break;
    line.start = next;
  }
  return line.time?.at;
}

function lineOf(log: LogText, start: number, to: number, outer: number | undefined): Line {
  return { log, to, start, time: outer === undefined ? undefined : { at: outer, isZoned: true } };
}

/** @returns whether the header is that of RFC 5424 */
function passPriority(line: Line): boolean {
  const found = priorityAt(line.log.text, line.start, line.to);
  line.start += found?.[0].length ?? 0;
  return found?.[1] !== undefined;
}

function priorityAt(text: string, from: number, to: number): RegExpExecArray | null {
  return text.charCodeAt(from) === 60
    ? PRIORITY.exec(text.slice(from, Math.min(to, from + MAX_PRIORITY)))
    : null;
}

/** Of two stamps, the one with a zone counts; of two with a zone, the one nearer to the message. */
function passStamp(line: Line, { stamps, now }: HeaderContext): void {
  const { log, to, start, time } = line;
  const stamp = start < to ? stamps.read(log, now, start) : undefined;
  if (stamp === undefined || stamp.end > to) return;
  line.start = blanksEnd(log.text, stamp.end, to);
  const isZoned = hasZone(log.text.slice(start, stamp.end));
  if (isZoned || !time?.isZoned) line.time = { at: stamp.at, isZoned };
}

interface Tagged {
  readonly process: Process;
  readonly end: number;
}

/** `HOST LEVEL TAG[PID]: `, of which the host and the level may be missing; a tag may have brackets of its own. */
function processAt({ log, to, start }: Line, { processes }: HeaderContext): Tagged | undefined {
  const head = log.text.slice(start, Math.min(to, start + MAX_PROCESS + 2));
  for (let close = head.indexOf(']:'); close >= 0; close = head.indexOf(']:', close + 1)) {
    const end = start + close + 2;
    if (end < to && log.text.charCodeAt(end) !== 32) continue;
    const process = processes.find(log, start, start + close);
    if (process !== undefined) return { process, end: Math.min(to, end + 1) };
  }
  return undefined;
}

function rfc5424Of(
  { log, to, start }: Line,
  { processes }: HeaderContext,
  isVersioned: boolean,
): Tagged | undefined {
  const found = rfc5424At(log.text, start, to, isVersioned);
  if (found === undefined) return undefined;
  const { host, app, pid, end } = found;
  const text = `${host === '-' ? '' : `${host} `}${app}[${pid}`;
  return { process: { text, program: processes.programOf(app) }, end };
}

/** Where the next stamp or priority begins, after words of this header if any; what the line is where none does. */
function nextAt(
  { log, to, start }: Line,
  { stamps, now, processes }: HeaderContext,
): number | 'other' | 'unknown' {
  const { text } = log;
  let from = start;
  for (let left = MAX_WORDS; left >= 0 && from < to; left--) {
    if (stamps.read(log, now, from) !== undefined || priorityAt(text, from, to) !== null) return from;
    // Only in the rest of this line: others may follow in the text.
    const [word = ''] = text.slice(from, to).split(' ', 1);
    if (!isHeaderWord(word)) return isOtherTag(word, processes) ? 'other' : 'unknown';
    from = blanksEnd(text, from + word.length, to);
  }
  return 'unknown';
}

/** `TAG:`, or `TAG:` with the message right after it. Postfix always logs its process ID. */
function isOtherTag(word: string, processes: Processes): boolean {
  const colon = word.indexOf(':');
  const program = processes.programOf(word.slice(0, colon));
  return colon > 0 && (program === undefined || isSyslogDaemon(program));
}
