// The events of the daemon's log: name, level, fields and meaning of each. The log takes no others.

import type { LogSpec } from '../../config/fields/log-fields.ts';
import type { TroubleName } from '../../health/status.ts';
import type {
  AdviceFields,
  BlockFields,
  BoundFields,
  EndFields,
  EntryFields,
  ListenerFields,
  SourceFields,
  SparedFields,
  TargetFields,
  Text,
  TroubleFields,
} from './event-fields.ts';
import type { Details } from './log-line.ts';

type Level = LogSpec['level'];
type None = Readonly<Record<never, never>>;

interface Kind<Fields extends Details> {
  readonly level: Level;
  /** one sentence */
  readonly meaning: string;
  /** clients can cause it at will, so that the log writes at most 20 lines of it in a minute */
  readonly isLimited: boolean;
  /** never set: carries the type */
  readonly fields?: Fields;
}

function kind<Fields extends Details = None>(level: Level, meaning: string): Kind<Fields> {
  return { level, meaning, isLimited: false };
}

function limited<Fields extends Details>(meaning: string): Kind<Fields> {
  return { level: 'warn', meaning, isLimited: true };
}

/** Totals that grow: written when they start to grow, and with `-over` and the sum when they no longer do. */
const GROWING = {
  'max-tracked-reached': kind<BoundFields>('warn', 'Records of clients are evicted.'),
  'support-detail-reached': kind<BoundFields>('warn', 'Notes about clients are evicted.'),
  'policy-connections-reached': kind<BoundFields>('warn', 'Policy connections are closed for others.'),
  'control-connections-reached': kind<BoundFields>('warn', 'Control connections are closed for others.'),
  'sessions-reached': kind<BoundFields>('warn', 'Open SMTP sessions are evicted.'),
  'log-ahead': kind<AdviceFields>('warn', 'Log lines are stamped in the future.'),
  'own-lines-lost': kind<AdviceFields>('warn', 'Lines of this log could not be written.'),
} as const;

const TROUBLES = {
  'log-source-lost': kind<TroubleFields & { readonly source?: Text }>('warn', 'A log source cannot be read.'),
  'log-silent': kind<TroubleFields>('error', 'Postfix asks about messages, but smtpd logs nothing.'),
  'log-not-understood': kind<TroubleFields>('error', 'No line of smtpd is understood.'),
  'log-late': kind<TroubleFields>('error', 'The stamps of a log source differ from the clock.'),
  'log-lines-lost': kind<TroubleFields>('error', 'The syslog daemon drops lines of Postfix.'),
  'logins-failing': kind<TroubleFields>('error', 'Logins of known clients fail.'),
  'snapshot-failed': kind<TroubleFields>('error', 'The snapshot could not be written.'),
  'audit-failed': kind<TroubleFields>('error', 'The audit trail could not be read or written.'),
  'max-blocked-reached': kind<TroubleFields>('error', 'Blocks end early to make room for others.'),
  'breaker-open': kind<TroubleFields>('error', 'Clients in good standing are not blocked.'),
  'proxy-suspected': kind<TroubleFields>('error', 'Postfix sees a proxy instead of the clients.'),
  'reload-refused': kind<TroubleFields & { readonly mistakes?: number; readonly policy?: string }>(
    'error',
    'policy.yml has mistakes; the running policy stays.',
  ),
  'not-asked': kind<TroubleFields>('error', 'Postfix accepts messages without asking.'),
  'not-enforced': kind<TroubleFields>('error', 'A service of Postfix does not refuse blocked clients.'),
  'share-down': kind<TroubleFields>('error', 'The server that hosts share does not answer or refuses.'),
  'share-host-taken': kind<TroubleFields>('error', 'Another process shares under the name of this host.'),
  'share-clock': kind<TroubleFields>('error', 'The clock differs from that of the shared server.'),
  'export-failed': kind<TroubleFields>('error', 'A file under `export:` could not be written.'),
  'notices-failing': kind<TroubleFields>('error', 'A target under `on-block:` gets no notices.'),
  'metrics-down': kind<TroubleFields>('error', 'Metrics are not served where policy.yml says.'),
  'share-behind': kind<TroubleFields>('error', 'The shared server counts the events of this host late.'),
} as const satisfies Readonly<Record<TroubleName, Kind<TroubleFields>>>;

