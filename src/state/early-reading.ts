// Reads the blocks that refuse clients, and not the counts: of the newest snapshot, and of the later lines of the trail.

import { changeOf } from './audit.ts';
import { entriesAfter } from './audit-lines.ts';
import { demandFile, snapshotIn, trailIn } from './directory.ts';
import type { EarlyBlocks } from './early-blocks.ts';
import { readBlockedPart } from './snapshot/blocked-part.ts';
import type { SnapshotHead } from './snapshot/head-tail.ts';

/**
 * Changes nothing on disk, and reports nothing: `State.restore` does.
 * @param directory of the state
 * @returns when that snapshot was started, in ISO 8601; undefined where its blocks cannot be relied on without the rest
 */
export async function fillEarly(early: EarlyBlocks, directory: string): Promise<string | undefined> {
  const head = await readBlocked(early, snapshotIn(directory));
  if (head === undefined) return undefined;
  early.loadAllowEntries(head.allowed ?? [], head.allowedBefore ?? []);
  const later = await entriesAfter(trailIn(directory), head.auditSequence).catch(() => undefined);
  for (const entry of later ?? []) {
    const change = changeOf(entry);
    if (change !== undefined) early.redo(change);
  }
  return later && head.written;
}

/** @returns the head; undefined where the blocked part cannot be relied on */
async function readBlocked(early: EarlyBlocks, path: string): Promise<SnapshotHead | undefined> {
  try {
    await demandFile(path);
    return readBlockedPart(path, (key, block) => early.load(key, block));
  } catch {
    // The reading of the whole reports it.
    return undefined;
  }
}
