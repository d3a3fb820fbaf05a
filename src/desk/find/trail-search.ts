// A search through the audit trail and its rotated files, the newest first, in short steps.

import { type AuditEntry, parseAuditLine } from '../../state/audit.ts';
import { hasForeign, linesOf, trailFiles } from '../../state/audit-lines.ts';

/** Characters of a step: some 300 lines. */
const STEP = 1 << 16;
/** Characters looked through: some 300,000 lines. */
const MAX_SEARCH = 1 << 26;

export interface TrailSearch {
  /** Whether a line is worth parsing. */
  isWanted(line: string): boolean;
  take(entry: AuditEntry): void;
  /** Called between steps; the search goes on when it resolves. @returns whether it may go on */
  next(): Promise<boolean>;
}

/** What of the trail was not searched, and why. */
export type TrailRest = 'time' | 'size' | 'compression' | 'unreadable';

/** @returns undefined where the whole trail was searched */
export async function searchTrail(path: string, search: TrailSearch): Promise<TrailRest | undefined> {
  try {
    return (await searchFiles(path, search)) ?? ((await hasForeign(path)) ? 'compression' : undefined);
  } catch {
    return 'unreadable';
  }
}

async function searchFiles(path: string, search: TrailSearch): Promise<TrailRest | undefined> {
  let left = MAX_SEARCH;
  let step = STEP;
  for (const file of await trailFiles(path)) {
    for await (const line of linesOf(file)) {
      left -= line.length;
      if (left < 0) return 'size';
      step -= line.length;
      if (step < 0) {
        if (!(await search.next())) return 'time';
        step = STEP;
      }
      const entry = search.isWanted(line) ? parseAuditLine(line) : undefined;
      if (entry !== undefined) search.take(entry);
    }
  }
  return undefined;
}
