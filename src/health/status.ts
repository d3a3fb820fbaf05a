// How the daemon is: the answer to `status`, an object of --json. Times in ISO 8601 UTC.

/** Where an answer comes from: the running daemon, or the files it left behind. */
export interface Origin {
  /** when the answer was true: now, or when the snapshot was written */
  readonly at: string;
  readonly source: 'daemon' | 'snapshot';
  /** what is wrong with the daemon itself, the oldest first; of a daemon that does not run nothing is known */
  readonly trouble: readonly Trouble[];
}

/** The troubles that the daemon knows, each by the name of its log event. */
export const TROUBLES = [
  'log-source-lost',
  'log-silent',
  'log-not-understood',
  'log-late',
  'log-lines-lost',
  'logins-failing',
  'snapshot-failed',
  'audit-failed',
  'max-blocked-reached',
] as const;

export type TroubleName = (typeof TROUBLES)[number];

/** A state of the daemon, or of something it depends on, that needs attention. */
export interface Trouble {
  readonly what: TroubleName;
  readonly since: string;
  readonly reason: string;
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
