// The recent abuse of one client in order of event time, one number an event.

import { isInMask, MAX_CODES } from './codes.ts';

/**
 * Events sorted by time, each as a stamp: one number that holds its time and its code (src/blocks/events/codes.ts), so that
 * the million clients of which one event is known cost eight bytes for it. Only this file knows how: with 32 codes and 2^53
 * it lasts until the year 10,800.
 */
export type Window = readonly number[];

/** What a window must keep of each code so that every rule can be judged exactly. */
export interface Retention {
  /** ms; the longest `within` of the rules that count the code, 0 where none does */
  readonly within: readonly number[];
  /** the highest `limit` of those rules */
  readonly limit: readonly number[];
  /** the lowest of both over the codes that are counted: within them nothing needs to be removed */
  readonly least: { readonly within: number; readonly limit: number };
}

export const EMPTY: Window = [];

/** @param within by code; @param limit likewise */
export function retentionOf(within: readonly number[], limit: readonly number[]): Retention {
  const leastOf = (values: readonly number[]) => Math.min(...values.filter((value) => value > 0));
  return { within, limit, least: { within: leastOf(within), limit: leastOf(limit) } };
}

/** The event of a code at a moment (ms since 1970), as a window holds it. */
export function stampOf(at: number, code: number): number {
  return at * MAX_CODES + code;
}

export function timeOf(stamp: number): number {
  return Math.floor(stamp / MAX_CODES);
}

/** Without `%`, for which V8 calls a function of the C library where the number is large. */
export function codeOf(stamp: number): number {
  return stamp - timeOf(stamp) * MAX_CODES;
}

/** The window of these stamps, in any order. With exact capacity: push() reserves 17 places for the first stamp. */
export function windowOf(stamps: readonly number[]): Window {
  if (stamps.length < 2) return stamps.length === 0 ? EMPTY : stamps;
  return stamps.slice().sort((a, b) => a - b);
}

/** The events at or after `from` (ms). */
export function eventsSince(window: Window, from: number): Window {
  return timeOf(window[0] ?? from * MAX_CODES) >= from
    ? window
    : window.filter((stamp) => timeOf(stamp) >= from);
}

/** The events up to and at `end` (ms). */
export function eventsUntil(window: Window, end: number): Window {
  return newestOf(window) <= end ? window : window.filter((stamp) => timeOf(stamp) <= end);
}

/** Event time of the newest event, or 0. */
export function newestOf(window: Window): number {
  // A look in front of an array costs V8 500 instructions.
  return window.length === 0 ? 0 : timeOf(window[window.length - 1] ?? 0);
}

/**
 * The window with one more event, in its place by time, without the events that no rule can need any more: those that lie
 * `within` or more before the newest, and of each code all but the newest `limit`.
 */
export function addEvent(window: Window, at: number, code: number, keep: Retention): Window {
  const stamp = stampOf(at, code);
  if (window.length === 0) return [stamp];
  return retained(inserted(window, stamp), keep);
}

function inserted(window: Window, stamp: number): number[] {
  let place = window.length;
  while (place > 0 && (window[place - 1] ?? 0) > stamp) place--;
  // Exact capacity: V8's push() would reserve 17 places for the second event of an address.
  const result = new Array<number>(window.length + 1);
  for (let i = 0; i < place; i++) result[i] = window[i] ?? 0;
  result[place] = stamp;
  for (let i = place; i < window.length; i++) result[i + 1] = window[i] ?? 0;
  return result;
}

/** Filled anew in each call of `retained`: to allocate it there would take as long as everything else. */
const seen = new Uint32Array(MAX_CODES);

function retained(window: Window, keep: Retention): Window {
  const newest = newestOf(window);
  if (window.length <= keep.least.limit && newest - timeOf(window[0] ?? 0) < keep.least.within) return window;
  seen.fill(0);
  const isKept = (stamp: number): boolean => {
    const code = codeOf(stamp);
    const count = (seen[code] ?? 0) + 1;
    seen[code] = count;
    return count <= (keep.limit[code] ?? 0) && newest - timeOf(stamp) < (keep.within[code] ?? 0);
  };
  let drop = 0;
  for (let i = window.length - 1; i >= 0; i--) if (!isKept(window[i] ?? 0)) drop++;
  if (drop === 0) return window;
  seen.fill(0);
  const result = new Array<number>(window.length - drop);
  let place = result.length;
  for (let i = window.length - 1; i >= 0; i--) {
    const stamp = window[i] ?? 0;
    if (isKept(stamp)) result[--place] = stamp;
  }
  return result;
}

export interface Question {
  /** bit set of the codes that count */
  readonly mask: number;
  readonly limit: number;
  /** ms; `limit` events fill the window where the first and the last lie less than this apart */
  readonly within: number;
  /** ms; events before this moment do not count */
  readonly floor: number;
}

/**
 * When the window became full: the time of the event that was the `limit`-th within `within`, or undefined.
 * Only windows that end at or after `since` (ms) are checked: those that the event just added can have filled.
 */
export function filledAt(window: Window, question: Question, since: number): number | undefined {
  let end = window.length;
  while (end > 0 && timeOf(window[end - 1] ?? 0) >= since) end--;
  for (; end < window.length; end++) if (endsFull(window, end, question)) return timeOf(window[end] ?? 0);
  return undefined;
}

/** Events that count toward the question in the window that ends at `now`; those that lie ahead of it included. */
export function countWithin(window: Window, question: Question, now: number): number {
  return countFrom(window, window.length - 1, question, now);
}

/** Events that count toward the question in the window that ends at `end` (ms), and not those after it. */
export function countUntil(window: Window, question: Question, end: number): number {
  let last = window.length - 1;
  while (last >= 0 && timeOf(window[last] ?? 0) > end) last--;
  return countFrom(window, last, question, end);
}

function countFrom(window: Window, last: number, question: Question, now: number): number {
  let count = 0;
  for (let i = last; i >= 0; i--) {
    const at = timeOf(window[i] ?? 0);
    if (now - at >= question.within || at < question.floor) break;
    if (isInMask(question.mask, codeOf(window[i] ?? 0))) count++;
  }
  return count;
}

/** Event time of the first of the `limit` events that filled the window at `at` (ms). */
export function firstOf(window: Window, question: Question, at: number): number {
  const stamps = filling(window, question, at);
  return stamps.length < question.limit ? at : timeOf(stamps.at(-1) ?? 0);
}

/** The codes of the `limit` events that filled the window at `at` (ms), with how many there were of each. */
export function codesOf(window: Window, question: Question, at: number): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const stamp of filling(window, question, at))
    counts.set(codeOf(stamp), (counts.get(codeOf(stamp)) ?? 0) + 1);
  return counts;
}

/** The newest `limit` events up to `at` (ms) that count, the newest first. */
function filling(window: Window, question: Question, at: number): readonly number[] {
  const stamps: number[] = [];
  for (let i = window.length - 1; i >= 0 && stamps.length < question.limit; i--) {
    const stamp = window[i] ?? 0;
    if (timeOf(stamp) <= at && isInMask(question.mask, codeOf(stamp))) stamps.push(stamp);
  }
  return stamps;
}

function endsFull(window: Window, end: number, question: Question): boolean {
  const last = timeOf(window[end] ?? 0);
  let missing = question.limit;
  for (let i = end; i >= 0; i--) {
    const at = timeOf(window[i] ?? 0);
    if (last - at >= question.within || at < question.floor) return false;
    if (isInMask(question.mask, codeOf(window[i] ?? 0)) && --missing === 0) return true;
  }
  return false;
}
