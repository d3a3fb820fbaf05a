// The moment before which nothing that a client did counts: the end of its last block.

import type { BlockEnded } from './changes.ts';
import { EMPTY, timeOf } from './events/window.ts';
import type { ClientRecord } from './table/record.ts';

/**
 * ms since 1970; what led to a block lies before it in any case, also where the stamps of the log are ahead of the clock.
 * Somebody who lifts a block means all that has happened up to now, and the stamps of most logs are whole seconds.
 */
export function floorAfter({ at, since, reason }: Pick<BlockEnded, 'at' | 'since' | 'reason'>): number {
  return Math.max(reason === 'lifted' ? at + 1 : at, since + 1);
}

/** Forgets what a record counts from before `floor` (ms), and counts nothing from before it any more. */
export function ignoreBefore(record: ClientRecord, floor: number): void {
  record.floor = Math.max(record.floor, floor);
  if (record.events.length > 0)
    record.events = record.events.filter((stamp) => timeOf(stamp) >= record.floor);
  const evidence = record.evidence?.copy(Number.POSITIVE_INFINITY, (at) => at >= record.floor);
  record.evidence = evidence?.size === 0 ? undefined : evidence;
}

/** Takes the block of a record away, and with it what was counted meanwhile: that was for its details alone. */
export function dropBlock(record: ClientRecord, floor: number): void {
  record.block = undefined;
  record.events = EMPTY;
  record.evidence = undefined;
  record.floor = Math.max(record.floor, floor);
}
