// The report of a replay: the last object of --json, and the source of the text and the page. Times in ISO 8601 UTC.

import type { EventClass, Kind } from '../../blocks/events/event.ts';
import type { Distribution } from './histogram.ts';
import type { ShareSpread } from './share-tally.ts';
import type { Sparing, UnsparedRule } from './sparing.ts';

/** Incremented with every change that could break a program that reads the report. */
export const REPORT_VERSION = 1;

export interface Report {
  readonly version: number;
  readonly event: 'report';
  readonly policy: PolicyUsed;
  readonly read: WhatWasRead;
  readonly events: readonly KindCount[];
  readonly total: Total;
  /** null where the policy has nothing that spares clients */
  readonly sparing: Sparing | null;
  /** in the order of policy.yml */
  readonly rules: readonly RuleReport[];
  /** the most events first, 20 at most */
  readonly offenders: readonly Offender[];
  readonly cost: Cost;
  /** one for each --sweep */
  readonly sweeps: readonly Sweep[];
  readonly timeline: Timeline;
  /** one for each rule */
  readonly distributions: readonly Distribution[];
  /** one for each rule that can have a share; none where they were not asked for */
  readonly shares: readonly ShareSpread[];
  readonly blindSpots: BlindSpots;
  /** what an administrator must know to trust the report, in sentences */
  readonly notes: readonly string[];
}

export interface PolicyUsed {
  readonly path: string;
  /** the values of --set */
  readonly set: readonly string[];
}

export interface WhatWasRead {
  readonly sources: readonly string[];
  readonly bytes: number;
  /** all lines, those of other programs included; entries of a journal */
  readonly lines: number;
  /** lines of the Postfix programs that are read */
  readonly records: number;
  /** stamps of the first and the last record; null where there is none */
  readonly from: string | null;
  readonly to: string | null;
  /** lines of those programs that another source contains as well; they count once */
  readonly repeated: number;
  /** lines of those programs that --since and --until left out */
  readonly leftOut: number;
  /** stamps of the first and the last record, those left out included; null where there is none */
  readonly first: string | null;
  readonly last: string | null;
  /** hosts whose records count, in the order of their first records, 20 at most; none in a log without host names */
  readonly hosts: readonly string[];
  /** false where the replay was interrupted */
  readonly isComplete: boolean;
}

/** What the enforced rules would have done together. */
export interface Total {
  readonly blocks: number;
  /** events that at least one of them counts, each once */
  readonly counted: number;
  /** those of them that came from IPs while one of them blocked them */
  readonly stopped: number;
}

export interface KindCount {
  readonly kind: Kind;
  readonly count: number;
  readonly ips: number;
  /** those of its classes that occur */
  readonly classes: readonly { readonly class: EventClass; readonly count: number; readonly ips: number }[];
}

export interface RuleReport {
  readonly rule: string;
  readonly limit: number;
  /** seconds */
  readonly within: number;
  /** seconds */
  readonly blockFor: number;
  /** 0 to 1 */
  readonly share: number;
  /** false: the rule only watches; its blocks are counted as if it were enforced */
  readonly enforced: boolean;
  /** events of the kinds that the rule counts, from clients that are not on the allow list */
  readonly events: number;
  readonly blocks: number;
  /** different IPs blocked */
  readonly ips: number;
  /** blocks of an IP that this rule had blocked before in this log */
  readonly again: number;
  readonly first: string | null;
  /** seconds from the first event that counted to the block; null where there is no block */
  readonly medianToBlock: number | null;
  /** events of those kinds that came from IPs while this rule blocked them */
  readonly stopped: number;
  /** mails that Postfix accepted from IPs while this rule blocked them */
  readonly lost: number;
  /** how often an IP that reached the limit was reported as spared, at most once in each `within` */
  readonly spared: number;
  /** different IPs spared */
  readonly sparedIps: number;
  /** the same where the policy spares no client; null where it has nothing that spares */
  readonly without: UnsparedRule | null;
}

