// The failed logins of one client whose user is known, beside its window: a stamp has no room for a user.

import { codeNamed, FORGIVEN } from './codes.ts';
import { MAX_EVENTS } from './whole-window.ts';
import { codeOf, type Retention, stampOf, timeOf, type Window, windowOf } from './window.ts';

/** Time (ms since 1970) and user (48 bits, not 0) of each in turn, in order of time. None are no list. */
export type Failures = readonly number[] | undefined;

export const FAILURE = codeNamed('auth-failure');

/** The list with one more. */
export function withFailure(list: Failures, at: number, user: number): readonly number[] {
  if (list === undefined) return [at, user];
  let place = list.length;
  while (place > 0 && (list[place - 2] ?? 0) > at) place -= 2;
  return place === list.length
    ? [...list, at, user]
    : [...list.slice(0, place), at, user, ...list.slice(place)];
}

/** The list without those that the window can have lost by now. @param isWhole whether all within their time are kept */
export function keptFailures(list: Failures, newest: number, keep: Retention, isWhole: boolean): Failures {
  if (list === undefined) return undefined;
  const most = isWhole ? MAX_EVENTS : (keep.limit[FAILURE] ?? 0);
  const from = newest - (keep.within[FAILURE] ?? 0);
  let drop = Math.max(0, list.length - 2 * most);
  while (drop < list.length && (list[drop] ?? 0) <= from) drop += 2;
  return rest(list, drop);
}

/** Those at or after `from` (ms). */
export function failuresSince(list: Failures, from: number): Failures {
  if (list === undefined) return undefined;
  let drop = 0;
  while (drop < list.length && (list[drop] ?? 0) < from) drop += 2;
  return rest(list, drop);
}

/** Those up to and at `end` (ms). */
export function failuresUntil(list: Failures, end: number): Failures {
  if (list === undefined) return undefined;
  const kept = list.filter((_, i) => (list[i - (i % 2)] ?? 0) <= end);
  return kept.length === 0 ? undefined : kept;
}

/** The users that failed from `from` up to `end` (ms), each with how often. */
export function usersWithin(list: Failures, from: number, end: number): ReadonlyMap<number, number> {
  const users = new Map<number, number>();
  for (let i = (list?.length ?? 0) - 2; i >= 0; i -= 2) {
    const [at = 0, user = 0] = [list?.[i], list?.[i + 1]];
    if (at < from) break;
    if (at <= end) users.set(user, (users.get(user) ?? 0) + 1);
  }
  return users;
}

/** What a login takes back. */
export interface Forgiveness {
  readonly failures: Failures;
  /** of the failures that it takes back */
  readonly times: readonly number[];
}

/** Takes back the failures of a user up to and at `until` (ms). */
export function forgiven(list: Failures, user: number, until: number): Forgiveness {
  const left: number[] = [];
  const times: number[] = [];
  for (let i = 0; i < (list?.length ?? 0); i += 2) {
    const [at = 0, failed = 0] = [list?.[i], list?.[i + 1]];
    if (failed === user && at <= until) times.push(at);
    else left.push(at, failed);
  }
  return { failures: left.length === 0 ? undefined : left, times };
}

/** The window in which failures of these times are forgiven. @param isCounted whether any rule counts forgiven ones */
export function withForgiven(window: Window, times: readonly number[], isCounted: boolean): Window {
  const left = new Map<number, number>();
  for (const at of times) left.set(at, (left.get(at) ?? 0) + 1);
  const stamps = window.flatMap((stamp) => {
    const at = timeOf(stamp);
    const count = left.get(at) ?? 0;
    if (count === 0 || codeOf(stamp) !== FAILURE) return stamp;
    left.set(at, count - 1);
    return isCounted ? stampOf(at, FORGIVEN) : [];
  });
  return windowOf(stamps);
}

function rest(list: readonly number[], from: number): Failures {
  if (from === 0) return list;
  return from >= list.length ? undefined : list.slice(from);
}
