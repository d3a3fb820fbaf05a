// The changes of blocks and allow entries, as they are reported to listeners. Times in ms since 1970.

import type { Block, ManualAction, RefusedMail } from './table/block.ts';

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

/** A change that the audit trail keeps: all but own refusals, which the mail log keeps itself. */
export type AuditedChange = Exclude<Change, MailRefused>;

export type Change = BlockBegun | BlockEnded | GraceGiven | AllowChanged | MailRefused;
