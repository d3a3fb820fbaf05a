// Answers of the support commands: the shapes of --json, and the source of the text. Times in ISO 8601 UTC.

import type { Detail } from '../blocks/events/event.ts';
import type { Origin } from '../health/status.ts';

/** Printed with every answer of --json; raised with every change that a program could misread. */
export const ANSWER_VERSION = 1;

export interface ListedBlock {
  readonly ip: string;
  /** the client's forward-confirmed name, as Postfix logged it first; null where it had none */
  readonly name: string | null;
  readonly rule: string;
  /** false: only watched, Postfix is answered DUNNO */
  readonly enforced: boolean;
  readonly since: string;
  readonly until: string;
  /** events that led to it; 0 if blocked by hand */
  readonly count: number;
  /** refusals that Postfix logged because of it */
  readonly refused: number;
  readonly lastRefused: string | null;
  /** who blocked by hand, and why */
  readonly by: string | null;
  readonly reason: string | null;
}

export interface ListAnswer extends Origin {
  readonly blocks: readonly ListedBlock[];
  /** how many there are, where --limit leaves some out; a daemon's answer has all, and does not say it */
  readonly total?: number;
}

/** What an administrator made by hand and has not ended yet: a grace, or a temporary allow entry. */
export interface ListedByHand {
  /** the client in grace, or the network that is allowed */
  readonly ip: string;
  readonly since: string;
  readonly until: string;
  /** who made it, and why; null where the audit trail does not say it any more */
  readonly by: string | null;
  readonly reason: string | null;
}

export interface GracesAnswer extends Origin {
  readonly graces: readonly ListedByHand[];
  readonly total?: number;
}

export interface AllowedAnswer extends Origin {
  readonly allowed: readonly ListedByHand[];
  readonly total?: number;
}

/** A client that reached the limit of a rule and is not blocked. */
export interface ListedSpared {
  readonly ip: string;
  readonly rule: string;
  /** false: the rule only watches */
  readonly enforced: boolean;
  /** its share is not met; or the client is in good standing, and the breaker is open */
  readonly reason: 'share' | 'breaker';
  /** when it reached the limit first, and last */
  readonly since: string;
  readonly last: string;
  /** what was known then: abuse, and what the client did well of the same sort, within the time of the rule */
  readonly bad: number;
  readonly good: number;
  /** of the rule, 0 to 1 */
  readonly share: number;
}

export interface SparedAnswer extends Origin {
  readonly spared: readonly ListedSpared[];
  readonly total?: number;
}

/** One event that led to a block, as far as the log describes it. */
export interface Evidence extends Detail {
  readonly at: string;
  readonly kind: string;
  readonly class?: string | undefined;
}

/** A mail that was refused because of a block; at CONNECT there is no sender and no recipient yet. */
export interface RefusedMail extends Omit<Detail, 'line' | 'reply'> {
  readonly at: string;
  readonly stage: string;
}

export interface ShownBlock extends ListedBlock {
  /** the text that the client reads */
  readonly text: string | null;
  /** clients that have logged in are not refused */
  readonly passes: 'authenticated' | null;
  readonly firstRefused: string | null;
  /** newest last, 10 at most; fewer if there is no room for more */
  readonly evidence: readonly Evidence[];
  /** events of each kind within the rules' times when the block began */
  readonly counts: Readonly<Record<string, number>>;
  /** of the events that led to the block, those that have a class, by class */
  readonly classes: Readonly<Record<string, number>>;
  /** newest last, 50 at most; fewer if there is no room for more */
  readonly mails: readonly RefusedMail[];
}

export interface ShownCount {
  readonly rule: string;
  readonly enforced: boolean;
  readonly count: number;
  readonly limit: number;
  /** seconds */
  readonly within: number;
  /** what the share is a part of: recipients, messages, connections or logins (users); null where there is none */
  readonly sort: string | null;
  /** abuse, and what the client did well of the sort */
  readonly bad: number;
  readonly good: number;
  /** 0 to 1; 0 where the rule has none */
  readonly share: number;
  /** former blocks that make the next one last longer */
  readonly former: number;
  /** seconds; how long a block that starts now would last */
  readonly blockFor: number;
}

