// The rule by which changes of several hosts are joined: the same result in whatever order, and however often, they come.

import type { BareBlock, Block } from '../table/block.ts';
import type { ClientRecord } from '../table/record.ts';
import { endBlock, ignoreBefore, latestOf, startBlock } from './floor.ts';

/** Blocks that another one may shadow: more than a client ever has. */
const MAX_SHADOWED = 8;

/**
 * Adds a block. It holds if it starts at or after the floor, and of all that do the one that ends last. A block that starts
 * later but ends earlier is kept: it holds where a lift between the two is still to come.
 *
 * @returns whether anything changed
 */
export function joinBlock(record: ClientRecord, block: Block): boolean {
  if (block.since < record.floor) return false;
  const { block: current, shadowed = [] } = record;
  const known: readonly BareBlock[] = current === undefined ? shadowed : [current, ...shadowed];
  if (known.some((other) => covers(other, block))) return false;
  const kept = [block, ...known.filter((other) => !covers(block, other))];
  const latest = latestOf(kept);
  const others = kept.filter((other) => other !== latest).sort((a, b) => b.until - a.until);
  record.shadowed = others.length === 0 ? undefined : others.slice(0, MAX_SHADOWED).map(bare);
  if (latest !== undefined && latest !== current) startBlock(record, latest);
  return true;
}

/** Ends what started before the floor (ms). @returns whether anything changed */
export function joinFloor(record: ClientRecord, floor: number): boolean {
  if (floor <= record.floor) return false;
  ignoreBefore(record, floor);
  // Shadowed blocks started after it.
  if (record.block !== undefined && record.block.since < floor) endBlock(record, floor);
  return true;
}

/** Of two graces the one that was given later holds. @param at ms; when it was given; @returns whether anything changed */
export function joinGrace(record: ClientRecord, at: number, until: number): boolean {
  if (at < record.graceAt || (at === record.graceAt && until <= record.grace)) return false;
  record.grace = until;
  record.graceAt = at;
  return true;
}

/** Whether the other block never holds where this one is known: it starts and ends no later. */
function covers(block: BareBlock, other: BareBlock): boolean {
  if (block.since === other.since && block.until === other.until) return rankOf(block) <= rankOf(other);
  return block.since >= other.since && block.until >= other.until;
}

/** Decides between two blocks of the same time: the lower one holds. */
export function rankOf({ rule, count, hand }: Pick<BareBlock, 'rule' | 'count' | 'hand'>): string {
  return JSON.stringify([rule, count, hand?.by, hand?.why]);
}

/** The notes of a block that does not hold are removed with it. */
function bare({ evidence: _, mails: __, ...block }: Block): BareBlock {
  return block;
}
