// The stamp at the start of a log line. The usual ones, BSD (no year, no zone) and RFC 3339, are read byte by byte.

import { digitAt, LEAP_SECOND, secondOf } from './digits.ts';
import { type LogText, logTextOf } from './log-text.ts';
import { Prefix } from './prefix.ts';
import { MAX_STAMP, Rfc3339Stamps } from './rfc3339-stamp.ts';
import { clockOf, momentOf, momentsNear, type Stamp, stampAt } from './stamp-forms.ts';
import { HOST_ZONE, type Zone } from './zone.ts';

const HALF_YEAR = 182 * 86_400_000;
const BSD = /([A-Z][a-z]{2}) ([ \d]?\d) (\d\d):(\d\d):(\d\d) /y;
/** Characters of `Nov 23 10:20`, and of the whole of such a stamp with its blank. */
const BSD_MINUTE = 12;
const BSD_LENGTH = 16;
const BLANK = 32;

/**
 * Reads stamps. Lines of a log share their minute with the line before, so the last one is kept.
 * BSD stamps (RFC 3164 4.1.2) are local time, in the year that puts them nearest to `now`.
 */
export class StampReader {
  readonly #zone: Zone;
  readonly #rfc3339 = new Rfc3339Stamps();
  #bsdMinute: Prefix | undefined;
  #bsdMinuteAt = 0;

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
    const stamp = digitAt(log.bytes, from) < 0 ? this.#bsd(log, now, from) : this.#rfc3339.read(log, from);
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
    const behind = isSameMinute ? bytes.getInt32(from + BSD_MINUTE) : 0;
    if ((behind & 0xff) !== BLANK) return this.#bsdMinuteOf(text, now, from);
    const second = secondOf(behind);
    return second < 0 ? undefined : { at: this.#bsdMinuteAt + second * 1000, end: from + BSD_LENGTH };
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
}
