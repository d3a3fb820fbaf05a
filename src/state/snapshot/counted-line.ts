// The snapshot line of a client that is only counted, as nearly all of a million are, written without a text of its own.

import { FORGIVEN, NAMES } from '../../blocks/events/codes.ts';
import { FAILURE } from '../../blocks/events/failures.ts';
import { codeOf, timeOf, type Window } from '../../blocks/events/window.ts';
import type { SingleEvent } from '../../blocks/table/single-event-clients.ts';
import { ISO_LENGTH } from '../../values/iso-time.ts';
import { USER_DIGITS } from './failure-users.ts';
import type { LineBytes } from './line-bytes.ts';

const QUOTE = 34;
const COMMA = 44;
const BRACE = 125;
/** Bytes of a line besides its times: an IPv6 network takes 43, names and marks no more than so many in all. */
const MAX_MARKS = 1024;
/** Bytes of the line of one event: the longest name has 25. */
const MAX_SINGLE = 200;

/** By code: what stands between the key and the time of a single event. */
const OPENINGS: readonly Buffer[] = [
  ...NAMES.map((name) => `":{"events":{"${name}":["`),
  '":{"forgiven":["',
].map((text) => Buffer.from(text));
const EVENTS = Buffer.from('":{"events":{');
/** by code: what stands before its times */
const NAMED = NAMES.map((name) => Buffer.from(`"${name}":["`));
const NEXT_TIME = Buffer.from('","');
const LAST_TIME = Buffer.from('"]');
const EVENTS_END = Buffer.from('"]}');
const USERS = Buffer.from(',"users":["');

/** Adds the line that recordLine has for the record of this client. */
export function addSingleEventLine({ key, stamp, user }: SingleEvent, lines: LineBytes): void {
  const code = codeOf(stamp);
  lines.begin(MAX_SINGLE);
  lines.byte(QUOTE);
  lines.key(key);
  lines.bytes(OPENINGS[code] ?? EVENTS);
  lines.time(timeOf(stamp));
  lines.bytes(code === FORGIVEN ? LAST_TIME : EVENTS_END);
  if (user !== 0 && code === FAILURE) {
    lines.bytes(USERS);
    lines.ascii(user.toString(16).padStart(USER_DIGITS, '0'));
    lines.bytes(LAST_TIME);
  }
  lines.byte(BRACE);
}

/**
 * Adds the line that recordLine has for a client with these events, and with nothing else.
 * @returns false for a client without events, and for one with a failure that a login took back
 */
export function addCountedLine(key: string, events: Window, lines: LineBytes): boolean {
  let present = 0;
  for (let i = 0; i < events.length; i++) present |= 1 << codeOf(events[i] ?? 0);
  if (present === 0 || (present >>> FORGIVEN) & 1) return false;
  lines.begin(MAX_MARKS + events.length * (ISO_LENGTH + NEXT_TIME.length));
  lines.byte(QUOTE);
  lines.key(key);
  lines.bytes(EVENTS);
  for (let code = 0, isFirst = true; code < NAMES.length; code++) {
    if (((present >>> code) & 1) === 0) continue;
    if (!isFirst) lines.byte(COMMA);
    isFirst = false;
    addTimes(events, code, lines);
  }
  lines.byte(BRACE);
  lines.byte(BRACE);
  return true;
}

/** `"NAME":["TIME",…]` */
function addTimes(events: Window, code: number, lines: LineBytes): void {
  lines.bytes(NAMED[code] ?? EVENTS);
  let isFirst = true;
  for (let i = 0; i < events.length; i++) {
    const stamp = events[i] ?? 0;
    if (codeOf(stamp) !== code) continue;
    if (!isFirst) lines.bytes(NEXT_TIME);
    isFirst = false;
    lines.time(timeOf(stamp));
  }
  lines.bytes(LAST_TIME);
}
