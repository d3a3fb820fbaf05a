// The stamp at the start of a log line. The usual ones, BSD (no year, no zone) and RFC 3339, are read byte by byte.

import { type LogText, logTextOf } from './log-text.ts';
import { Prefix } from './prefix.ts';
import { clockOf, LEAP_SECOND, momentOf, momentsNear, type Stamp, stampAt } from './stamp-forms.ts';
import { HOST_ZONE, type Zone } from './zone.ts';

const HALF_YEAR = 182 * 86_400_000;
const BSD = /([A-Z][a-z]{2}) ([ \d]?\d) (\d\d):(\d\d):(\d\d) /y;
const RFC3339_MINUTE = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/;
/** Characters of `Nov 23 10:20`, of the whole of such a stamp with its blank, and of `2026-11-23T10:20`. */
const BSD_MINUTE = 12;
const BSD_LENGTH = 16;
const MINUTE = 16;
/** Most characters of `2026-11-23T10:20:30.123456`, and of `+02:00` with its blank: no longer fraction is read. */
const MAX_TIME = 34;
const ZONE = 7;
const MAX_STAMP = MAX_TIME + ZONE;

/**
 * Reads stamps. Lines of a log share their minute with the line before, so the last one is kept.
 * BSD stamps (RFC 3164 4.1.2) are local time, in the year that puts them nearest to `now`.
 */
export class StampReader {
  readonly #zone: Zone;
  #bsdMinute: Prefix | undefined;
  #bsdMinuteAt = 0;
  #minute: Prefix | undefined;
  #minuteAt = 0;

  /** @param zone of stamps without one */
  constructor(zone: Zone = HOST_ZONE) {
    this.#zone = zone;
  }

  /**
   * @param line that begins with a stamp, or a piece of a log in which it begins at `from`
   * @param now ms since 1970
   * @returns undefined where the line does not begin with a stamp
   */
  read(line: string | LogText, now: number, from = 0): Stamp | undefined {
    const log = typeof line === 'string' ? logTextOf(line) : line;
    if (log.text.length - from < MAX_STAMP) return this.#readLast(log.text, now, from);
    const stamp = digitAt(log.bytes, from) < 0 ? this.#bsd(log, now, from) : this.#rfc3339(log, from);
    return stamp === undefined ? this.#other(log, now, from) : stamp;
  }

  /** A function of its own, so that V8 inlines the code for the usual stamps. */
  #other({ text }: LogText, now: number, from: number): Stamp | undefined {
    return stampAt(text, from, now, this.#zone);
  }

  /** So near to the end of its text, a stamp is read with room after it: no look may go beyond the end. */
  #readLast(text: string, now: number, from: number): Stamp | undefined {
    const stamp = this.read(logTextOf(text.slice(from).padEnd(MAX_STAMP, '\n')), now);
    return stamp && { at: stamp.at, end: from + stamp.end };
  }

  #bsd(log: LogText, now: number, from: number): Stamp | undefined {
    const { text, bytes } = log;
    const isSameMinute =
      this.#bsdMinute?.standsAt(log, from) && Math.abs(now - this.#bsdMinuteAt) < HALF_YEAR;
    if (isSameMinute && bytes.getUint8(from + BSD_LENGTH - 1) === 32) {
      const second = secondAt(bytes, from + BSD_MINUTE);
      return second < 0 ? undefined : { at: this.#bsdMinuteAt + second * 1000, end: from + BSD_LENGTH };
    }
    return this.#bsdMinuteOf(text, now, from);
  }

  /** The first stamp of a minute. */
  #bsdMinuteOf(text: string, now: number, from: number): Stamp | undefined {
    BSD.lastIndex = from;
    const parts = BSD.exec(text);
    if (parts === null) return undefined;
    const [stamp, month = '', day = '', hour = '', minutes = '', seconds] = parts;
    const moments = momentsNear(now, clockOf(month, day, hour, minutes), this.#zone);
    const minuteAt = momentOf(moments, now, this.#bsdMinuteAt);
    if (minuteAt === undefined || Number(seconds) > LEAP_SECOND) return undefined;
    // "Aug 3 15:30:49", without the padding of the day, is too short for the fast path above; a minute that comes
    // twice is looked at each time.
    const isKept = stamp.length === BSD_LENGTH && moments.length === 1;
    this.#bsdMinute = isKept ? new Prefix(stamp.slice(0, BSD_MINUTE)) : undefined;
    this.#bsdMinuteAt = minuteAt;
    return { at: minuteAt + Number(seconds) * 1000, end: from + stamp.length };
  }

  #rfc3339(log: LogText, from: number): Stamp | undefined {
    const { bytes } = log;
    if (!this.#minute?.standsAt(log, from)) this.#readMinute(log.text.slice(from, from + MINUTE));
    const second = secondAt(bytes, from + MINUTE);
    if (this.#minute === undefined || second < 0) return undefined;
    let place = from + MINUTE + 3;
    let ms = this.#minuteAt + second * 1000;
    if (bytes.getUint8(place) === 46) {
      const thousandths = threeDigitsAt(bytes, place + 1);
      // A shorter fraction is rare, and read where all rare stamps are.
      if (thousandths < 0) return undefined;
      ms += thousandths;
      for (place += 4; place < from + MAX_TIME && digitAt(bytes, place) >= 0; ) place++;
    }
    const sign = bytes.getUint8(place);
    if (sign === 90) return bytes.getUint8(place + 1) === 32 ? { at: ms, end: place + 2 } : undefined;
    if (sign !== 43 && sign !== 45) return undefined;
    // `+01:00`, or `+0100` as in ISO 8601's basic format
    const colon = bytes.getUint8(place + 3) === 58 ? 1 : 0;
    const hours = twoDigitsAt(bytes, place + 1);
    const minutes = twoDigitsAt(bytes, place + 3 + colon);
    if (hours < 0 || minutes < 0 || bytes.getUint8(place + 5 + colon) !== 32) return undefined;
    const offset = (hours * 60 + minutes) * (sign === 45 ? -60_000 : 60_000);
    return { at: ms - offset, end: place + ZONE - 1 + colon };
  }

  #readMinute(minute: string): void {
    const at = RFC3339_MINUTE.test(minute) ? Date.parse(`${minute}Z`) : Number.NaN;
    this.#minute = Number.isNaN(at) ? undefined : new Prefix(minute);
    this.#minuteAt = at;
  }
}

/** The second in `:30`; -1 where none stands there. */
function secondAt(bytes: DataView, place: number): number {
  const second = bytes.getUint8(place) === 58 ? twoDigitsAt(bytes, place + 1) : -1;
  return second > LEAP_SECOND ? -1 : second;
}

function twoDigitsAt(bytes: DataView, place: number): number {
  const digits = bytes.getUint16(place) - 0x3030;
  const tens = digits >> 8;
  const ones = digits & 0xff;
  return tens < 0 || tens > 9 || ones > 9 ? -1 : tens * 10 + ones;
}

/** -1 where they do not stand there. */
function threeDigitsAt(bytes: DataView, place: number): number {
  const tens = twoDigitsAt(bytes, place);
  const ones = digitAt(bytes, place + 2);
  return tens < 0 || ones < 0 ? -1 : tens * 10 + ones;
}

/** Negative where none stands there. */
function digitAt(bytes: DataView, place: number): number {
  const digit = bytes.getUint8(place) - 48;
  return digit > 9 ? -1 : digit;
}
