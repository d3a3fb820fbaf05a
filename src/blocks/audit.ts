// The lines of audit.jsonl: one for each block and each end of a block, once, also over a crash.

import type { Change } from './blocks.ts';
import { isoText } from './snapshot.ts';

/** A line of audit.jsonl. Times in ISO 8601 UTC. */
export interface AuditEntry {
  /** counts up by one a line, also over restarts and rotations */
  readonly sequence: number;
  /** when the line was written; all other times are event times from the mail log */
  readonly written: string;
  readonly event: 'block' | 'end';
  readonly at: string;
  readonly ip: string;
  readonly rule: string;
  /** false: a watched block of a rule with `enforce: false` */
  readonly enforced: boolean;
  /** block: when it will end by itself */
  readonly until?: string;
  /** block: the limit that was reached */
  readonly count?: number;
  /** end: when the block had begun */
  readonly since?: string;
  /** end: why */
  readonly reason?: string;
  /** end: refusals of ours that Postfix logged while it ran */
  readonly refused?: number;
}

/** @param now ms since 1970 */
export function auditEntry(change: Change, sequence: number, now: number): AuditEntry {
  const { ip, rule, enforced } = change;
  const head = {
    sequence,
    written: isoText(now),
    event: change.type,
    at: isoText(change.at),
    ip,
    rule,
    enforced,
  };
  if (change.type === 'block') return { ...head, until: isoText(change.until), count: change.count };
  return { ...head, since: isoText(change.since), reason: change.reason, refused: change.refused };
}

/**
 * What makes two lines tell of the same thing: a block has one beginning and one end. After a crash the log is read
 * again from the snapshot's position and tells the same changes again.
 */
export function auditIdentity(entry: AuditEntry): string {
  return `${entry.event} ${entry.ip} ${entry.rule} ${entry.event === 'block' ? entry.at : entry.since}`;
}

/** @returns undefined for what is no audit line */
export function parseAuditLine(line: string): AuditEntry | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return isEntry(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is AuditEntry {
  return (
    typeof value === 'object' && value !== null && 'sequence' in value && typeof value.sequence === 'number'
  );
}
