// The snapshot line of a client that is only counted, as nearly all of a million are: written and read fast.

import { NAMES } from '../../blocks/events/codes.ts';
import { codeOf, stampOf, timeOf, type Window, windowOf } from '../../blocks/events/window.ts';
import { keyAt, keyEnd, type ShortKey } from '../../blocks/table/key-words.ts';
import type { RecordState } from '../../blocks/table/record-state.ts';
import { isAt } from '../../values/bytes.ts';
import { ISO_LENGTH, isoText, isoTimeAt } from '../../values/iso-time.ts';
import { failuresOf, USER_DIGITS } from './failure-users.ts';

const QUOTE = 34;
const COMMA = 44;
const [ZERO, NINE, LOW_A, LOW_F] = [48, 57, 97, 102];
const EVENTS = Buffer.from('":{"events":{"');
const NEXT_KIND = Buffer.from(',"');
const NEXT_TIME = Buffer.from('","');
const LAST_TIME = Buffer.from('"]');
const END = Buffer.from('}}');
const USERS = Buffer.from('},"users":["');
const NEXT_USER = Buffer.from('","');
const LAST_USER = Buffer.from('"]}');
/** by code: its name, and what follows it before the first time */
const NAMED = NAMES.map((name) => Buffer.from(`${name}":["`));
/** by the first byte of a name: the codes of the names that begin with it */
const CODES_BY_LETTER = Array.from({ length: 256 }, (_, byte) =>
  NAMES.flatMap((name, code) => (name.charCodeAt(0) === byte ? [code] : [])),
);
/** by code: what stands before its times */
const OPENINGS = NAMES.map((name) => `"${name}":[`);

/** `{"auth-failure":["…",…],…}`, kinds and classes in the order of their codes; forgiven failures have no name */
export function eventsText(events: Window): string {
  // Nearly all clients of a million have one event.
  const [only = 0] = events;
  if (events.length === 1 && codeOf(only) < NAMES.length)
    return `{${OPENINGS[codeOf(only)]}"${isoText(timeOf(only))}"]}`;
  let present = 0;
  for (const stamp of events) present |= 1 << codeOf(stamp);
  let text = '{';
  for (let code = 0; code < NAMES.length; code++) {
    if (((present >>> code) & 1) === 0) continue;
    text += `${text === '{' ? '' : ','}${OPENINGS[code]}${timesText(events, code)}]`;
  }
  return `${text}}`;
}

/** A client of which nothing but events is known. */
export interface CountedEntry {
  readonly key: ShortKey;
  readonly state: RecordState;
}

/**
 * Reads `"KEY":{"events":{"NAME":["TIME",…],…},"users":["USER",…]}`, users and a comma behind it or not, in a tenth of the
 * time that JSON.parse and its checks take. A line of any other form is left to them.
 *
 * @param bytes of a file in which the line stands from `from` up to `to`
 * @returns undefined for a line of another form, be it right or wrong
 */
export function parseCountedLine(bytes: Buffer, from: number, to: number): CountedEntry | undefined {
  if (bytes[from] !== QUOTE) return undefined;
  const close = keyEnd(bytes, from + 1);
  if (!isAt(EVENTS, bytes, close)) return undefined;
  const stamps: number[] = [];
  const users: number[] = [];
  const end = endAt(bytes, stampsAt(bytes, close + EVENTS.length, stamps), users);
  if (end !== to && !(end === to - 1 && bytes[end] === COMMA)) return undefined;
  const key = keyAt(bytes, from + 1, close);
  if (key === undefined) return undefined;
  const events = windowOf(stamps);
  const failures = users.length === 0 ? undefined : failuresOf(events, users);
  return {
    key,
    state: { events, failures, floor: 0, block: undefined, watches: undefined, isOnlyCounted: true },
  };
}

function timesText(events: Window, code: number): string {
  let text = '';
  for (const stamp of events) {
    if (codeOf(stamp) === code) text += `${text === '' ? '' : ','}"${isoText(timeOf(stamp))}"`;
  }
  return text;
}

/** Adds the events from the first kind's name on. @returns the place behind them, or -1 */
function stampsAt(bytes: Buffer, from: number, stamps: number[]): number {
  let place = from;
  let kinds = 0;
  for (;;) {
    const code = codeAt(bytes, place);
    // A kind that comes twice is an object with two equal keys: not ours.
    if (code < 0 || (kinds >>> code) & 1) return -1;
    kinds |= 1 << code;
    place = timesAt(bytes, place + (NAMED[code]?.length ?? 0), code, stamps);
    if (place < 0 || !isAt(NEXT_KIND, bytes, place)) return place;
    place += NEXT_KIND.length;
  }
}

/** Adds the users behind the events, where there are any. @returns the place behind the last brace, or -1 */
function endAt(bytes: Buffer, from: number, users: number[]): number {
  if (from < 0) return -1;
  if (isAt(END, bytes, from)) return from + END.length;
  if (!isAt(USERS, bytes, from)) return -1;
  for (let place = from + USERS.length; ; place += NEXT_USER.length) {
    const isKnown = bytes[place] !== QUOTE;
    const user = isKnown ? userAt(bytes, place) : 0;
    if (user < 0) return -1;
    users.push(user);
    place += isKnown ? USER_DIGITS : 0;
    if (isAt(LAST_USER, bytes, place)) return place + LAST_USER.length;
    if (!isAt(NEXT_USER, bytes, place)) return -1;
  }
}

/** The number of 48 bits whose hexadecimal digits stand there, or -1. */
function userAt(bytes: Buffer, from: number): number {
  let user = 0;
  for (let place = from; place < from + USER_DIGITS; place++) {
    const byte = bytes[place] ?? 0;
    const digit =
      byte >= ZERO && byte <= NINE ? byte - ZERO : byte >= LOW_A && byte <= LOW_F ? byte - LOW_A + 10 : -1;
    if (digit < 0) return -1;
    user = user * 16 + digit;
  }
  return user;
}

/** The code of the kind whose name, and what follows it up to the first time, stands there; -1 where none does. */
function codeAt(bytes: Buffer, place: number): number {
  for (const code of CODES_BY_LETTER[bytes[place] ?? 0] ?? []) {
    const name = NAMED[code];
    if (name !== undefined && isAt(name, bytes, place)) return code;
  }
  return -1;
}

/** Adds the times of one kind. @returns the place behind their bracket, or -1 */
function timesAt(bytes: Buffer, from: number, code: number, stamps: number[]): number {
  for (let place = from; ; place += ISO_LENGTH + NEXT_TIME.length) {
    const at = isoTimeAt(bytes, place);
    if (Number.isNaN(at)) return -1;
    stamps.push(stampOf(at, code));
    const end = place + ISO_LENGTH;
    if (isAt(LAST_TIME, bytes, end)) return end + LAST_TIME.length;
    if (!isAt(NEXT_TIME, bytes, end)) return -1;
  }
}
