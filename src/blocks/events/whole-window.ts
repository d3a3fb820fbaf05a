// The window of a spared client: all abuse of some codes within their time, so that it can be compared with good events.

import { isInMask, MAX_CODES } from './codes.ts';
import { codeOf, newestOf, type Retention, stampOf, timeOf, type Window } from './window.ts';

/** Events kept of one client at most. The oldest go, so that a client beyond this is spared rather than blocked. */
export const MAX_EVENTS = 10_000;
/** Events between two removals of old ones in a longer window: 40 steps an event at most, and 256 in a shorter one. */
const EVERY = 256;

/** Windows made here, which nobody else holds: they grow in place. A copy of 10,000 events for each new one is too much. */
const growing = new WeakSet<Window>();

/**
 * The window with one more event. Events of the codes of `whole` stay for as long as their rules need them, those of
 * others as `addEvent` keeps them; in a window of more than 256, both may stay for 256 events longer.
 *
 * @param window must not be used any more
 * @param whole bit set of codes
 */
export function addToWhole(window: Window, at: number, code: number, keep: Retention, whole: number): Window {
  const events = growing.has(window) ? (window as number[]) : grown(window.slice());
  insert(events, stampOf(at, code));
  const isDue = events.length <= EVERY || events.length % EVERY === 0 || events.length > MAX_EVENTS;
  return isDue ? grown(trimmed(events, keep, whole)) : events;
}

function grown(events: number[]): number[] {
  growing.add(events);
  return events;
}

function insert(events: number[], stamp: number): void {
  let place = events.length;
  while (place > 0 && (events[place - 1] ?? 0) > stamp) place--;
  if (place === events.length) events.push(stamp);
  else events.splice(place, 0, stamp);
}

const seen = new Uint32Array(MAX_CODES);

function trimmed(events: Window, { within, limit }: Retention, whole: number): number[] {
  const newest = newestOf(events);
  const kept: number[] = [];
  seen.fill(0);
  for (let i = events.length - 1; i >= 0 && kept.length <= MAX_EVENTS - EVERY; i--) {
    const stamp = events[i] ?? 0;
    const code = codeOf(stamp);
    const count = (seen[code] ?? 0) + 1;
    seen[code] = count;
    const isKept = isInMask(whole, code) || count <= (limit[code] ?? 0);
    if (isKept && newest - timeOf(stamp) < (within[code] ?? 0)) kept.push(stamp);
  }
  return kept.reverse();
}
