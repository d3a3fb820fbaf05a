// The matches of lines of the audit trail: blocks, ends and manual actions of before.

import type { AuditEntry } from '../../state/audit.ts';
import { isoTime } from '../../values/iso-time.ts';
import type { FoundMatch } from './answer.ts';
import { matchesInHand, wholeMatch } from './client-matches.ts';
import type { Needle } from './needle.ts';

const IP = '"ip":"';

/** Whether a line may match: it is parsed only then. */
export function mayMatch(line: string, needle: Needle): boolean {
  if (needle.network === undefined) return needle.mayBeIn(line);
  const start = line.indexOf(IP) + IP.length;
  return needle.meets(line.slice(start, line.indexOf('"', start)));
}

export function* matchesOfEntry(entry: AuditEntry, needle: Needle): Generator<FoundMatch> {
  const { ip, event, at, by, why = '' } = entry;
  // The breaker is nobody's.
  if (ip === '' || event === 'breaker') return;
  const origin = { at: isoTime(at), place: 'audit-trail', event } as const;
  if (needle.meets(ip)) yield wholeMatch(origin, ip);
  else yield* matchesInHand(by === undefined ? undefined : { by, why }, origin, needle);
}
