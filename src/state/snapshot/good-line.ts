// The snapshot line of a client with good events: its key and plain numbers, written and read fast.

import type { SavedCounter } from '../../blocks/good/good-counters.ts';
import type { GoodCounter } from '../../blocks/good/good-terms.ts';
import type { SavedGoodClient } from '../../blocks/good/saved-good-client.ts';
import { keyAt, keyEnd, MAX_KEY } from '../../blocks/table/key-words.ts';
import { SECOND } from '../../values/duration.ts';
import { isoText, isoTime } from '../../values/iso-time.ts';
import { isNatural, isObject } from '../../values/json.ts';
import { damage } from './damage.ts';
import type { LineBytes } from './line-bytes.ts';

const QUOTE = 34;
const COMMA = 44;
const ZERO = 48;
const COLON = 58;
const OPEN = 91;
const CLOSE = 93;
const KEY_END = Buffer.from('":[');
/** Bytes of a line besides its key and its numbers, at most. */
const MARKS = 8;
const MAX_DIGITS = 15;
const MAX_32 = 2 ** 32;
const MAX_48 = 2 ** 48;
/** A client has at most so many users: postblock keeps no more. */
const MAX_USERS = 256;

const SORTS: readonly unknown[] = ['recipients', 'messages', 'connections'] satisfies GoodCounter['sort'][];
/** Of one policy, and those of the policy before that still count. */
const MAX_COUNTERS = 1000;

const NONE: readonly number[] = [];
const EXPECTED = 'a client key and a list of numbers';

/** A counter as the head of a snapshot has it: `within` in seconds, `until` in ISO 8601. */
export interface CounterEntry {
  readonly sort: GoodCounter['sort'];
  readonly within: number;
  readonly until?: string;
}

export function counterEntry({ sort, within, until }: SavedCounter): CounterEntry {
  return { sort, within: within / SECOND, ...(until !== undefined && { until: isoText(until) }) };
}

export function counterOf({ sort, within, until }: CounterEntry): SavedCounter {
  return { sort, within: within * SECOND, ...(until !== undefined && { until: isoTime(until) }) };
}

export function areCounterEntries(value: unknown): value is readonly CounterEntry[] {
  if (!Array.isArray(value) || value.length > MAX_COUNTERS || !value.every(isCounterEntry)) return false;
  return new Set(value.map(({ sort, within }) => `${sort} ${within}`)).size === value.length;
}

/** `"KEY":[LATEST,NEWEST,CURRENT,PREVIOUS,…,USER,TIME,…]`: two sums for each counter, then the users. */
export function addGoodLine({ key, latest, newest, sums, users }: SavedGoodClient, lines: LineBytes): void {
  lines.begin(MAX_KEY + MARKS + (2 + sums.length + users.length) * (MAX_DIGITS + 1));
  lines.byte(QUOTE);
  lines.key(key);
  lines.bytes(KEY_END);
  lines.decimal(latest);
  lines.byte(COMMA);
  lines.decimal(newest);
  lines.decimals(sums);
  lines.decimals(users);
  lines.byte(CLOSE);
}

/**
 * Reads such a line, a comma behind it or not.
 *
 * @param bytes of a file in which the line stands from `from` up to `to`
 * @param counters how many the head of the snapshot names
 * @param number of the line, for the error
 * @throws SnapshotDamage
 */
export function parseGoodLine(
  bytes: Buffer,
  from: number,
  to: number,
  counters: number,
  number: number,
): SavedGoodClient {
  const close = keyEnd(bytes, from + 1);
  const key = bytes[from] === QUOTE ? keyAt(bytes, from + 1, close) : undefined;
  const isOpen = bytes[close] === QUOTE && bytes[close + 1] === COLON && bytes[close + 2] === OPEN;
  const count = isOpen && key !== undefined ? readValues(bytes, close + 3, to) : 0;
  if (key === undefined || count === 0) throw damage(number, EXPECTED);
  const [latest = 0, newest = 0] = VALUES;
  const sums = valuesFrom(2, 2 + 2 * counters);
  const users = valuesFrom(2 + 2 * counters, count);
  const isWhole = count >= 2 + 2 * counters && newest <= latest && latest < MAX_32;
  if (!isWhole || !sums.every((sum) => sum < MAX_32))
    throw damage(number, 'two times, and two sums a counter');
  if (!areUsers(users)) throw damage(number, 'users, each with its time');
  return { key, latest, newest, sums, users };
}

/** The numbers of the line that is read: an array for each line would be garbage. */
const VALUES = new Float64Array(2 + 2 * MAX_COUNTERS + 2 * MAX_USERS);

/**
 * Reads numbers up to the bracket with which the line ends into VALUES.
 * @returns how many; 0 for what is not as it was written
 */
function readValues(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let place = from; place < to && count < VALUES.length; place++) {
    const start = place;
    let value = 0;
    for (; isDigit(bytes[place]); place++) value = value * 10 + (bytes[place] ?? 0) - ZERO;
    const digits = place - start;
    if (digits === 0 || digits > MAX_DIGITS || (digits > 1 && bytes[start] === ZERO)) return 0;
    VALUES[count++] = value;
    if (bytes[place] === COMMA) continue;
    const rest = to - place;
    const isEnd = rest === 1 || (rest === 2 && bytes[place + 1] === COMMA);
    return bytes[place] === CLOSE && isEnd ? count : 0;
  }
  return 0;
}

function valuesFrom(start: number, end: number): readonly number[] {
  if (end <= start) return NONE;
  const values = new Array<number>(end - start);
  for (let i = start; i < end; i++) values[i - start] = VALUES[i] ?? 0;
  return values;
}

function isDigit(byte = 0): boolean {
  return byte >= ZERO && byte < COLON;
}

function areUsers(users: readonly number[]): boolean {
  if (users.length === 0) return true;
  if (users.length % 2 === 1 || users.length > 2 * MAX_USERS) return false;
  const seen = new Set<number>();
  for (let i = 0; i < users.length; i += 2) {
    const [user = 0, at = 0] = [users[i], users[i + 1]];
    if (user >= MAX_48 || at >= MAX_48 || at === 0) return false;
    seen.add(user);
  }
  return 2 * seen.size === users.length;
}

function isCounterEntry(value: unknown): value is CounterEntry {
  if (!isObject(value) || !SORTS.includes(value.sort)) return false;
  const { within, until } = value;
  const isTime = until === undefined || !Number.isNaN(isoTime(until));
  return isNatural(within) && within > 0 && within < MAX_32 && isTime;
}
