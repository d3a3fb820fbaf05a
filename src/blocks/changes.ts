// The changes of blocks and allow entries, as they are reported to listeners. Times in ms since 1970.

import type { BreakerTurn } from './sparing/breaker.ts';
import type { Block, ManualAction, RefusedMail } from './table/block.ts';
import type { SpareReason } from './table/spared.ts';

/** Why a block ended: by time, by hand, by a policy or an allow entry, or because max-tracked was reached. */
export const END_REASONS = [
  'expired',
  'lifted',
  'allow-listed',
  'rule-removed',
  'rule-changed',
  'no-room',
] as const;

export type EndReason = (typeof END_REASONS)[number];

export interface BlockBegun extends Pick<Block, 'classes'> {
  readonly type: 'block';
  readonly ip: string;
  readonly rule: string;
  readonly at: number;
  readonly until: number;
  readonly count: number;
  /** event time of the first event that counted; undefined for a block by hand */
  readonly first?: number | undefined;
  /** false: the rule has `enforce: false`, the verdict stays DUNNO */
  readonly enforced: boolean;
  /** true: the client was in good standing, and the policy has a breaker, which counts such blocks */
  readonly inStanding?: boolean | undefined;
  readonly hand?: ManualAction | undefined;
}

export interface BlockEnded {
  readonly type: 'end';
  readonly ip: string;
  readonly rule: string;
  readonly at: number;
  readonly since: number;
  readonly reason: EndReason;
  readonly refused: number;
  readonly enforced: boolean;
  readonly hand?: ManualAction | undefined;
}

/** Counted but not blocked until then. */
export interface GraceGiven {
  readonly type: 'grace';
  readonly ip: string;
  readonly at: number;
  readonly until: number;
  readonly hand: ManualAction;
}

/** An allow entry made by hand, and its end. */
export interface AllowChanged {
  readonly type: 'allow' | 'disallow';
  /** a network */
  readonly ip: string;
  readonly at: number;
  readonly until: number;
  /** undefined where it expired */
  readonly hand: ManualAction | undefined;
}

/** Postfix logged an own refusal. It is kept in the snapshot, not in the audit trail. */
export interface MailRefused {
  readonly type: 'refused';
  readonly ip: string;
  readonly rule: string;
  readonly at: number;
  readonly mail: RefusedMail | undefined;
}

/** A client reached a limit and is not blocked. Reported once in each `within` of the rule. */
export interface ClientSpared {
  readonly type: 'spared';
  readonly ip: string;
  readonly rule: string;
  readonly at: number;
  readonly reason: SpareReason;
  /** abuse, and what the client did well of the same sort: events, or users of logins */
  readonly bad: number;
  readonly good: number;
  /** of the rule, 0 to 1 */
  readonly share: number;
  /** false: the rule has `enforce: false` */
  readonly enforced: boolean;
}

/** Clients in good standing are spared from now on, or no longer. */
export interface BreakerChanged extends BreakerTurn {
  readonly type: 'breaker';
}

/** A client on the allow list by the keyword `private` alone would have been blocked. Not in the audit trail. */
export interface ProxySuspected {
  readonly type: 'proxy-suspected';
  readonly ip: string;
  readonly rule: string;
  readonly at: number;
}

/** A change that the audit trail keeps: all but those that the mail log shows again. */
export type AuditedChange = Exclude<Change, MailRefused | ProxySuspected>;

export function isAudited(change: Change): change is AuditedChange {
  return change.type !== 'refused' && change.type !== 'proxy-suspected';
}

export type Change =
  | BlockBegun
  | BlockEnded
  | GraceGiven
  | AllowChanged
  | ClientSpared
  | BreakerChanged
  | MailRefused
  | ProxySuspected;
