// The rarer stamps of log lines: those of syslog daemons and journalctl other than BSD and RFC 3339.

import { HOUR, MINUTE, SECOND } from '../../values/duration.ts';
import { LEAP_SECOND } from './digits.ts';
import { momentsOf, type Zone } from './zone.ts';

/** A stamp: ms since 1970, and where the text after it and its blank begins. */
export interface Stamp {
  readonly at: number;
  readonly end: number;
}

const A_HALF_DAY = 12 * HOUR;
const HALF_YEAR = 182 * 24 * HOUR;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * RFC 3164 4.1.2 and its relatives:
 * - `Nov 23 10:20:30`, the day padded with a blank, a zero or nothing;
 * - `Nov 23 10:20:30.123456`: `journalctl -o short-precise`, busybox, syslog-ng's frac-digits();
 * - `2026 Nov 23 10:20:30`: syslog-ng's $FULLDATE; `Nov 23 2026 10:20:30`: appliances;
 * - `Mon Nov 23 10:20:30 2026`: asctime(3), OpenWrt's logread.
 */
const NAMED =
  /(?:(\d{4}) |[A-Z][a-z]{2} )?([A-Z][a-z]{2}) ([ \d]?\d) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: (\d{4}))? /y;

/**
 * ISO 8601 and its relatives, each with a zone or without:
 * - `2026-11-23T10:20:30+0100`: `journalctl -o short-iso` before systemd 255;
 * - `2026-11-23 10:20:30,123`, `2026/11/23 10:20:30 +0100`: templates of all kinds;
 * - `2026-11-23_10:20:30.12345`: svlogd(8).
 */
const NUMBERED =
  /(\d{4})([-/.])(\d\d)\2(\d\d)[T _](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|[+-]\d\d(?::?\d\d)?))? /y;

