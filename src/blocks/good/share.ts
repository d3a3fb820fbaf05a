// The share of a rule: whether abuse is a large enough part of what a client did of its sort.

import { FORGIVEN } from '../events/codes.ts';
import { type Failures, usersWithin } from '../events/failures.ts';
import { countUntil, type Question, type Window } from '../events/window.ts';
import type { GoodClients } from './good-clients.ts';
import { type GoodSort, STANDING } from './good-terms.ts';

/** What is asked of a client, as a rule says it. */
export interface ShareQuestion extends Question {
  /** 0 to 1; 0 is always met */
  readonly share?: number | undefined;
  /** undefined: nothing good is compared with it, and the share is always met */
  readonly sort: GoodSort | undefined;
}

/** What a client did of one sort, up to one moment. */
export interface Share {
  /** abuse within the rule's time; of logins, users that only failed */
  readonly bad: number;
  /** good events within it, rounded; of logins, users that logged in within a day */
  readonly good: number;
  /** of the rule, 0 to 1 */
  readonly share: number;
  /** A block starts only where it is met. */
  readonly isMet: boolean;
}

/** What is judged of a client. */
export interface Judged {
  readonly key: string;
  readonly events: Window;
  readonly failures?: Failures;
}

export type GoodCounts = Pick<GoodClients, 'count' | 'users' | 'lastLogin'>;

/** Where a share is met by exactly its part, the error of floating point must not decide. */
const TOLERANCE = 1e-9;

/** What is known now of the time before `at` (ms since 1970). */
export function shareAt(client: Judged, question: ShareQuestion, counts: GoodCounts, at: number): Share {
  const { share = 0, sort } = question;
  const bad =
    sort === 'logins'
      ? usersThatFailed(client, question, counts, at)
      : countUntil(client.events, question, at);
  const good = share === 0 || sort === undefined ? 0 : goodAt(client, { ...question, sort }, counts, at);
  return { bad, good, share, isMet: sort === undefined || isShareMet(bad, good, share) };
}

/** The part that is abuse, 0 to 1; 0 where there is no abuse, as of users that all logged in. */
export function partOf({ bad, good }: Pick<Share, 'bad' | 'good'>): number {
  return bad === 0 ? 0 : bad / (bad + good);
}

/** Whether `bad` is at least the part `share` of both. */
export function isShareMet(bad: number, good: number, share: number): boolean {
  const all = bad + good;
  return bad >= share * all - all * TOLERANCE;
}

/**
 * Users with failures that no login has taken back, and without a login within a day. A failure whose user is not known
 * is a user of its own.
 */
function usersThatFailed(client: Judged, question: ShareQuestion, counts: GoodCounts, at: number): number {
  const mask = question.mask & ~(1 << FORGIVEN);
  const failures = countUntil(client.events, { ...question, mask }, at);
  const from = Math.max(question.floor, at - question.within + 1);
  let named = 0;
  let users = 0;
  for (const [user, count] of usersWithin(client.failures, from, at)) {
    named += count;
    if (counts.lastLogin(client.key, user) < at - STANDING) users++;
  }
  return users + Math.max(0, failures - named);
}

function goodAt(
  { key }: Judged,
  { sort, within }: { readonly sort: GoodSort; readonly within: number },
  counts: GoodCounts,
  at: number,
): number {
  return sort === 'logins'
    ? counts.users(key, at - STANDING)
    : Math.round(counts.count(key, { sort, within }, at));
}
