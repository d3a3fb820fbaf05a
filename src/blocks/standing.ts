// What a client's record weighs, how telling it is, and when it was last touched: so it is decided who is forgotten.

import type { ClientRecord } from './record.ts';
import { newestOf } from './window.ts';

/** Strengths from 0 on: the power of two of the events. */
export const STRENGTHS = 8;
/**
 * A record weighs one more for each so many events, and for each piece of evidence, so that the cap bounds memory and
 * not only keys.
 */
const EVENTS_A_WEIGHT = 16;

export function weightOf({ events, evidence, block }: ClientRecord): number {
  const kept = (evidence ?? block?.evidence)?.length ?? 0;
  const mails = block?.mails?.length ?? 0;
  return 1 + Math.floor(events.length / EVENTS_A_WEIGHT) + kept + mails;
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
