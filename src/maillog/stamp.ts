// The time in front of a log line: BSD (no year, no zone) or RFC 3339.

import { type LogText, logTextOf } from './log-text.ts';
import { Prefix } from './prefix.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const HALF_YEAR = 182 * 86_400_000;
const BSD = /([A-Z][a-z]{2}) ([ \d]?\d) (\d\d):(\d\d):(\d\d) /y;
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
  #minute: Prefix | undefined;
  #minuteAt = 0;
  #hour: Prefix | undefined;
  #hourAt = 0;

  /**
   * @param line that begins with a stamp, or a piece of a log in which it begins at `from`
   * @param now ms since 1970
   * @returns undefined where the line does not begin with a stamp
   */
  read(line: string | LogText, now: number, from = 0): Stamp | undefined {
    const log = typeof line === 'string' ? logTextOf(line) : line;
    return isDigit(log.text.charCodeAt(from)) ? this.#rfc3339(log, from) : this.#bsd(log, now, from);
  }

  #bsd({ text, bytes }: LogText, now: number, from: number): Stamp | undefined {
    const isSameMinute = this.#minute?.standsAt(bytes, from);
    if (isSameMinute && Math.abs(now - this.#minuteAt) < HALF_YEAR && text.charCodeAt(from + 15) === 32) {
      const second = twoDigits(text, from + 13);
      if (second < 0) return undefined;
      return { at: this.#minuteAt + second * 1000, end: from + 16 };
    }
    BSD.lastIndex = from;
    const parts = BSD.exec(text);
    if (parts === null) return undefined;
    const [stamp, month = '', day, hour, minutes, seconds] = parts;
    const fields = [MONTHS.indexOf(month), Number(day), Number(hour), Number(minutes)] as const;
    const first = nearestYear(fields, now);
    if (first === undefined) return undefined;
    const twin = twinOf(first);
    const minuteAt = twin !== undefined && Math.abs(twin - now) < Math.abs(first - now) ? twin : first;
    // "Aug 3 15:30:49", without the padding of the day, is too short for the fast path above; a minute that comes
    // twice is looked at each time.
    this.#minute =
      stamp.length === 16 && twin === undefined ? new Prefix(stamp.slice(0, BSD_MINUTE)) : undefined;
    this.#minuteAt = minuteAt;
    return { at: minuteAt + Number(seconds) * 1000, end: from + stamp.length };
  }

  #rfc3339({ text, bytes }: LogText, from: number): Stamp | undefined {
    if (!this.#hour?.standsAt(bytes, from)) this.#readHour(text, from);
    const minute = twoDigits(text, from + HOUR_LENGTH);
    const second = twoDigits(text, from + HOUR_LENGTH + 3);
    const isTime = minute >= 0 && minute < 60 && second >= 0 && second < 60;
    if (this.#hour === undefined || !isTime || text.charCodeAt(from + HOUR_LENGTH + 2) !== 58)
      return undefined;
    const secondAt = this.#hourAt + minute * 60_000 + second * 1000;
    let place = from + SECOND_LENGTH;
    let fraction = 0;
    if (text.charCodeAt(place) === 46) {
      let unit = 100;
      for (place++; isDigit(text.charCodeAt(place)); place++) {
        fraction += (text.charCodeAt(place) - 48) * unit;
        unit = unit === 100 ? 10 : unit === 10 ? 1 : 0;
      }
    }
    const sign = text.charCodeAt(place);
    if (sign === 90)
      return text.charCodeAt(place + 1) === 32 ? { at: secondAt + fraction, end: place + 2 } : undefined;
    const hours = twoDigits(text, place + 1);
    const minutes = twoDigits(text, place + 4);
    const isOffset = (sign === 43 || sign === 45) && text.charCodeAt(place + 3) === 58;
    if (!isOffset || hours < 0 || minutes < 0 || text.charCodeAt(place + 6) !== 32) return undefined;
    const offset = (hours * 60 + minutes) * (sign === 45 ? -60_000 : 60_000);
    return { at: secondAt + fraction - offset, end: place + 7 };
  }

  #readHour(text: string, from: number): void {
    const hour = text.slice(from, from + HOUR_LENGTH);
    const at = RFC3339_HOUR.test(hour) ? Date.parse(`${hour}00Z`) : Number.NaN;
    this.#hour = Number.isNaN(at) ? undefined : new Prefix(hour);
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

function twoDigits(text: string, place: number): number {
  const tens = text.charCodeAt(place);
  const ones = text.charCodeAt(place + 1);
  return isDigit(tens) && isDigit(ones) ? (tens - 48) * 10 + ones - 48 : -1;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
