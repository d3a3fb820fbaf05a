// When a failed delivery is tried again: after a time that doubles, with chance in it, or as the receiver asks.

import { HOUR, MINUTE } from '../values/duration.ts';

/** ms; what became of one attempt to deliver a notice is one of these */
export type Outcome =
  | { readonly type: 'sent' }
  /** @property after ms that the receiver asks to wait */
  | { readonly type: 'retry'; readonly reason: string; readonly after?: number | undefined }
  /** Another attempt would fail too. */
  | { readonly type: 'refused'; readonly reason: string };

const FIRST = 2000;
/** ms between two attempts, where the receiver asks for no more */
const MAX_PAUSE = 5 * MINUTE;
/** ms that a receiver can ask for */
export const MAX_ASKED = 15 * MINUTE;
/** ms after the first attempt, after which a notice is given up: newer ones may pass where this one does not */
export const GIVE_UP = HOUR;
/** RFC 9110 10.2.3: seconds */
const SECONDS = /^\d{1,9}$/;

/**
 * @param failures in a row, at least 1
 * @param chance 0 to 1: hosts that failed together do not come back together
 * @param asked ms, by the receiver
 * @returns ms until the next attempt
 */
export function pauseAfter(failures: number, chance: number, asked = 0): number {
  const pause = Math.min(FIRST * 2 ** Math.min(failures - 1, 20), MAX_PAUSE);
  return Math.max(pause * (0.5 + chance / 2), Math.min(asked, MAX_ASKED));
}

/** A field Retry-After: seconds, or a date. @param now ms since 1970 @returns ms; undefined for anything else */
export function retryAfter(field: string | undefined, now: number): number | undefined {
  if (field === undefined) return undefined;
  const text = field.trim();
  const ms = SECONDS.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_ASKED);
}
