// The start and the end of a block in a record, and the floor: the moment before which nothing that the client did counts.

import { failuresSince } from '../events/failures.ts';
import { EMPTY, eventsSince } from '../events/window.ts';
import type { BareBlock, Block } from '../table/block.ts';
import type { ClientRecord } from '../table/record.ts';
import { sparedWhere } from '../table/spared.ts';

/** The end of a block that started at `since`. Times in ms since 1970. */
interface End {
  readonly at: number;
  readonly since: number;
  /** one of END_REASONS */
  readonly reason: string;
}

/**
 * The floor (ms since 1970) that the end of a block sets. The events that led to the block lie before it in any case, also
 * where the stamps of the log are ahead of the clock. A person that lifts a block means all that has happened up to now,
 * and the stamps of most logs are whole seconds.
 */
export function floorAfter({ at, since, reason }: End): number {
  return Math.max(reason === 'lifted' ? at + 1 : at, since + 1);
}

/** Removes what a record counts from before `floor` (ms); nothing from before it counts any more. */
export function ignoreBefore(record: ClientRecord, floor: number): void {
  record.floor = Math.max(record.floor, floor);
  record.events = eventsSince(record.events, record.floor);
  record.failures = failuresSince(record.failures, record.floor);
  const evidence = record.evidence?.copy(Number.POSITIVE_INFINITY, (at) => at >= record.floor);
  record.evidence = evidence?.size === 0 ? undefined : evidence;
  record.spared = sparedWhere(record.spared, ({ last }) => last >= record.floor);
}

/** Puts a block into a record, in the place of the counts that led to it. */
export function startBlock(record: ClientRecord, block: Block): void {
  record.block = block;
  record.events = EMPTY;
  record.failures = undefined;
  record.evidence = undefined;
  record.spared = undefined;
}

/**
 * Removes the block of a record, and what was counted meanwhile: that was for the details of the block alone. A block of
 * another host that started since takes its place.
 */
export function endBlock(record: ClientRecord, floor: number): void {
  record.floor = Math.max(record.floor, floor);
  const standing = record.shadowed?.filter(({ since }) => since >= record.floor) ?? [];
  record.block = latestOf(standing);
  const shadowed = standing.filter((block) => block !== record.block);
  record.shadowed = shadowed.length === 0 ? undefined : shadowed;
  record.events = EMPTY;
  record.failures = undefined;
  record.evidence = undefined;
}

/** The block that ends last. */
export function latestOf<T extends BareBlock>(blocks: readonly T[]): T | undefined {
  return blocks.reduce<T | undefined>((latest, block) => {
    return latest === undefined || block.until > latest.until ? block : latest;
  }, undefined);
}
