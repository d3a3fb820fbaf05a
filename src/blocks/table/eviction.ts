// What a client's record weighs, how telling it is, and when it was last touched: so it is decided who is forgotten.

import { newestOf } from '../events/window.ts';
import type { ClientRecord } from './record.ts';

/** Strengths from 0 on: the power of two of the events. */
export const STRENGTHS = 8;
/**
 * A record weighs one more for each so many events, so that the cap bounds memory and not only keys. What is kept of it
 * for support has a room of its own: however much that is, no client goes uncounted for it.
 */
const EVENTS_A_WEIGHT = 16;

/** One part in so many of the room is for clients that are not blocked. */
const COUNTED_PART = 8;

/** What blocked and watched clients may weigh: who is new must be counted, however many are blocked. */
export function maxPinnedWeight(maxTracked: number): number {
  return Math.max(1, maxTracked - Math.floor(maxTracked / COUNTED_PART));
}

export function weightOf({ events }: ClientRecord): number {
  return 1 + Math.floor(events.length / EVENTS_A_WEIGHT);
}

/** How telling a record is that holds no block. */
export function strengthOf({ events, floor, grace }: ClientRecord): number {
  // The end of a block must be remembered: such a record is as telling as the strongest count.
  if (floor > 0 || grace > 0) return STRENGTHS - 1;
  return Math.min(31 - Math.clz32(events.length | 1), STRENGTHS - 1);
}

/** ms since 1970 */
export function touchedAt({ events, floor, grace, watches }: ClientRecord): number {
  const watched = watches?.reduce((latest, watch) => Math.max(latest, watch.until), 0) ?? 0;
  return Math.max(newestOf(events), floor, grace, watched);
}
