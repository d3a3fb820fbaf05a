// Times in files: ISO 8601 UTC with milliseconds, formatted and parsed by the million.

import { writeDigits } from './decimal.ts';
import { DAY, MINUTE } from './duration.ts';

/** `2025-03-04T05:06:07.890Z` */
export const ISO_LENGTH = 24;

const [DOT, ZULU] = [46, 90] as const;
/** ECMA-262, Time Values: the largest of a Date */
const MAX_DATE = 8.64e15;
/** `04:05:` of each minute of a day, `06.` of each second of a minute, `789Z` of each millisecond of a second */
const MINUTES = Array.from(
  { length: 1440 },
  (_, i) => `${padded(Math.floor(i / 60), 2)}:${padded(i % 60, 2)}:`,
);
const SECONDS = Array.from({ length: 60 }, (_, i) => `${padded(i, 2)}.`);
const FRACTIONS = Array.from({ length: 1000 }, (_, i) => `${padded(i, 3)}Z`);

/** The day formatted last: the times of one file are close together. */
let written = Number.NaN;
let writtenText = '';
/** Days parsed last: the number YYYYMMDD of each, and its start. A block has a start and an end on another day. */
const KEPT_DAYS = 64;
const DATES = new Int32Array(KEPT_DAYS);
const DAYS = new Float64Array(KEPT_DAYS);

/** @param ms since 1970, a whole number */
export function isoText(ms: number): string {
  const midnight = Math.floor(ms / DAY) * DAY;
  const time = (ms - midnight) | 0;
  if (midnight !== written) {
    written = midnight;
    writtenText = new Date(written).toISOString().slice(0, 11);
  }
  const second = Math.floor(time / 1000);
  const minute = Math.floor(second / 60);
  return `${writtenText}${MINUTES[minute]}${SECONDS[second - minute * 60]}${FRACTIONS[time - second * 1000]}`;
}

/** The minute written last into bytes: `2025-03-04T05:06:`. */
let minuteOfBytes = Number.NaN;
const MINUTE_BYTES = Buffer.alloc(17);

/**
 * Writes the text of isoText into bytes, from an index on.
 * @returns the index behind it
 */
export function writeIsoTime(ms: number, bytes: Buffer, start: number): number {
  const minute = Math.floor(ms / MINUTE);
  if (minute !== minuteOfBytes) {
    minuteOfBytes = minute;
    MINUTE_BYTES.write(isoText(minute * MINUTE).slice(0, MINUTE_BYTES.length));
  }
  for (let i = 0; i < MINUTE_BYTES.length; i++) bytes[start + i] = MINUTE_BYTES[i] ?? 0;
  const time = (ms - minute * MINUTE) | 0;
  const second = Math.floor(time / 1000);
  const end = writeDigits(second, 2, bytes, start + MINUTE_BYTES.length);
  bytes[end] = DOT;
  const last = writeDigits(time - second * 1000, 3, bytes, end + 1);
  bytes[last] = ZULU;
  return last + 1;
}

/** undefined for a time that no Date can hold. @param ms since 1970 */
export function isoTextOf(ms: number | undefined): string | undefined {
  const isTime = ms !== undefined && Math.abs(ms) <= MAX_DATE;
  return isTime ? new Date(ms).toISOString() : undefined;
}

/** The minute of a time: `2025-03-04 05:06 UTC`. @param ms since 1970 */
export function minuteText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A time as part of a file name: `2025-03-04T050607.890Z`. @param ms since 1970 */
export function fileStamp(ms: number): string {
  return new Date(ms).toISOString().replaceAll(':', '');
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

/** Room for a text of this length, whatever its characters are. */
const parsedBytes = Buffer.alloc(ISO_LENGTH * 3);

/** Parses a text of isoText, in ms since 1970; NaN if it is not one, or not in the years 1970 to 9999. */
export function isoTime(value: unknown): number {
  const isLike = typeof value === 'string' && value.length === ISO_LENGTH;
  // More bytes than characters: some are not ASCII.
  return isLike && parsedBytes.write(value) === ISO_LENGTH ? isoTimeAt(parsedBytes, 0) : Number.NaN;
}

/** Parses the time that starts at an index, in ms since 1970; NaN if there is none. */
export function isoTimeAt(bytes: Buffer, place: number): number {
  const date =
    digits(bytes, place, 4) * 10_000 + digits(bytes, place + 5, 2) * 100 + digits(bytes, place + 8, 2);
  const hour = digits(bytes, place + 11, 2);
  const minute = digits(bytes, place + 14, 2);
  const rest = digits(bytes, place + 17, 2);
  const ms = digits(bytes, place + 20, 3);
  const isTime =
    date >= 0 && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && rest >= 0 && rest < 60 && ms >= 0;
  if (!isTime || !hasMarks(bytes, place)) return Number.NaN;
  const slot = date % KEPT_DAYS;
  if (DATES[slot] !== date) {
    DATES[slot] = date;
    DAYS[slot] = dayOf(bytes.toString('latin1', place, place + 10));
  }
  // NaN for a day that is none.
  return (DAYS[slot] ?? Number.NaN) + ((hour * 60 + minute) * 60 + rest) * 1000 + ms;
}

/** @param text YYYY-MM-DD; @returns its start, in ms since 1970; NaN where the calendar has no such day from 1970 on */
function dayOf(text: string): number {
  const at = Date.parse(`${text}T00:00:00.000Z`);
  // Date.parse accepts 30 February as a day of March.
  return at >= 0 && new Date(at).toISOString().startsWith(text) ? at : Number.NaN;
}

/** Whether `-`, `T`, `:`, `.` and `Z` are between the digits. */
function hasMarks(bytes: Buffer, place: number): boolean {
  return (
    bytes[place + 4] === 45 &&
    bytes[place + 7] === 45 &&
    bytes[place + 10] === 84 &&
    bytes[place + 13] === 58 &&
    bytes[place + 16] === 58 &&
    bytes[place + 19] === 46 &&
    bytes[place + 23] === 90
  );
}

/** The number of so many digits; if there are others, a negative number so large that every sum with it is negative. */
function digits(bytes: Buffer, place: number, count: number): number {
  let value = 0;
  for (let i = place; i < place + count; i++) {
    const code = bytes[i] ?? 0;
    if (code < 48 || code > 57) return -1e9;
    value = value * 10 + code - 48;
  }
  return value;
}
