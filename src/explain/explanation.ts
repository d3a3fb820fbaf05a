// How one line of a log is read: what `explain` tells of it. An object of --json; times in ISO 8601 UTC.

import type { EventClass, Kind } from '../blocks/events/event.ts';
import type { Fact } from '../maillog/postfix/fact.ts';
import type { Program } from '../maillog/syslog/process.ts';
import type { Why } from './why.ts';

/** Raised with every change that a program could misread. */
export const EXPLANATION_VERSION = 1;

/**
 * What comes of a line: a rule counts it, or will when its session ends; no rule does, for a reason; it tells of nothing
 * that could be counted; it gives no record.
 */
export const RESULTS = ['counted', 'later', 'not-counted', 'nothing', 'unread'] as const;
export type Result = (typeof RESULTS)[number];

export interface Explanation {
  readonly version: number;
  /** as given; `-` is standard input */
  readonly source: string;
  /** its number in that source; of a journal, that of the entry */
  readonly line: number;
  readonly text: string;
  readonly result: Result;
  /** why it is not counted, or not yet; null where it is counted */
  readonly why: Why | null;
  /** the same in words */
  readonly reason: string | null;
  readonly record: ExplainedRecord | null;
  /** what the record says of a client or of the host; null where it says nothing that matters here */
  readonly fact: Fact['type'] | null;
  /** the same in words */
  readonly says: string | null;
  /** null where there is none, or none is known */
  readonly client: ExplainedClient | null;
  readonly events: readonly ExplainedEvent[];
  /** what the end of the session is expected to give, where the line tells of it; null where it tells of none */
  readonly expected: ExplainedEvent | null;
}

export interface ExplainedRecord {
  readonly at: string;
  readonly program: Program;
  /** `HOST TAG[PID]` */
  readonly process: string;
  /** how often the process logged it, as a syslog daemon counted */
  readonly repeat: number;
}

export interface ExplainedClient {
  /** as Postfix printed it */
  readonly address: string;
  /** verified by Postfix; null where it is not */
  readonly name: string | null;
  /** the address or network under which it is counted; null where the address is none */
  readonly key: string | null;
  /** the entry of allow: that covers it */
  readonly allowed: string | null;
  /** false where an earlier line names it, that of its session or of its queue ID */
  readonly isNamed: boolean;
}

/** Events of one kind and class. */
export interface ExplainedEvent {
  readonly kind: Kind;
  readonly class: EventClass | null;
  readonly count: number;
  /** how the connection ended, as an earlier line of the session told */
  readonly ending: string | null;
  /** rules that count it; empty where the client is on the allow list */
  readonly rules: readonly ExplainedRule[];
}

export interface ExplainedRule {
  readonly rule: string;
  readonly limit: number;
  /** seconds */
  readonly within: number;
  /** false: the rule only watches */
  readonly enforced: boolean;
}
