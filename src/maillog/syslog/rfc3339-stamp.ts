// RFC 3339 stamps at the start of log lines, read from bytes.

import { areDigits, digitAt, secondOf, thousandthsOf, twoDigitsAt } from './digits.ts';
import type { LogText } from './log-text.ts';
import { wordAt } from './prefix.ts';
import type { Stamp } from './stamp-forms.ts';

const UP_TO_MINUTE = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/;
/** Characters of `2026-11-23T10:20`, and of what stands in front of the zone where there are microseconds. */
const MINUTE = 16;
const MICROSECONDS = 26;
/** Most characters of `2026-11-23T10:20:30.123456`, and of `+02:00` with its blank: no longer fraction is read. */
const MAX_TIME = 34;
const ZONE = 7;
/** Bytes that are looked at, at most. */
export const MAX_STAMP = MAX_TIME + ZONE;
const DOT = 46;
const BLANK = 32;
const COLON = 58;
const PLUS = 43;
const MINUS = 45;
const LETTER_Z = 90;

/** Lines of a log share minute and zone with the line before, so the last ones are kept. */
export class Rfc3339Stamps {
  /** the last minute, its sixteen characters as two numbers, and ms since 1970 */
  #minuteStart = Number.NaN;
  #minuteEnd = Number.NaN;
  #minuteAt = Number.NaN;
  /** the last zone of six characters with its blank, four bytes from its start and four up to its end, and its ms */
  #zoneStart = 0;
  #zoneEnd = 0;
  #offset = 0;

  /**
   * @param log with MAX_STAMP bytes or more after `from`
   * @returns undefined where no such stamp stands at `from`, or one with a fraction of one or two digits
   */
  read(log: LogText, from: number): Stamp | undefined {
    const { bytes } = log;
    const start = wordAt(bytes, from);
    const end = wordAt(bytes, from + MINUTE / 2);
    if ((start !== this.#minuteStart || end !== this.#minuteEnd) && !this.#readMinute(log, from, start, end))
      return undefined;
    const behind = bytes.getInt32(from + MINUTE);
    const second = secondOf(behind);
    if (second < 0) return undefined;
    const at = this.#minuteAt + second * 1000;
    if ((behind & 0xff) !== DOT) return this.#zoned(bytes, from + MINUTE + 3, at);
    const digits = bytes.getInt32(from + MINUTE + 4);
    const isUsual =
      areDigits(digits) &&
      areDigits(bytes.getInt32(from + MICROSECONDS - 4)) &&
      bytes.getInt32(from + MICROSECONDS) === this.#zoneStart &&
      bytes.getInt32(from + MICROSECONDS + ZONE - 4) === this.#zoneEnd;
    return isUsual
      ? { at: at + thousandthsOf(digits) - this.#offset, end: from + MICROSECONDS + ZONE }
      : this.#fractioned(bytes, from, at);
  }

  /** @returns false where none stands at `from`; the last one stays then */
  #readMinute({ text }: LogText, from: number, start: number, end: number): boolean {
    const minute = text.slice(from, from + MINUTE);
    const at = UP_TO_MINUTE.test(minute) ? Date.parse(`${minute}Z`) : Number.NaN;
    if (Number.isNaN(at)) return false;
    this.#minuteStart = start;
    this.#minuteEnd = end;
    this.#minuteAt = at;
    return true;
  }

  /** A shorter fraction than of milliseconds is rare, and read where all rare stamps are. */
  #fractioned(bytes: DataView, from: number, at: number): Stamp | undefined {
    let place = from + MINUTE + 4;
    const tens = twoDigitsAt(bytes, place);
    const ones = digitAt(bytes, place + 2);
    if (tens < 0 || ones < 0) return undefined;
    for (place += 3; place < from + MAX_TIME && digitAt(bytes, place) >= 0; ) place++;
    return this.#zoned(bytes, place, at + tens * 10 + ones);
  }

  /** @param place where the zone begins: `Z `, `+01:00 `, or `+0100 ` as in ISO 8601's basic format */
  #zoned(bytes: DataView, place: number, at: number): Stamp | undefined {
    const sign = bytes.getUint8(place);
    if (sign === LETTER_Z) return bytes.getUint8(place + 1) === BLANK ? { at, end: place + 2 } : undefined;
    if (sign !== PLUS && sign !== MINUS) return undefined;
    const colon = bytes.getUint8(place + 3) === COLON ? 1 : 0;
    const hours = twoDigitsAt(bytes, place + 1);
    const minutes = twoDigitsAt(bytes, place + 3 + colon);
    if (hours < 0 || minutes < 0 || bytes.getUint8(place + 5 + colon) !== BLANK) return undefined;
    const offset = (hours * 60 + minutes) * (sign === MINUS ? -60_000 : 60_000);
    if (colon === 1) {
      this.#zoneStart = bytes.getInt32(place);
      this.#zoneEnd = bytes.getInt32(place + ZONE - 4);
      this.#offset = offset;
    }
    return { at: at - offset, end: place + ZONE - 1 + colon };
  }
}
