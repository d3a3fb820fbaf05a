// The header of RFC 5424 after its stamp: HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG.

export interface Rfc5424 {
  /** as it is written; `-` for none */
  readonly host: string;
  readonly app: string;
  readonly pid: string;
  /** where the message begins */
  readonly end: number;
}

/** Up to the MSGID. Postfix always has a process ID, and never an MSGID. */
const FIELDS = /^([!-~]{1,255}) ([!-~]{1,128}) (\d{1,10}) ([!-~]{1,32}) /;
const MAX_FIELDS = 512;
const NIL = '-';
const QUOTE = 34;
const OPEN = 91;
const BACKSLASH = 92;
const CLOSE = 93;
const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/**
 * Reads the header that stands from `from` on.
 *
 * @param isVersioned `<PRI>1 ` stood in front of the stamp; sysklogd writes files without it, and then any header with
 *   an MSGID may be something else
 * @returns undefined where none stands there
 */
export function rfc5424At(text: string, from: number, to: number, isVersioned: boolean): Rfc5424 | undefined {
  const found = FIELDS.exec(text.slice(from, Math.min(to, from + MAX_FIELDS)));
  if (found === null) return undefined;
  const [fields, host = '', app = '', pid = '', id] = found;
  if (!isVersioned && id !== NIL) return undefined;
  const data = structuredDataEnd(text, from + fields.length, to);
  return data < 0 ? undefined : { host, app, pid, end: messageAt(text, data, to) };
}

/** Where `-`, or `[ID NAME="VALUE" …]` once or more, ends; -1 where neither stands there with a blank after it. */
function structuredDataEnd(text: string, from: number, to: number): number {
  let place = from;
  if (text.startsWith(NIL, from)) place++;
  else
    while (place >= 0 && place < to && text.charCodeAt(place) === OPEN) place = elementEnd(text, place, to);
  const isEnd = place > from && (place === to || text.charCodeAt(place) === 32);
  return isEnd ? place : -1;
}

/** After the `]` of an element: within a value it may stand escaped (RFC 5424 6.3.3). */
function elementEnd(text: string, from: number, to: number): number {
  let isQuoted = false;
  for (let place = from; place < to; place++) {
    const code = text.charCodeAt(place);
    if (code === BACKSLASH && isQuoted) place++;
    else if (code === QUOTE) isQuoted = !isQuoted;
    else if (code === CLOSE && !isQuoted) return place + 1;
  }
  return -1;
}

/** rsyslog's own template has two blanks there: the message of RFC 3164 begins with one. */
function messageAt(text: string, from: number, to: number): number {
  const place = blanksEnd(text, from, to);
  return text.startsWith(BYTE_ORDER_MARK, place) ? place + BYTE_ORDER_MARK.length : place;
}

export function blanksEnd(text: string, from: number, to: number): number {
  let place = from;
  while (place < to && text.charCodeAt(place) === 32) place++;
  return place;
}