export const LOG_EVENTS = {
  start: kind<{
    readonly version: string;
    readonly policy: string;
    readonly state: string;
    readonly pid: number;
  }>('info', 'The daemon starts.'),
  'running-as-root': kind<AdviceFields>('warn', 'The daemon runs as root and need not.'),
  'state-exposed': kind<{ readonly state: string; readonly reason: string }>(
    'warn',
    'Others can write to the state directory.',
  ),
  'blocks-read': kind<{ readonly blocks: number; readonly age: string }>(
    'info',
    'The daemon has read which clients are blocked; it reads the counts while it answers.',
  ),
  'snapshot-read': kind<{
    readonly tracked: number;
    readonly blocks: number;
    readonly age: string;
    readonly file: Text;
    readonly redone: number;
  }>('info', 'The daemon has read its snapshot and the later lines of the audit trail.'),
  'snapshot-set-aside': kind<{ readonly name: Text; readonly reason: string }>(
    'error',
    'A snapshot could not be used and was renamed.',
  ),
  'audit-set-aside': kind<{ readonly name: string }>('error', 'audit.jsonl was not a file and was renamed.'),
  'state-rebuilt': kind<{
    readonly blocks: number;
    readonly watched: number;
    readonly graces: number;
    readonly allowed: number;
    readonly lines: number;
    readonly since: string;
    readonly advice: string;
  }>('warn', 'Without a snapshot, blocks were rebuilt from the audit trail.'),
  listening: kind<{ readonly address: string }>('info', 'A listener of the policy service is open.'),
  'log-source': kind<SourceFields>('info', 'A source of the mail log is followed.'),
  ready: kind<{ readonly rules: number; readonly tracked: number }>('info', 'The daemon has started.'),
  stop: kind('info', 'The daemon has stopped.'),
  reload: kind<{ readonly rules: number; readonly listening: string; readonly changed: string }>(
    'info',
    'policy.yml was reloaded.',
  ),
  'policy-mistake': kind<{ readonly mistake: string }>('error', 'A mistake in policy.yml.'),
  'state-unchanged': kind<{ readonly reason: string }>(
    'warn',
    'The option `state:` was changed, which needs a restart.',
  ),
  'share-state-unchanged': kind<{ readonly reason: string }>(
    'error',
    'The option `share-state:` was changed, and the new server cannot be used: that from before is.',
  ),
  'share-not-understood': limited<{ readonly changes: number }>(
    'Hosts with a newer release made changes that this one does not know.',
  ),
  'share-key-set-aside': kind<{ readonly key: string; readonly name: string }>(
    'warn',
    'A key of another program stood in the place of one of postblock, and was renamed.',
  ),
  block: kind<BlockFields>('info', 'A client is blocked.'),
  'block-end': kind<EndFields>('info', 'A block has ended.'),
  'watched-block': kind<BlockFields>('info', 'A rule with `enforce: false` would block a client.'),
  'watched-block-end': kind<EndFields>('info', 'A watched block has ended.'),
  spared: kind<SparedFields>('info', 'A client has reached a limit and is not blocked.'),
  'watched-spared': kind<SparedFields>(
    'info',
    'A client has reached the limit of a rule with `enforce: false`, which would not block it.',
  ),
  grace: kind<EntryFields>('info', 'A client is not blocked for a time.'),
  allow: kind<EntryFields>('info', 'A temporary allow entry was added.'),
  disallow: kind<EntryFields>('info', 'A temporary allow entry was removed or has expired.'),
  refused: kind<{
    readonly ip: string;
    readonly rule: string;
    readonly sender?: Text;
    readonly recipient?: Text;
  }>('debug', 'Postfix refused a recipient or a message because of a block.'),
  snapshot: kind<{ readonly tracked: number; readonly ms: number }>('debug', 'A snapshot was written.'),
  'audit-lines-lost': limited<{ readonly lines: number }>('Lines of the audit trail were lost.'),
  'log-source-found': kind<SourceFields>('info', 'A log source can be read again.'),
  'log-rotated': kind<SourceFields & { readonly next: string }>('info', 'The log was rotated.'),
  'log-truncated': kind<SourceFields>('info', 'The log was truncated.'),
  'log-gap': kind<SourceFields & { readonly since: Text; readonly until: Text }>(
    'warn',
    'Lines of the log are gone unread.',
  ),
  'log-line-overlong': limited<SourceFields>('A line of the log is too long and was skipped.'),
  'stress-began': kind<{ readonly until: Text; readonly advice: string }>('warn', 'Postfix is under stress.'),
  'stress-over': kind<{ readonly drops: number }>('warn', 'Postfix is no longer under stress.'),
  'policy-client-refused': limited<ListenerFields>('A policy client sent an invalid request.'),
  'listener-failed': kind<ListenerFields>('error', 'A listener of the policy service failed.'),
  'listener-lost': kind<ListenerFields>('error', 'A listener is not reachable and could not be reopened.'),
  'listener-reopened': kind<ListenerFields>('warn', 'A listener was not reachable and was reopened.'),
  'socket-not-listed': kind<ListenerFields>('warn', 'systemd passes a socket that `listen:` does not have.'),
  'socket-not-passed': kind<ListenerFields>('warn', 'systemd passes sockets, but not the one of a listener.'),
  'notify-failed': kind<{ readonly reason: string }>('warn', 'systemd cannot be notified.'),
  'notice-failed': kind<TargetFields & { readonly reason: string }>(
    'warn',
    'A notice could not be delivered; further failures of its target are not logged.',
  ),
  'notices-unsent': kind<TargetFields & { readonly events: number }>(
    'warn',
    'Events of which a target under `on-block:` got no notice.',
  ),
  'metrics-listening': kind<{ readonly address: string }>('info', 'Metrics are served.'),
  'control-failed': limited<{ readonly reason: string }>('The control socket failed.'),
  fault: limited<{ readonly where: string; readonly reason: string }>('An internal error.'),
  ...TROUBLES,
  ...GROWING,
} as const satisfies Readonly<Record<string, Kind<Details>>>;