/** The entry of the allow list that covers a client; one made by hand has an end. */
export interface ShownAllow {
  readonly entry: string;
  readonly until: string | null;
  readonly by: string | null;
  readonly reason: string | null;
}

/** What another host has seen of a client, where hosts share their blocks. */
export interface SeenByHost {
  readonly host: string;
  /** the rules that have counted anything there, with the events within the time of each */
  readonly counts: readonly { readonly rule: string; readonly count: number }[];
  /** refusals there because of the block */
  readonly refused: number;
  /** newest last, 10 at most */
  readonly evidence: readonly Evidence[];
  readonly mails: readonly RefusedMail[];
}

/** A host of which the server does not count events as it reads them. */
export interface BehindHost {
  readonly host: string;
  /** events that it has read and the server has not counted; null where that is not known */
  readonly backlog: number | null;
}

/** What the other hosts have seen. */
export interface SeenElsewhere {
  /** only those that have seen anything */
  readonly seen: readonly SeenByHost[];
  /** hosts that have not answered in time, 10 at most */
  readonly missing: readonly string[];
  /** hosts, this one too, of which the common counts lack events; 10 at most */
  readonly behind: readonly BehindHost[];
}

/** A line of the audit trail: see audit.jsonl. */
export type HistoryEntry = Readonly<Record<string, unknown>> & {
  readonly at: string;
  readonly event: string;
};

export interface ShowAnswer extends Origin {
  /** as in the request, without what a log writes around it */
  readonly ip: string;
  /** under which it is counted: an address, or an IPv6 network */
  readonly key: string;
  readonly block: ShownBlock | null;
  readonly watching: readonly ShownBlock[];
  /** the rules whose limit it has reached without being blocked */
  readonly spared: readonly ListedSpared[];
  readonly counts: readonly ShownCount[];
  /** what it did last, where it is near a limit and not blocked; newest last, 10 at most */
  readonly evidence: readonly Evidence[];
  /** the newest abuse that the log has of it, counted or not */
  readonly lastAbuse: string | null;
  /** counted but not blocked until then */
  readonly graceUntil: string | null;
  readonly allowed: ShownAllow | null;
  /** when it last brought accepted mail or a login; null where it is not in good standing, or nothing needs to know */
  readonly lastGood: string | null;
  /** newest last, 20 at most */
  readonly history: readonly HistoryEntry[];
  /** what other hosts have seen; missing where hosts share nothing, null while the shared server does not answer */
  readonly elsewhere?: SeenElsewhere | null;
}

/** Which hosts hold a change, where hosts share their blocks. */
export interface Confirmation {
  /** false: the server does not answer; the change goes to the other hosts when it does */
  readonly sent: boolean;
  /** other hosts that report to the server */
  readonly asked: number;
  /** of these, those that have not confirmed in time; 10 at most */
  readonly missing: readonly string[];
}

/** A host that shares. */
export interface ListedHost {
  readonly host: string;
  /** release of postblock */
  readonly release: string;
  /** digest of its rules: hosts with the same one count together */
  readonly rules: string;
  /** when it last reported */
  readonly seen: string;
  /** seconds by which it reads its log late */
  readonly lag: number;
  /** whether its events go to the server as it reads them; null of an earlier release */
  readonly sends: 'live' | 'catching-up' | 'behind' | null;
  /** events that it has read and the server has not counted; null where that is not known */
  readonly backlog: number | null;
}

export interface HostsAnswer extends Origin {
  readonly hosts: readonly ListedHost[];
}

/** The result of a reload. */
export interface ReloadAnswer {
  /** of the policy that was refused, bounded; empty where the new one runs */
  readonly mistakes: readonly string[];
}

/** What was done by hand to one client or network, or to the breaker. */
export interface DoneAnswer {
  readonly at: string;
  readonly done: readonly {
    readonly what: string;
    /** null for the breaker */
    readonly ip: string | null;
    readonly rule: string | null;
    readonly until: string | null;
    /** of a block that ended: the newest abuse of the client, and the newest mail that the block refused */
    readonly lastAbuse?: string | null;
    readonly lastRefused?: string | null;
  }[];
  /** which hosts hold it; missing where hosts share nothing */
  readonly hosts?: Confirmation;
}
