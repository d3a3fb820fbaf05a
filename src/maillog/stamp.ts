// The time in front of a log line: BSD (no year, no zone) or RFC 3339.

import { own } from '../blocks/own.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const HALF_YEAR = 182 * 86_400_000;
const BSD = /^([A-Z][a-z]{2}) ([ \d]?\d) (\d\d):(\d\d):(\d\d) /;
const RFC3339_HOUR = /^\d{4}-\d\d-\d\dT\d\d:$/;
/** Characters of `Nov 23 10:20:`. */
const BSD_MINUTE = 13;
/** Characters of `2026-11-23T10:` and of `2026-11-23T10:20:30`. */
const HOUR_LENGTH = 14;
const SECOND_LENGTH = 19;

/** A stamp: ms since 1970, and where the text behind it and its blank begins. */
export interface Stamp {
  readonly at: number;
  readonly end: number;
}

/**
 * Reads stamps. Lines of a log share their minute or hour with the line before, so the last one is kept.
 * BSD stamps (RFC 3164 4.1.2) are local time, in the year that puts them nearest to `now`.
 */
export class StampReader {
  #minute = '';
  #minuteAt = 0;
  #hour = '';
  #hourAt = 0;

  /** @param now ms since 1970; @returns undefined where the line does not begin with a stamp */
  read(line: string, now: number): Stamp | undefined {
    const first = line.charCodeAt(0);
    return first >= 48 && first <= 57 ? this.#rfc3339(line) : this.#bsd(line, now);
  }

  #bsd(line: string, now: number): Stamp | undefined {
    const isSameMinute = this.#minute !== '' && line.startsWith(this.#minute);
    if (isSameMinute && Math.abs(now - this.#minuteAt) < HALF_YEAR && line.charCodeAt(15) === 32) {
      const second = twoDigits(line, 13);
      if (second < 0) return undefined;
      return { at: this.#minuteAt + second * 1000, end: 16 };
    }
    const parts = BSD.exec(line);
    if (parts === null) return undefined;
    const [text, month = '', day, hour, minutes, seconds] = parts;
    const fields = [MONTHS.indexOf(month), Number(day), Number(hour), Number(minutes)] as const;
    const first = nearestYear(fields, now);
    if (first === undefined) return undefined;
    const twin = twinOf(first);
    const minuteAt = twin !== undefined && Math.abs(twin - now) < Math.abs(first - now) ? twin : first;
    // "Aug 3 15:30:49", without the padding of the day, is too short for the fast path above; a minute that comes
    // twice is looked at each time.
    this.#minute = text.length === 16 && twin === undefined ? own(text.slice(0, BSD_MINUTE)) : '';
    this.#minuteAt = minuteAt;
    return { at: minuteAt + Number(seconds) * 1000, end: text.length };
  }

  #rfc3339(line: string): Stamp | undefined {
    if (this.#hour === '' || !line.startsWith(this.#hour)) this.#readHour(line);
    const minute = twoDigits(line, HOUR_LENGTH);
    const second = twoDigits(line, HOUR_LENGTH + 3);
    const isTime = minute >= 0 && minute < 60 && second >= 0 && second < 60;
    if (this.#hour === '' || !isTime || line.charCodeAt(HOUR_LENGTH + 2) !== 58) return undefined;
    const secondAt = this.#hourAt + minute * 60_000 + second * 1000;
    let place = SECOND_LENGTH;
    let fraction = 0;
    if (line.charCodeAt(place) === 46) {
      let unit = 100;
      for (place++; isDigit(line.charCodeAt(place)); place++, unit /= 10) {
        if (unit >= 1) fraction += (line.charCodeAt(place) - 48) * unit;
      }
    }
    const sign = line.charCodeAt(place);
    if (sign === 90)
      return line.charCodeAt(place + 1) === 32 ? { at: secondAt + fraction, end: place + 2 } : undefined;
    const hours = twoDigits(line, place + 1);
    const minutes = twoDigits(line, place + 4);
    const isOffset = (sign === 43 || sign === 45) && line.charCodeAt(place + 3) === 58;
    if (!isOffset || hours < 0 || minutes < 0 || line.charCodeAt(place + 6) !== 32) return undefined;
    const offset = (hours * 60 + minutes) * (sign === 45 ? -60_000 : 60_000);
    return { at: secondAt + fraction - offset, end: place + 7 };
  }

  #readHour(line: string): void {
    const hour = line.slice(0, HOUR_LENGTH);
    const at = RFC3339_HOUR.test(hour) ? Date.parse(`${hour}00Z`) : Number.NaN;
    this.#hour = Number.isNaN(at) ? '' : own(hour);
    this.#hourAt = at;
  }
}

/** The local time in the year around `now` that comes nearest to it; 29 February only in years that have one. */
function nearestYear(
  [month, day, hour, minute]: readonly [number, number, number, number],
  now: number,
): number | undefined {
  const year = new Date(now).getFullYear();
  let best: number | undefined;
  for (const candidate of [year, year - 1, year + 1]) {
    const date = new Date(candidate, month, day, hour, minute);
    if (month < 0 || date.getMonth() !== month || date.getDate() !== day) continue;
    const at = date.getTime();
    if (best === undefined || Math.abs(at - now) < Math.abs(best - now)) best = at;
  }
  return best;
}

/** ms by which clocks are set back in autumn: an hour, and half an hour on Lord Howe Island (tz database) */
const SET_BACK = [3_600_000, 1_800_000];

/** The same local time once more, where the clock is set back between the two. */
function twinOf(at: number): number | undefined {
  const offset = new Date(at).getTimezoneOffset();
  return SET_BACK.map((by) => at + by).find(
    (twin) => new Date(twin).getTimezoneOffset() - offset === (twin - at) / 60_000,
  );
}

function twoDigits(line: string, place: number): number {
  const tens = line.charCodeAt(place);
  const ones = line.charCodeAt(place + 1);
  return isDigit(tens) && isDigit(ones) ? (tens - 48) * 10 + ones - 48 : -1;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