/** `Mon 2026-11-23 10:20:30 CET`: `journalctl -o short-full`, in the zone of the user who ran it */
const FULL =
  /[A-Z][a-z]{2} (\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? ([A-Z]{1,5}|[+-]\d\d(?:\d\d)?) /y;

/** `journalctl -o short-unix` */
const UNIX = /(\d{9,10})\.(\d{3,9}) /y;

const OFFSET = /^([+-])(\d\d):?(\d\d)?$/;

/** The end of a stamp that has a zone, or needs none. */
const ZONED = /(?:\d ?Z|:\d\d(?:[.,]\d{1,9})? ?[+-]\d\d(?::?\d\d)?| UTC| GMT|^\d{9,10}\.\d{3,9}) $/;

/** Whether a stamp gives its moment without the zone of the log. @param stamp with the blank after it */
export function hasZone(stamp: string): boolean {
  return ZONED.test(stamp);
}

/**
 * The stamp that begins at `from`.
 *
 * @param now ms since 1970, to which a stamp without a year comes nearest
 * @param zone of stamps without one
 * @returns undefined where none of these forms stands there
 */
export function stampAt(text: string, from: number, now: number, zone: Zone): Stamp | undefined {
  const first = text.charCodeAt(from);
  if (first >= 48 && first <= 57)
    return numberedAt(text, from, now, zone) ?? unixAt(text, from) ?? namedAt(text, from, now, zone);
  return namedAt(text, from, now, zone) ?? fullAt(text, from, now, zone);
}

/** What a clock shows, without its seconds. */
interface Clock {
  /** 0 for January; -1 for none */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/** @param month its name in three letters */
export function clockOf(month: string, day: string, hour: string, minute: string): Clock {
  return { month: MONTHS.indexOf(month), day: Number(day), hour: Number(hour), minute: Number(minute) };
}

function namedAt(text: string, from: number, now: number, zone: Zone): Stamp | undefined {
  NAMED.lastIndex = from;
  const found = NAMED.exec(text);
  if (found === null) return undefined;
  const [stamp, first, month = '', day = '', middle, hour = '', minute = '', second, fraction, last] = found;
  const year = first ?? middle ?? last;
  const clock = clockOf(month, day, hour, minute);
  const moments = year === undefined ? momentsNear(now, clock, zone) : momentsIn(Number(year), clock, zone);
  return stampOf(momentOf(moments, now), second, fraction, from + stamp.length);
}

function numberedAt(text: string, from: number, now: number, zone: Zone): Stamp | undefined {
  NUMBERED.lastIndex = from;
  const found = NUMBERED.exec(text);
  if (found === null) return undefined;
  const [stamp, year, , month, day, hour, minute, second, fraction, offset] = found;
  const clock = { month: Number(month) - 1, day: Number(day), hour: Number(hour), minute: Number(minute) };
  const moments = momentsIn(Number(year), clock, offset === undefined ? zone : fixedZone(offset));
  return stampOf(momentOf(moments, now), second, fraction, from + stamp.length);
}

function fullAt(text: string, from: number, now: number, zone: Zone): Stamp | undefined {
  FULL.lastIndex = from;
  const found = FULL.exec(text);
  if (found === null) return undefined;
  const [stamp, year, month, day, hour, minute, second, fraction, name = ''] = found;
  const clock = { month: Number(month) - 1, day: Number(day), hour: Number(hour), minute: Number(minute) };
  const isFixed = name === 'UTC' || name === 'GMT' || OFFSET.test(name);
  const moments = momentsIn(Number(year), clock, isFixed ? fixedZone(name) : zone);
  return stampOf(momentOf(moments, now), second, fraction, from + stamp.length);
}

function unixAt(text: string, from: number): Stamp | undefined {
  UNIX.lastIndex = from;
  const found = UNIX.exec(text);
  if (found === null) return undefined;
  const [stamp, seconds, fraction] = found;
  return stampOf(Number(seconds) * SECOND, '0', fraction, from + stamp.length);
}

/** @param minute ms since 1970; undefined where no clock shows it */
function stampOf(
  minute: number | undefined,
  seconds: string | undefined,
  fraction: string | undefined,
  end: number,
): Stamp | undefined {
  const second = Number(seconds);
  if (minute === undefined || second > LEAP_SECOND) return undefined;
  return { at: minute + second * SECOND + Number((fraction ?? '').padEnd(3, '0').slice(0, 3)), end };
}

/** @param offset as in `+01:00`; anything else is UTC */
function fixedZone(offset: string): Zone {
  const [, sign, hours = '0', minutes = '0'] = OFFSET.exec(offset) ?? [];
  const ms = (Number(hours) * HOUR + Number(minutes) * MINUTE) * (sign === '-' ? -1 : 1);
  return { offsetAt: () => ms };
}

/** The moments at which the clock shows this; none where there is no such day or time. */
function momentsIn(year: number, { month, day, hour, minute }: Clock, zone: Zone): readonly number[] {
  const local = Date.UTC(year, month, day, hour, minute);
  const date = new Date(local);
  const isDay = date.getUTCMonth() === month && date.getUTCDate() === day;
  return isDay && hour < 24 && minute < 60 ? momentsOf(local, zone) : [];
}

/**
 * The moments at which the clock shows this in the year that brings it nearest to `now`; 29 February only in years that
 * have one. Two where the clock is set back over it, none where there is no such day or time.
 */
export function momentsNear(now: number, clock: Clock, zone: Zone): readonly number[] {
  const year = new Date(now + zone.offsetAt(now)).getUTCFullYear();
  let best: readonly number[] = [];
  for (const candidate of [year, year - 1, year + 1]) {
    const moments = momentsIn(candidate, clock, zone);
    const away = distance(moments, now);
    if (away < distance(best, now)) best = moments;
    // In the years around it is further away.
    if (away < HALF_YEAR) break;
  }
  return best;
}

/** ms: a line read so soon after it was written shows which of two moments its stamp means. */
const SOON = 5 * MINUTE;
/** Lines of a log may be out of order by as much as this. */
const DISORDER = MINUTE;

/**
 * Which of two moments with the same stamp is meant: the one that has just been, else the first that is not before the
 * line before it, else the one nearest to `now`.
 *
 * @param last ms since 1970: the minute of the stamp before; undefined for the first one
 */
export function momentOf(moments: readonly number[], now: number, last?: number): number | undefined {
  const [first, second] = moments;
  if (first === undefined || second === undefined) return first;
  const isSoon = distance(moments, now) <= SOON;
  const isKnown = last !== undefined && Math.abs(last - first) < A_HALF_DAY;
  if (!isSoon && isKnown) return first >= last - DISORDER ? first : second;
  return Math.abs(second - now) < Math.abs(first - now) ? second : first;
}

function distance(moments: readonly number[], now: number): number {
  return moments.reduce((least, at) => Math.min(least, Math.abs(at - now)), Number.POSITIVE_INFINITY);
}
