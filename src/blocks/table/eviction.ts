// Eviction priority of a client's record: its weight, its strength, and when it was last touched.

import { newestOf } from '../events/window.ts';
import type { ClientRecord } from './record.ts';
import type { ClientView } from './table-view.ts';

/** Strengths from 0 on: the power of two of the events. */
export const STRENGTHS = 8;
/**
 * A record weighs one more for each so many events, of which one with a known user takes three places, so that max-tracked bounds memory and not only keys. Its notes have a
 * bound of their own: they never cause the eviction of a client.
 */
const EVENTS_A_WEIGHT = 16;

/** One part in so many of the room is reserved for clients that are not blocked. */
const COUNTED_PART = 8;

/** Maximum weight of blocked and watched clients: a new client must be counted, however many are blocked. */
export function maxPinnedWeight(maxTracked: number): number {
  return Math.max(1, maxTracked - Math.floor(maxTracked / COUNTED_PART));
}

export function weightOf({ events, failures }: ClientRecord): number {
  return 1 + Math.floor((events.length + (failures?.length ?? 0)) / EVENTS_A_WEIGHT);
}

/** How strong the evidence in a record without a block is, 0 to STRENGTHS - 1. */
function strengthOf({ events, floor, grace }: ClientRecord): number {
  // The end of a block must be kept: such a record is as strong as the highest count.
  if (floor > 0 || grace > 0) return STRENGTHS - 1;
  return Math.min(31 - Math.clz32(events.length | 1), STRENGTHS - 1);
}

/** Its rank among those that may be evicted: a client with former blocks is above every strength. */
export function rankOf(record: ClientRecord): number {
  return record.former === undefined ? strengthOf(record) : STRENGTHS;
}

type Touched = Pick<ClientView, 'events' | 'floor' | 'grace' | 'watches' | 'spared'>;

/** When a client last did something, or a block of it ended: ms since 1970. */
export function touchedAt({ events, floor, grace, watches, spared }: Touched): number {
  const watched = watches?.reduce((latest, watch) => Math.max(latest, watch.until), 0) ?? 0;
  // Known from the audit trail alone, until the log is read again.
  const sparedAt = spared?.reduce((latest, { last }) => Math.max(latest, last), 0) ?? 0;
  return Math.max(newestOf(events), floor, grace, watched, sparedAt);
}