export interface Offender {
  readonly ip: string;
  /** verified by Postfix; null where it never was */
  readonly name: string | null;
  readonly events: Readonly<Partial<Record<Kind, number>>>;
  /** classes of those events */
  readonly classes: readonly EventClass[];
  readonly blocks: number;
  readonly firstBlock: string | null;
  /** rules that blocked it */
  readonly rules: readonly string[];
  /** events while it was blocked */
  readonly stopped: number;
  /** mails that Postfix accepted from it, and those of them that its blocks would have lost */
  readonly accepted: number;
  readonly lost: number;
}

export interface Cost {
  /** false where the log has no line of qmgr(8), which logs the mail that Postfix accepts */
  readonly isKnown: boolean;
  /** mails that Postfix accepted from SMTP clients, in all */
  readonly accepted: number;
  /** those of them that came from an IP while it would have been blocked */
  readonly lost: number;
  /** those of the lost that were delivered to at least one recipient */
  readonly delivered: number;
  /** mails of clients that had logged in, which are not lost only because a rule with `passes: authenticated` blocked */
  readonly passed: number;
  readonly ips: number;
  /** the IPs that lost the most, 50 at most */
  readonly clients: readonly LosingClient[];
  /** mails of those clients: all, or the first of each where there are more than 200 */
  readonly mails: readonly LostMail[];
  /** allow entries for policy.yml that would have saved the mails of those clients */
  readonly allow: readonly SavingEntry[];
}

export interface LosingClient {
  readonly ip: string;
  readonly name: string | null;
  readonly lost: number;
  readonly delivered: number;
  /** all mails that Postfix accepted from it, blocked or not */
  readonly accepted: number;
  readonly events: Readonly<Partial<Record<Kind, number>>>;
  readonly rules: readonly string[];
}

export type Outcome = 'delivered' | 'partly' | 'not-delivered' | 'unknown';

export interface LostMail {
  /** when it was accepted */
  readonly at: string;
  readonly queueId: string;
  readonly ip: string;
  readonly name: string | null;
  /** SASL user */
  readonly user: string | null;
  readonly rule: string;
  readonly sender: string;
  /** 10 at most */
  readonly recipients: readonly { readonly address: string; readonly status: string }[];
  /** nrcpt of qmgr's line */
  readonly recipientCount: number;
  readonly outcome: Outcome;
}

export interface SavingEntry {
  /** a verified client name, an address or an IPv6 network */
  readonly entry: string;
  readonly ips: readonly string[];
  readonly mails: number;
}

export interface Sweep {
  /** as in `rules.auth-failures.limit` */
  readonly key: string;
  readonly rule: string;
  /** in the order given */
  readonly values: readonly SweptValue[];
}

/** What the swept rule would have done with this value. */
export interface SweptValue {
  readonly value: string;
  /** whether the policy has this value */
  readonly isCurrent: boolean;
  readonly blocks: number;
  readonly ips: number;
  readonly events: number;
  readonly stopped: number;
  readonly lost: number;
  readonly lostIps: number;
  /** different IPs that reached the limit and were not blocked */
  readonly sparedIps: number;
}

/** Counts over time, in slices of one width. */
export interface Timeline {
  /** start of the first slice */
  readonly start: string | null;
  /** seconds */
  readonly width: number;
  readonly rules: readonly {
    readonly rule: string;
    readonly events: readonly number[];
    readonly blocks: readonly number[];
  }[];
  /** mails accepted, and those lost, in each slice */
  readonly accepted: readonly number[];
  readonly lost: readonly number[];
}

export interface BlindSpots {
  /** lines that cannot be read, or that name a Postfix daemon but give no record, by form */
  readonly unreadable: readonly Form[];
  /** lines of smtpd, postscreen or cleanup that look like a rejection but are not counted, by form */
  readonly uncounted: readonly Form[];
  /** lines of forms beyond those shown */
  readonly others: number;
}

/** Lines that differ only in addresses, numbers and texts of the client. */
export interface Form {
  readonly form: string;
  readonly count: number;
  readonly example: string;
  /** why they are not counted, where known */
  readonly why: string | null;
}
