// The clock of a log's stamps: how far the log has been read, and how far its clock is from ours.

import { DAY, MINUTE } from '../../values/duration.ts';
import { isoTextOf } from '../../values/iso-time.ts';

/** ms by which a stamp may lie ahead of our clock: those of two hosts differ by seconds. */
const AHEAD = MINUTE;
/** ms of silence after which time counts as passed for the log: no line still to come needs old counts. */
export const SILENCE = DAY;
/** ms by which a line may be older than the one before it and still find all counts: no time zone differs by more. */
export const MAX_BEHIND = DAY;

/** The form in a snapshot; times in ms. */
export interface LogClockState {
  /** ISO 8601: the newest stamp, as it counts */
  readonly newest?: string | undefined;
  /** how far the newest line was behind our clock when it was written */
  readonly lag: number;
  /** how far stamps are set back, because they lie ahead of our clock */
  readonly ahead: number;
  /** how much older than the line before them lines of the last day or two were */
  readonly behind: number;
}

/**
 * The time of one log follows its stamps, not the time of reading: so the same log gives the same counts and blocks,
 * however late it is read. Our clock is used for two things only. After the end of a log, its time continues with our
 * clock: at once for the ends of blocks, and after a day of silence for the removal of old counts. And a log that is
 * ahead is set back, by the same amount for all of its lines, so that its events do not lie in the future.
 */
export class LogClock {
  #newest = Number.NEGATIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #lag = 0;
  #ahead = 0;
  /** the maximum of the current day, by the log's own time, and of the day before */
  #behind = 0;
  #behindBefore = 0;
  #dayEnds = Number.NEGATIVE_INFINITY;
  /** when the log last was at its end: later lines are written after that */
  #drainedAt = Number.NEGATIVE_INFINITY;

  /** @param state of a snapshot; of a damaged one, only the valid parts are used */
  constructor(state?: unknown) {
    const { newest, lag, ahead, behind } = (state ?? {}) as Readonly<Record<string, unknown>>;
    const at = typeof newest === 'string' ? Date.parse(newest) : Number.NaN;
    if (!Number.isNaN(at)) {
      this.#newest = at;
      this.#last = at;
    }
    this.#lag = naturalOf(lag);
    this.#ahead = naturalOf(ahead);
    this.#behindBefore = Math.min(naturalOf(behind), MAX_BEHIND);
  }

  get state(): LogClockState {
    const newest = isoTextOf(this.#newest);
    return { newest, lag: this.#lag, ahead: this.#ahead, behind: this.#mostBehind };
  }

  /** The log is at its end at `now` (ms since 1970). */
  drained(now: number): void {
    this.#drainedAt = now;
  }

  /**
   * Takes the stamp of a line that is read at `now`; both in ms since 1970.
   * @returns the time at which the line counts
   */
  take(stamp: number, now: number): number {
    const at = this.#ahead === 0 && stamp <= now + AHEAD ? stamp : this.#setBack(stamp, now);
    if (this.#newest > now + AHEAD) this.#goBack(now);
    this.#last = at;
    if (at >= this.#newest) this.#advance(at, now);
    else if (this.#newest - at <= MAX_BEHIND) this.#behind = Math.max(this.#behind, this.#newest - at);
    return at;
  }

  /**
   * ms since 1970: how far the log has been read. At the end of the log it continues with our clock, as far behind it as
   * the newest line was when it was written.
   */
  time(now: number, isAtEnd: boolean): number {
    return this.#latest(now, isAtEnd ? now - this.#lag : Number.NEGATIVE_INFINITY);
  }

  /** ms since 1970: no line that is still to come is older, as far as can be known. */
  settled(now: number, isAtEnd: boolean): number {
    const silent = isAtEnd ? now - this.#lag - SILENCE : Number.NEGATIVE_INFINITY;
    return this.#latest(now, silent) - this.#mostBehind;
  }

  #latest(now: number, byClock: number): number {
    return Math.min(now, Math.max(this.#newest, byClock));
  }

  /** The line was written between the last look and now: that bounds how far it is behind. */
  #advance(at: number, now: number): void {
    this.#newest = at;
    this.#lag = Math.max(0, Math.min(Math.max(this.#lag, this.#drainedAt - at), now - at));
    if (at < this.#dayEnds) return;
    // The very first line does not end a day: the value of the snapshot still holds.
    if (this.#dayEnds > 0) this.#behindBefore = at < this.#dayEnds + DAY ? this.#behind : 0;
    this.#behind = 0;
    this.#dayEnds = at + DAY;
  }

  /** Our clock was set back, and with it that of the log. */
  #goBack(now: number): void {
    this.#newest = now;
    this.#dayEnds = Math.min(this.#dayEnds, now + DAY);
  }

  #setBack(stamp: number, now: number): number {
    if (this.#isRightAgain(stamp, now)) this.#ahead = 0;
    if (stamp - this.#ahead > now + AHEAD) this.#ahead = stamp - now;
    return stamp - this.#ahead;
  }

  /** Stamps are no longer ahead: they went back by that much, or agree with the time at which the line was written. */
  #isRightAgain(stamp: number, now: number): boolean {
    if (stamp < this.#last + this.#ahead / 2) return true;
    const earliest = this.#drainedAt - AHEAD;
    return stamp - this.#ahead < earliest && stamp >= earliest && stamp <= now + AHEAD;
  }

  get #mostBehind(): number {
    return Math.max(this.#behind, this.#behindBefore);
  }
}

function naturalOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
