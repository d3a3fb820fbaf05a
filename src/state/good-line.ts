// The snapshot line of a client with good events: its key and plain numbers, written and read fast.

import type { SavedCounter } from '../blocks/good/good-counters.ts';
import type { SavedGoodClient } from '../blocks/good/good-records.ts';
import type { GoodCounter } from '../blocks/good/good-terms.ts';
import { isClientKey } from '../values/address.ts';
import { isoText, isoTime } from '../values/iso-time.ts';
import { isNatural, isObject } from './json-guards.ts';
import { damage } from './snapshot-damage.ts';

const QUOTE = 34;
const COMMA = 44;
const ZERO = 48;
const COLON = 58;
const OPEN = 91;
const CLOSE = 93;
/** Length of the longest client key, an IPv6 network. */
const MAX_KEY = 50;
const MAX_DIGITS = 15;
const MAX_32 = 2 ** 32;
const MAX_48 = 2 ** 48;
/** A client has at most so many users: postblock keeps no more. */
const MAX_USERS = 256;

const SORTS: readonly unknown[] = ['recipients', 'messages', 'connections'] satisfies GoodCounter['sort'][];
/** Of one policy, and those of the policy before that still count. */
const MAX_COUNTERS = 1000;
const SECOND = 1000;

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
export function goodLine({ key, latest, newest, sums, users }: SavedGoodClient): string {
  let text = `"${key}":[${latest},${newest}`;
  for (const sum of sums) text += `,${sum}`;
  for (const value of users) text += `,${value}`;
  return `${text}]`;
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
  let close = from + 1;
  while (close - from <= MAX_KEY && bytes[close] !== QUOTE) close++;
  const key = bytes.toString('latin1', from + 1, close);
  const isOpen = bytes[from] === QUOTE && bytes[close + 1] === COLON && bytes[close + 2] === OPEN;
  const values = isOpen && isClientKey(key) ? valuesAt(bytes, close + 3, to) : undefined;
  if (values === undefined) throw damage(number, EXPECTED);
  const [latest = 0, newest = 0] = values;
  const sums = values.slice(2, 2 + 2 * counters);
  const users = values.slice(2 + 2 * counters);
  const isWhole = values.length >= 2 + 2 * counters && newest <= latest && latest < MAX_32;
  if (!isWhole || !sums.every((sum) => sum < MAX_32))
    throw damage(number, 'two times, and two sums a counter');
  if (!areUsers(users)) throw damage(number, 'users, each with its time');
  return { key, latest, newest, sums, users };
}

/** The numbers up to the bracket with which the line ends; undefined for what is not as it was written. */
function valuesAt(bytes: Buffer, from: number, to: number): number[] | undefined {
  const values: number[] = [];
  for (let place = from; place < to; place++) {
    const start = place;
    let value = 0;
    for (; isDigit(bytes[place]); place++) value = value * 10 + (bytes[place] ?? 0) - ZERO;
    const digits = place - start;
    if (digits === 0 || digits > MAX_DIGITS || (digits > 1 && bytes[start] === ZERO)) return undefined;
    values.push(value);
    if (bytes[place] === COMMA) continue;
    const rest = to - place;
    const isEnd = rest === 1 || (rest === 2 && bytes[place + 1] === COMMA);
    return bytes[place] === CLOSE && isEnd ? values : undefined;
  }
  return undefined;
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
