// One target of notices: gathers its events, delivers one notice after the other, and knows whether that fails.

import type { NoticeTarget } from '../config/fields/notice-fields.ts';
import { HOUR, MINUTE } from '../values/duration.ts';
import type { NoticeEvent } from './event.ts';
import { Gathering } from './gathering.ts';
import { type Notice, noticeOf } from './notice.ts';
import { GIVE_UP, MAX_ASKED, type Outcome, pauseAfter } from './retry.ts';
import { isWanted } from './selection.ts';

/** Delivers a notice. Never rejects; ends soon after the signal is aborted. */
export type Deliver = (notice: Notice, signal: AbortSignal) => Promise<Outcome>;

export interface TargetParts {
  readonly spec: NoticeTarget;
  readonly host: string;
  readonly deliver: Deliver;
  /** a new UUID */
  id(): string;
  /** 0 to 1 */
  chance(): number;
  /** The first failure after a success, after an hour without an attempt, or at all. */
  failed(reason: string): void;
}

/** ms between the starts of two deliveries */
export const PAUSE = 5000;
/** ms of failures after which the target is in trouble */
export const FAILING_FOR = 5 * MINUTE;

/** ms after the last failed attempt: where nothing was to be sent since, nobody knows whether the target works again */
export const QUIET = HOUR;

/** A notice on its way, and when it was tried first (ms since 1970). */
interface Underway {
  readonly notice: Notice;
  firstTry: number;
}

interface Failures {
  /** ms since 1970: the first and the last failed attempt */
  since: number;
  last: number;
  count: number;
  reason: string;
  /** events of notices that were given up */
  givenUp: number;
}

export class Target {
  readonly #parts: TargetParts;
  readonly #gathering = new Gathering();
  readonly #abort = new AbortController();
  #underway: Underway | undefined;
  #call: Promise<void> | undefined;
  #outcome: Outcome | undefined;
  /** ms since 1970 */
  #nextAt = 0;
  #failures: Failures | undefined;
  #hasFailed = false;

  constructor(parts: TargetParts) {
    this.#parts = parts;
  }

  add(event: NoticeEvent): void {
    if (isWanted(event, this.#parts.spec)) this.#gathering.add(event);
  }

  /** Events that are not delivered yet. */
  get unsent(): number {
    const underway = this.#outcome?.type === 'sent' ? 0 : (this.#underway?.notice.total ?? 0);
    return this.#gathering.total + underway;
  }

  /** False from a failed attempt on until one succeeds. */
  get isWorking(): boolean {
    return !this.#hasFailed;
  }

  /** Why nothing has been delivered for long; undefined where it has, or where nothing was to be. @param now ms since 1970 */
  troubleAt(now: number): string | undefined {
    if (this.#failures === undefined) return undefined;
    const { since, reason, givenUp } = this.#failures;
    if (now - since < FAILING_FOR) return undefined;
    return givenUp === 0 ? reason : `${reason}; events given up: ${givenUp}`;
  }

  /** Starts the next delivery where it is time for one. Call it about once a second. @param now ms since 1970 */
  tick(now: number): void {
    this.#settle(now);
    this.#endQuiet(now);
    // After the clock was set back, waiting starts again.
    this.#nextAt = Math.min(this.#nextAt, now + MAX_ASKED);
    if (this.#call === undefined && now >= this.#nextAt) this.#start(now);
  }

  /** Delivers what waits, without pauses, as long as that succeeds. */
  async finish(now: number): Promise<void> {
    for (;;) {
      await this.#call;
      this.#settle(now);
      if (this.#failures !== undefined || this.#abort.signal.aborted || !this.#start(now)) return;
    }
  }

  /** Ends the delivery that runs. */
  abort(): void {
    this.#abort.abort();
  }

  /** @returns false where nothing waits */
  #start(now: number): boolean {
    if (this.#underway === undefined && !this.#gathering.hasNew) return false;
    const { deliver, host, id } = this.#parts;
    this.#underway ??= { notice: noticeOf(this.#gathering.take(), id(), host, now), firstTry: now };
    this.#nextAt = now + PAUSE;
    this.#call = deliver(this.#underway.notice, this.#abort.signal).then((outcome) => {
      this.#outcome = outcome;
      this.#call = undefined;
    });
    return true;
  }

  /** A trouble must not last for days because of a quiet week. */
  #endQuiet(now: number): void {
    if (this.#failures === undefined || this.#underway !== undefined) return;
    // After the clock was set back, the time starts again.
    this.#failures.last = Math.min(this.#failures.last, now);
    if (now - this.#failures.last >= QUIET) this.#failures = undefined;
  }

  /** Takes up what became of the last delivery. */
  #settle(now: number): void {
    const outcome = this.#outcome;
    const underway = this.#underway;
    this.#outcome = undefined;
    if (outcome === undefined || underway === undefined) return;
    this.#hasFailed = outcome.type !== 'sent';
    if (outcome.type === 'sent') {
      this.#underway = undefined;
      this.#failures = undefined;
      return;
    }
    const failures = this.#noteFailure(outcome.reason, now);
    const asked = outcome.type === 'retry' ? outcome.after : undefined;
    this.#nextAt = Math.max(this.#nextAt, now + pauseAfter(failures.count, this.#parts.chance(), asked));
    underway.firstTry = Math.min(underway.firstTry, now);
    if (outcome.type === 'retry' && now - underway.firstTry < GIVE_UP) return;
    // Those given up before are in it.
    failures.givenUp = underway.notice.total;
    this.#gathering.leaveOut(underway.notice.counts);
    this.#underway = undefined;
  }

  #noteFailure(reason: string, now: number): Failures {
    if (this.#failures === undefined) this.#parts.failed(reason);
    const failures = this.#failures ?? { since: now, last: now, count: 0, reason, givenUp: 0 };
    this.#failures = failures;
    failures.since = Math.min(failures.since, now);
    failures.last = now;
    failures.count++;
    failures.reason = reason;
    return failures;
  }
}
