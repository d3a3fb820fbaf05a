// What happens to blocks, as everyone who listens at the door is told. Times in ms since 1970.

import type { Block, ManualAction, RefusedMail } from './table/record.ts';

/** Why a block ended: its time was over, somebody lifted it, a policy took its ground away, or others took its room. */
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

/** An entry of the allow list made by hand, with its end; `until` is now where it was taken back or is over. */
export interface AllowChanged {
  readonly type: 'allow' | 'disallow';
  /** a network */
  readonly ip: string;
  readonly at: number;
  readonly until: number;
  /** undefined where its time was over */
  readonly hand: ManualAction | undefined;
}

/** Postfix logged a refusal of ours. Stands in the snapshot, not in the audit trail. */
export interface MailRefused {
  readonly type: 'refused';
  readonly ip: string;
  readonly rule: string;
  readonly at: number;
  readonly mail: RefusedMail | undefined;
}

/** A change that the audit trail keeps: all but refused mails, which the mail log keeps itself. */
export type AuditedChange = Exclude<Change, MailRefused>;

export type Change = BlockBegun | BlockEnded | GraceGiven | AllowChanged | MailRefused;
