// What the support commands answer: the shapes of --json, and what the text is made of. Times in ISO 8601 UTC.

import type { Detail } from '../blocks/events/event.ts';

/** Printed with every answer of --json; raised with every change that a program could misread. */
export const ANSWER_VERSION = 1;

/** Where an answer comes from: the running daemon, or the files it left behind. */
export interface Origin {
  /** when the answer was true: now, or when the snapshot was written */
  readonly at: string;
  readonly source: 'daemon' | 'snapshot';
  /** what is wrong with the daemon itself, the oldest first; of a daemon that does not run nothing is known */
  readonly trouble: readonly Trouble[];
}

/** Something wrong with the daemon itself, or with what it lives by. */
export interface Trouble {
  /** its name in the daemon's log, such as `log-silent` */
  readonly what: string;
  readonly since: string;
  readonly reason: string;
}

export interface ListedBlock {
  readonly ip: string;
  readonly rule: string;
  /** false: only watched, Postfix is answered DUNNO */
  readonly enforced: boolean;
  readonly since: string;
  readonly until: string;
  /** events that led to it; 0 for a block by hand */
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
}

/** One event that led to a block, as far as the log told of it. */
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
  readonly firstRefused: string | null;
  /** newest last, 10 at most; fewer where there is no room for more */
  readonly evidence: readonly Evidence[];
  /** events of each kind within the rules' times when the block began */
  readonly counts: Readonly<Record<string, number>>;
  /** of the events that led to the block, those that have a class, by class */
  readonly classes: Readonly<Record<string, number>>;
  /** newest last, 50 at most; fewer where there is no room for more */
  readonly mails: readonly RefusedMail[];
}

export interface ShownCount {
  readonly rule: string;
  readonly enforced: boolean;
  readonly count: number;
  readonly limit: number;
  /** seconds */
  readonly within: number;
}

/** The entry of the allow list that covers a client; one made by hand has an end. */
export interface ShownAllow {
  readonly entry: string;
  readonly until: string | null;
  readonly by: string | null;
  readonly reason: string | null;
}

/** A line of the audit trail: see audit.jsonl. */
export type HistoryEntry = Readonly<Record<string, unknown>> & {
  readonly at: string;
  readonly event: string;
};

export interface ShowAnswer extends Origin {
  /** as it was asked for */
  readonly ip: string;
  /** under which it is counted: an address, or an IPv6 network */
  readonly key: string;
  readonly block: ShownBlock | null;
  readonly watching: readonly ShownBlock[];
  readonly counts: readonly ShownCount[];
  /** counted but not blocked until then */
  readonly graceUntil: string | null;
  readonly allowed: ShownAllow | null;
  /** newest last, 20 at most */
  readonly history: readonly HistoryEntry[];
}

/** What was done by hand to one client or network. */
export interface DoneAnswer {
  readonly at: string;
  readonly done: readonly {
    readonly what: string;
    readonly ip: string;
    readonly rule: string | null;
    readonly until: string | null;
  }[];
}

/** How the daemon is. All numbers count from its start. */
export interface StatusAnswer extends Origin {
  readonly source: 'daemon';
  /** of postblock */
  readonly release: string;
  readonly pid: number;
  readonly started: string;
  readonly log: {
    readonly sources: readonly string[];
    /** up to when the log has been read; null where it never was */
    readonly readTo: string | null;
    /** whether all that the sources hold now has been read */
    readonly atEnd: boolean;
    /** stamp of the newest line of smtpd, null where none was read */
    readonly heard: string | null;
    /** of smtpd, postscreen, cleanup and master */
    readonly lines: number;
    /** lines that told of a client */
    readonly understood: number;
    readonly events: number;
    /** lines that journald or rsyslogd dropped, as they say */
    readonly lost: number;
  };
  readonly policy: {
    readonly listening: readonly string[];
    readonly connections: number;
    readonly dunno: number;
    readonly reject: number;
  };
  readonly tracked: number;
  /** clients that are blocked, or watched by a rule that only watches */
  readonly blocks: number;
  /** clients let go for want of room */
  readonly forgotten: number;
  readonly snapshot: { readonly written: string | null; readonly failed: string | null };
  /** lines of audit.jsonl that could not be written and are lost */
  readonly audit: { readonly lost: number; readonly failed: string | null };
  /** faults inside, each of which is a line of the daemon's log */
  readonly faults: number;
  /** until when drops charge nobody, null where Postfix is not under stress */
  readonly stressUntil: string | null;
  /** failed logins that charged nobody, because the user database was probably down */
  readonly loginsSpared: number;
}
