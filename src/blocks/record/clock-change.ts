// Records that lie ahead of the clock, because it was wrong and was set back: they are brought back to now.

import { failuresUntil } from '../events/failures.ts';
import { eventsUntil, newestOf } from '../events/window.ts';
import type { Block } from '../table/block.ts';
import type { ClientRecord } from '../table/record.ts';
import { sparedWhere } from '../table/spared.ts';
import type { Table } from '../table/table.ts';
import type { ExpiryHeap } from './expiry-heap.ts';

/** ms by which the clocks of a host and of its log may differ */
export const MAX_AHEAD = 60_000;

/** What a record that changes is part of. */
interface Home {
  readonly table: Table;
  readonly expiries: ExpiryHeap;
}

/**
 * Brings a record back to `now` (ms) where a part of it lies ahead. Events ahead would hide those of now, and a block that
 * started a year ahead would last that year.
 */
export function bringBack({ table, expiries }: Home, record: ClientRecord, now: number): void {
  if (!isAhead(record, now)) return;
  const broughtBack = <T extends Block>(block: T): T => {
    if (block.since <= now) return block;
    const until = now + block.until - block.since;
    expiries.add(record, until);
    return { ...block, since: now, until };
  };
  table.update(record, () => {
    record.events = eventsUntil(record.events, now);
    record.failures = failuresUntil(record.failures, now);
    record.floor = Math.min(record.floor, now);
    record.block = record.block && broughtBack(record.block);
    record.shadowed = undefined;
    record.spared = sparedWhere(record.spared, ({ last }) => last <= now);
    record.watches = record.watches?.map((watch) => (watch.ended ? watch : broughtBack(watch)));
    record.former = record.former?.map((former) => ({ ...former, since: Math.min(former.since, now) }));
  });
}

function isAhead({ events, floor, block, watches, spared, former }: ClientRecord, now: number): boolean {
  const last = now + MAX_AHEAD;
  if (newestOf(events) > last || floor > last || (block?.since ?? 0) > last) return true;
  if (spared?.some((one) => one.last > last)) return true;
  return [watches ?? [], former ?? []].some((blocks) => blocks.some(({ since }) => since > last));
}
