// An explanation: how one line of a log is read. An object of --json; times in ISO 8601 UTC.

import type { EventClass, GoodEvent, Kind } from '../blocks/events/event.ts';
import type { Fact } from '../maillog/postfix/fact.ts';
import type { Program } from '../maillog/syslog/process.ts';
import type { Why } from './why.ts';

/** Incremented with every change that could break a program that reads explanations. */
export const EXPLANATION_VERSION = 1;

/**
 * The result of a line: a rule counts it, or will count it when its session ends; a rule compares it with what it counts;
 * no rule counts it, for a reason; it reports nothing that could be counted; it gives no record.
 */
export const RESULTS = ['counted', 'later', 'good', 'not-counted', 'nothing', 'unread'] as const;
export type Result = (typeof RESULTS)[number];

export interface Explanation {
  readonly version: number;
  /** as given; `-` is standard input */
  readonly source: string;
  /** its number in that source; the number of the entry in a journal */
  readonly line: number;
  readonly text: string;
  readonly result: Result;
  /** why it is not counted, or not yet; null where it is counted */
  readonly why: Why | null;
  /** the same in words */
  readonly reason: string | null;
  readonly record: ExplainedRecord | null;
  /** what the record says about a client or the host; null where that does not matter here */
  readonly fact: Fact['type'] | null;
  /** the same in words */
  readonly says: string | null;
  /** null where there is none, or it is not known */
  readonly client: ExplainedClient | null;
  readonly events: readonly ExplainedEvent[];
  /** what the client did well */
  readonly good: readonly ExplainedGood[];
  /** the event that the end of the session is expected to give; null where the line does not show one */
  readonly expected: ExplainedEvent | null;
}

export interface ExplainedRecord {
  readonly at: string;
  readonly program: Program;
  /** `HOST TAG[PID]` */
  readonly process: string;
  /** how many times the process logged it, as counted by a syslog daemon */
  readonly repeat: number;
}

export interface ExplainedClient {
  /** as Postfix printed it */
  readonly address: string;
  /** the name that Postfix verified; null where there is none */
  readonly name: string | null;
  /** the client key: the address or network under which it is counted; null where the address is not valid */
  readonly key: string | null;
  /** the allow entry that covers it */
  readonly allowed: string | null;
  /** false where only an earlier line names it, of the same session or queue ID */
  readonly isNamed: boolean;
}

/** Events of one kind and class. */
export interface ExplainedEvent {
  readonly kind: Kind;
  readonly class: EventClass | null;
  readonly count: number;
  /** how the connection ended, according to an earlier line of the session */
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

export interface ExplainedGood {
  readonly kind: GoodEvent['kind'];
  /** of a message; null for other kinds */
  readonly recipients: number | null;
  /** of a login: whether Postfix logged the user; null for other kinds */
  readonly isUserKnown: boolean | null;
  /** rules in which it counts for the client; empty where the client is on the allow list */
  readonly rules: readonly ExplainedShare[];
}

export interface ExplainedShare {
  readonly rule: string;
  /** 0 to 1: the share of abuse that the rule asks for; null where it does not compare this kind */
  readonly share: number | null;
  /** whether the login takes back failures of its user */
  readonly forgives: boolean;
  /** false: the rule only watches */
  readonly enforced: boolean;
}
