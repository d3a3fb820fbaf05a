// The clock by which a log is stamped: how far the log has come, and how far that clock is from ours.

import { DAY, MINUTE } from '../../values/duration.ts';
import { isoTextOf } from '../../values/iso-time.ts';

/** ms by which a stamp may lie ahead of our clock: those of two hosts differ by seconds. */
const AHEAD = MINUTE;
/** ms after which a log that says nothing is as if it had gone on: nothing that it could still say needs old counts. */
export const SILENCE = DAY;
/** Most ms by which a line may follow a newer one and still find all counts that it needs: no time zone is further off. */
export const MAX_BEHIND = DAY;

/** A clock as a snapshot keeps it; times in ms. */
export interface LogClockState {
  /** ISO 8601: the newest stamp, as it counts */
  readonly newest?: string | undefined;
  /** by which the newest line was behind our clock when it was written */
  readonly lag: number;
  /** by which stamps are set back, because they lie ahead of our clock */
  readonly ahead: number;
  /** by which lines of the last day or two followed newer ones */
  readonly behind: number;
}

/**
 * The time of one log, told by its stamps and not by when they are read: so the same log gives the same counts and
 * blocks, however late it is. Only two things are told by our clock. A log that is read to its end goes on from there:
 * by its own time for the ends of blocks, and after a day of silence for what is forgotten. And a log that is ahead is
 * set back, by the same time for all of its lines, so that what it tells has happened when it was read.
 */
export class LogClock {
  #newest = Number.NEGATIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #lag = 0;
  #ahead = 0;
  /** the most of the day that is going on by the log's own time, and of the day before */
  #behind = 0;
  #behindBefore = 0;
  #dayEnds = Number.NEGATIVE_INFINITY;
  /** when the log last held nothing more to read: what comes is written later */
  #drainedAt = Number.NEGATIVE_INFINITY;

  /** @param state what a snapshot kept; of what a damaged one holds in its place, only what has its form */
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

  /** The log holds nothing more at `now` (ms). */
  drained(now: number): void {
    this.#drainedAt = now;
  }

  /**
   * Takes the stamp of a line that is read at `now`; both in ms since 1970.
   * @returns the time as which the line counts
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
   * ms since 1970; how far the log has come. At its end that goes on with our clock, as far behind it as the newest line
   * was when it was written.
   */
  time(now: number, isAtEnd: boolean): number {
    return this.#latest(now, isAtEnd ? now - this.#lag : Number.NEGATIVE_INFINITY);
  }

  /** ms since 1970; no line that is still to come is older, as far as can be known. */
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
    // The first line of all ends no day: what a snapshot kept still holds.
    if (this.#dayEnds > 0) this.#behindBefore = at < this.#dayEnds + DAY ? this.#behind : 0;
    this.#behind = 0;
    this.#dayEnds = at + DAY;
  }

  /** Our clock, and the log's with it, was set back. */
  #goBack(now: number): void {
    this.#newest = now;
    this.#dayEnds = Math.min(this.#dayEnds, now + DAY);
  }

  #setBack(stamp: number, now: number): number {
    if (this.#isRightAgain(stamp, now)) this.#ahead = 0;
    if (stamp - this.#ahead > now + AHEAD) this.#ahead = stamp - now;
    return stamp - this.#ahead;
  }

  /** Stamps went back by what they were ahead, or tell by themselves when the line was written. */
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
