// Whether Postfix asks about the messages that it accepts. Pure.

import type { MessageFact } from '../maillog/postfix/fact.ts';
import { own } from '../values/detached-string.ts';
import { MINUTE } from '../values/duration.ts';

/** ms without a request, and in which the messages must lie */
export const ASK_PATIENCE = 5 * MINUTE;
/** One message may be a test; a service that asks is asked about each. */
export const UNASKED_MESSAGES = 3;

/** The newest message that Postfix accepted without asking. */
export interface Unasked {
  readonly address: string;
  /** the syslog tag of the process */
  readonly service: string;
}

export class AskWatch {
  /** ms since 1970; the last request, or the start */
  #askedAt: number;
  #isAsked = false;
  /** stamps of the newest messages, the oldest first */
  #messages: readonly number[] = [];
  #newest: Unasked | undefined;
  #isMissing = false;

  /** @param started ms since 1970 */
  constructor(started: number) {
    this.#askedAt = started;
  }

  /** Postfix asked. Requests without an instance are not from an smtpd. @param request is read only where needed */
  asked(request: { readonly instance: string }): void {
    if (!this.#isAsked) this.#isAsked = request.instance !== '';
  }

  /**
   * smtpd accepted a recipient of a message. A connection that began before the last request proves nothing: with
   * smtpd_delay_reject=no Postfix asks once for all its messages.
   *
   * @param at ms since 1970
   * @param began when its connection began
   * @param isAllowed whether Postfix may permit the client without asking; called only where it matters
   */
  accepted(message: MessageFact, at: number, began: number, service: string, isAllowed: () => boolean): void {
    if (this.#isAsked || began <= this.#askedAt) return;
    const { client, user, origin, isRequeued } = message;
    // A permit_… for logins may stand first, and what content filters return may not be checked at all.
    if (user !== undefined || origin !== undefined || isRequeued || isAllowed()) return;
    this.#messages = [...this.#messages, at].slice(-UNASKED_MESSAGES);
    this.#newest = { address: own(client.address), service: own(service) };
  }

  /**
   * Call it about once a second.
   *
   * @param now ms since 1970
   * @param isAtEnd all of the log has been read
   * @returns undefined where nothing is missing
   */
  look(now: number, isAtEnd: boolean): (Unasked & { readonly ms: number }) | undefined {
    if (this.#isAsked) this.#over(now);
    // The clock may have been set back.
    this.#askedAt = Math.min(this.#askedAt, now);
    const ms = now - this.#askedAt;
    const [first = Number.NEGATIVE_INFINITY] = this.#messages;
    const isRecent = this.#messages.length >= UNASKED_MESSAGES && first > now - ASK_PATIENCE;
    if (isAtEnd && isRecent && ms >= ASK_PATIENCE) this.#isMissing = true;
    return this.#isMissing && this.#newest !== undefined ? { ...this.#newest, ms } : undefined;
  }

  #over(now: number): void {
    this.#isAsked = false;
    this.#askedAt = now;
    this.#messages = [];
    this.#newest = undefined;
    this.#isMissing = false;
  }
}
