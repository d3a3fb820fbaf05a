// An event of a notice: a change, as audit.jsonl has it, or the start or end of a trouble. Holds no text of a client.

import type { Change } from '../blocks/changes.ts';
import type { NoticeKind } from '../config/fields/notice-fields.ts';
import type { TroubleName } from '../health/status.ts';
import { type AuditEntry, auditFacts } from '../state/audit.ts';
import { cut, visible } from '../terminal/text.ts';
import { isoText } from '../values/iso-time.ts';

/** Times in ISO 8601 UTC. */
export type ChangeEvent = Omit<AuditEntry, 'version' | 'sequence' | 'written' | 'host' | 'event'> & {
  readonly event: Exclude<NoticeKind, 'trouble'>;
};

export interface TroubleEvent {
  readonly event: 'trouble';
  readonly at: string;
  readonly what: TroubleName;
  readonly state: 'began' | 'over';
  readonly since: string;
  /** one line of printable characters */
  readonly reason: string;
}

export type NoticeEvent = ChangeEvent | TroubleEvent;

/** A trouble as the health of the daemon reports it. */
interface ReportedTrouble {
  readonly what: TroubleName;
  readonly since: string;
  readonly reason: string;
}

/** A reason may name files, services and clients of any length. */
const MAX_REASON = 500;

/** undefined for what nobody is notified of: refused mail, entries by hand, and what a rule that only watches finds */
export function changeEvent(change: Change): ChangeEvent | undefined {
  const { type } = change;
  if (type !== 'breaker' && type !== 'block' && type !== 'end' && type !== 'spared') return undefined;
  if (type !== 'breaker' && !change.enforced) return undefined;
  const { by, why, ...facts } = auditFacts(change);
  return { ...facts, ...(by && { by: visible(by) }), ...(why && { why: visible(why) }), event: type };
}

/** @param now ms since 1970 */
export function troubleEvent(
  { what, since, reason }: ReportedTrouble,
  state: TroubleEvent['state'],
  now: number,
): TroubleEvent {
  return {
    event: 'trouble',
    at: isoText(now),
    what,
    state,
    since,
    reason: cut(visible(reason), MAX_REASON),
  };
}
