// The answer to `status`, an object of --json. Times in ISO 8601 UTC.

/** Where an answer comes from: the running daemon, or its state directory. */
export interface Origin {
  /** when the answer was true: now, or when the snapshot was written */
  readonly at: string;
  readonly source: 'daemon' | 'snapshot';
  /** the daemon's troubles, the oldest first; empty where no daemon runs */
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
  'breaker-open',
  'proxy-suspected',
  'reload-refused',
  'not-asked',
  'not-enforced',
  'share-down',
  'share-host-taken',
  'share-clock',
  'notices-failing',
  'export-failed',
  'metrics-down',
  'share-behind',
] as const;

export type TroubleName = (typeof TROUBLES)[number];

/** A state of the daemon, or of something it depends on, that needs attention. */
export interface Trouble {
  readonly what: TroubleName;
  readonly since: string;
  readonly reason: string;
}

/** What a host shares with others on a server. */
export interface SharingStatus {
  /** name of this host */
  readonly host: string;
  /** digest of the rules: hosts with the same one count together */
  readonly rules: string;
  /** whether the server answers */
  readonly up: boolean;
  /** live: events go to the server as they are read; catching-up: those of before go; behind: none do */
  readonly sends: 'live' | 'catching-up' | 'behind';
  /** the server has counted all events from before; null while events go as they are read */
  readonly countedTo: string | null;
  /** events that this host has read and the server has not counted; null where that is not known */
  readonly backlog: number | null;
}

/** All numbers count from the start of the daemon. */
export interface StatusAnswer extends Origin {
  readonly source: 'daemon';
  /** of postblock */
  readonly release: string;
  readonly pid: number;
  readonly started: string;
  /** whether the state is still being read: the figures about clients are not complete */
  readonly starting: boolean;
  readonly log: {
    readonly sources: readonly string[];
    /** the time up to which the log has been read, null where it never was */
    readonly readTo: string | null;
    /** whether all that the sources hold now has been read */
    readonly atEnd: boolean;
    /** stamp of the newest line of smtpd, null where none was read */
    readonly heard: string | null;
    /** of smtpd, postscreen, cleanup and master */
    readonly lines: number;
    /** lines that were understood */
    readonly understood: number;
    readonly events: number;
    /** lines that journald or rsyslogd report as dropped */
    readonly lost: number;
  };
  readonly policy: {
    readonly listening: readonly string[];
    readonly connections: number;
    readonly dunno: number;
    readonly reject: number;
    /** of the DUNNOs, those for clients that have logged in, though they are blocked */
    readonly passed: number;
  };
  readonly tracked: number;
  /** clients that are blocked, or watched by a rule that only watches */
  readonly blocks: number;
  /** clients evicted (max-tracked reached) */
  readonly forgotten: number;
  /** clients that reached a limit and are not blocked now */
  readonly spared: number;
  /** when the breaker opened; null while it is closed */
  readonly breakerSince: string | null;
  readonly snapshot: { readonly written: string | null; readonly failed: string | null };
  /** lines of audit.jsonl that could not be written and are lost */
  readonly audit: { readonly lost: number; readonly failed: string | null };
  /** internal errors, each of which is a line of the daemon's log */
  readonly faults: number;
  /** dropped connections are not counted until then; null where Postfix is not under stress */
  readonly stressUntil: string | null;
  /** failed logins that were not counted, because the user database was probably down */
  readonly loginsSpared: number;
  /** of policy.yml, where its last reload was refused */
  readonly policyMistakes: readonly string[];
  /** what this host shares with others; null where policy.yml has no share-state */
  readonly sharing: SharingStatus | null;
}