type Table = typeof LOG_EVENTS;
type FieldsOf<Name extends keyof Table> = Table[Name] extends Kind<infer Fields> ? Fields : never;

/** A total that grows, and the fields of its line. */
export type GrowingName = keyof typeof GROWING;
export type GrowingFields = BoundFields | AdviceFields;

/** The start of a trouble. */
export type TroubleEvent = { readonly event: TroubleName } & TroubleFields;

/** The end of a trouble; `spared` failed logins were not counted; `by` and `why` where it was ended by hand. */
type TroubleOver = {
  readonly event: `${TroubleName}-over`;
  readonly since: string;
  readonly spared?: number | undefined;
  readonly by?: Text;
  readonly why?: Text;
};

/** All that the daemon's log takes, discriminated by `event`. */
export type LogEvent =
  | {
      [Name in Exclude<keyof Table, GrowingName>]: { readonly event: Name } & FieldsOf<Name>;
    }[Exclude<keyof Table, GrowingName>]
  | TroubleOver;

const OVER = kind('warn', 'A trouble has ended.');

/** Level and limit of an event. */
export function kindOf(event: LogEvent['event']): Pick<Kind<Details>, 'level' | 'isLimited'> {
  return isInTable(event) ? LOG_EVENTS[event] : OVER;
}

function isInTable(event: string): event is keyof Table {
  return Object.hasOwn(LOG_EVENTS, event);
}
