// What a log line tells support beyond whom it charges. Worked out only for clients near a limit; charges nobody.

import type { Detail } from '../blocks/event.ts';
import type { LogRecord } from './record.ts';

const MAX_TEXT = 160;
const MAX_LINE = 320;

/** Of a rejection: `… REPLY; from=<S> to=<R> proto=P helo=<H>`, with commas between from postscreen. */
export function rejectionDetail(
  record: LogRecord,
  stage: string,
  reply: string,
  user: string | undefined,
): Detail {
  const proto = endOf(reply, ' proto=', reply.length);
  const to = endOf(reply, ' to=<', proto);
  const from = endOf(reply, ' from=<', Math.min(to, proto));
  const end = reply.lastIndexOf(';', Math.min(from, to, proto));
  return {
    stage,
    ...(user === undefined ? {} : { user }),
    ...bracketed('sender', reply, from, ' from=<', Math.min(to, proto)),
    ...bracketed('recipient', reply, to, ' to=<', proto),
    ...bracketed('helo', reply, endOf(reply, ' helo=<', reply.length), ' helo=<', reply.length),
    ...(end > 0 ? { reply: clipped(reply.slice(0, end), MAX_TEXT) } : {}),
    line: lineOf(record),
  };
}

/** `warning: name[address]: SASL MECHANISM authentication failed: REASON, sasl_username=USER` */
export function authFailureDetail(record: LogRecord): Detail {
  const { message } = record;
  const [, mechanism] = /: SASL (\S{1,100}) authentication failed:/.exec(message) ?? [];
  const user = message.indexOf(', sasl_username=');
  return {
    ...(mechanism === undefined ? {} : { mechanism }),
    ...(user < 0 ? {} : { user: clipped(message.slice(user + ', sasl_username='.length), MAX_TEXT) }),
    line: lineOf(record),
  };
}

/** How a connection ended, as a session keeps it: the words in front of the client. */
export function endingOf({ message }: LogRecord): string {
  const client = message.search(/ from (?:\S{0,255}\[|\[)/);
  return clipped(client < 0 ? message : message.slice(0, client), 80);
}

export function lineOf(record: LogRecord): string {
  return clipped(`${record.process}]: ${record.message}`, MAX_LINE);
}

/** Log text is bytes read as latin1; what is kept of it is text again, and a string of its own. */
export function clipped(text: string, most: number): string {
  const bytes = Buffer.from(text.slice(0, most), 'latin1');
  return text.length > most ? `${bytes.toString('utf8')}…` : bytes.toString('utf8');
}

function endOf(text: string, what: string, before: number): number {
  const place = text.lastIndexOf(what, before);
  return place < 0 ? before : place;
}

function bracketed(
  name: string,
  text: string,
  from: number,
  words: string,
  to: number,
): Record<string, string> {
  if (!text.startsWith(words, from)) return {};
  const close = text.lastIndexOf('>', to);
  const start = from + words.length;
  return close < start ? {} : { [name]: clipped(text.slice(start, close), MAX_TEXT) };
}
