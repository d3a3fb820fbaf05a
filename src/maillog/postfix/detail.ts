// The details of a log line for support. Computed only for clients near a limit; never counted.

import type { Detail } from '../../blocks/events/event.ts';
import { own } from '../../values/detached-string.ts';
import type { LogRecord } from '../syslog/record.ts';
import { MAX_USER } from './fact.ts';
import { envelopeEnd, protoAt } from './reply.ts';

/** A character that UTF-8 writes in several bytes. */
const NOT_ASCII = /[\x80-\xff]/;
const MAX_TEXT = 160;
const MAX_LINE = 320;
const MAX_ENDING = 80;

/**
 * Of a rejection: `REPLY; from=<S> to=<R> proto=P helo=<H>[ sasl_method=M sasl_username=U]`, with commas between from
 * postscreen. Read from the end: an address cannot contain the `> to=<` that separates it from the next, nor a HELO name
 * any bracket.
 *
 * @param user the SASL user of the session, for lines without one (before Postfix 3.10)
 */
export function rejectionDetail(
  record: LogRecord,
  stage: string,
  reply: string,
  user: string | undefined,
): Detail {
  const end = envelopeEnd(reply);
  const envelope = end?.at ?? protoAt(reply);
  const proto = envelope < 0 ? reply.length : envelope;
  const to = lastOf(reply, ['> to=<', '>, to=<', '; to=<'], proto);
  const from = lastOf(reply, ['; from=<'], to);
  const login = end?.user === undefined ? user : clipped(end.user, MAX_USER);
  return {
    stage,
    ...(login === undefined ? {} : { user: login }),
    ...bracketed('sender', reply.slice(from, to + 1)),
    ...bracketed('recipient', reply.slice(to + 1, proto)),
    ...(end?.helo === undefined ? {} : { helo: clipped(end.helo, MAX_TEXT) }),
    ...(from > 0 ? { reply: clipped(reply.slice(0, from), MAX_TEXT) } : {}),
    line: lineOf(record),
  };
}

/** `warning: name[address]: SASL MECHANISM authentication failed: REASON, sasl_username=USER` */
export function authFailureDetail(record: LogRecord): Detail {
  const { message } = record;
  const [, mechanism] = /: SASL (\S{1,100}) authentication failed/.exec(message) ?? [];
  const user = message.indexOf(', sasl_username=');
  return {
    ...(mechanism === undefined ? {} : { mechanism }),
    ...(user < 0 ? {} : { user: clipped(message.slice(user + ', sasl_username='.length), MAX_TEXT) }),
    line: lineOf(record),
  };
}

/** How a connection ended, from the line that said so: the words in front of the client. */
export function endingDetail(line: string): Detail {
  const message = line.slice(line.indexOf(']: ') + 3);
  const client = message.search(/ from (?:\S{0,255}\[|\[)/);
  const ending = client < 0 ? message : message.slice(0, client);
  return { ending: withEllipsis(ending.slice(0, MAX_ENDING), ending.length > MAX_ENDING), line };
}

/** The detail of a line without further parts. */
export function lineDetail(record: LogRecord): Detail {
  return { line: lineOf(record) };
}

/** The line without its time. Joining two parts makes a detached string. */
export function lineOf({ process, message }: LogRecord): string {
  const line = `${process}]: ${message.slice(0, MAX_LINE)}`;
  return line.length > MAX_LINE ? clipped(line, MAX_LINE) : textOf(line);
}

/** The part of a log text that is kept: bounded, and a detached string. */
export function clipped(text: string, most: number): string {
  return withEllipsis(textOf(own(text.slice(0, most))), text.length > most);
}

/** Log text is bytes read as latin1; the kept part is decoded as UTF-8. */
function textOf(bytes: string): string {
  // Takes a quarter of the time of the pattern.
  const isAscii = Buffer.byteLength(bytes) === bytes.length;
  return !isAscii && NOT_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

function withEllipsis(text: string, isCut: boolean): string {
  return isCut ? `${text}…` : text;
}

/** The start of the last of these words before an index; the index itself where there is none. */
function lastOf(text: string, words: readonly string[], before: number): number {
  const place = Math.max(...words.map((word) => text.lastIndexOf(word, before - 1)));
  return place < 0 ? before : place;
}

/** The text between the first `=<` and the last `>`. */
function bracketed(name: string, text: string): Record<string, string> {
  const open = text.indexOf('=<');
  const close = text.lastIndexOf('>');
  return open < 0 || close < open + 2 ? {} : { [name]: clipped(text.slice(open + 2, close), MAX_TEXT) };
}
