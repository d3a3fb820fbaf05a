// Events: what the mail log shows that a client did.

/** Kinds of abuse. A rule that counts a kind counts all of its classes. */
export const KINDS = [
  'rejected-recipient',
  'auth-failure',
  'dropped-connection',
  'abandoned-connection',
  'rejected-message',
  'mailbox-full',
  'probe',
] as const;

export type Kind = (typeof KINDS)[number];

/** The classes of the kinds that have some. Names are unique over all kinds, and none is the name of a kind. */
export const CLASSES = {
  'rejected-recipient': [
    'unknown-recipient',
    'relay-denied',
    'listed-client',
    'refused-client',
    'refused-helo',
    'refused-sender',
    'refused-by-policy',
    'refused-recipient',
  ],
  'dropped-connection': ['too-many-errors', 'timeout', 'protocol', 'rate-limit', 'tls', 'postscreen'],
  'rejected-message': ['content', 'milter', 'proxy', 'restriction'],
  probe: ['vrfy', 'auth-not-offered', 'relay-deferred'],
} as const satisfies Partial<Record<Kind, readonly string[]>>;

/** The kinds that have classes. */
export type ClassifiedKind = keyof typeof CLASSES;

export type EventClass = (typeof CLASSES)[ClassifiedKind][number];

/** What a log line holds beside the client and the kind. Clients write most of it; every text is bounded. */
export interface Detail {
  /** SMTP command at which Postfix refused */
  readonly stage?: string;
  readonly sender?: string;
  readonly recipient?: string;
  readonly helo?: string;
  /** the server's answer */
  readonly reply?: string;
  /** SASL user name and mechanism */
  readonly user?: string;
  readonly mechanism?: string;
  /** how the connection ended */
  readonly ending?: string;
  /** the log line without its time */
  readonly line: string;
}

/** Abuse by one SMTP client, at one moment. */
export interface AbuseEvent {
  readonly kind: Kind;
  /** One of the kind's classes; undefined only where the kind has none. */
  readonly class?: EventClass | undefined;
  /** Event time, ms since 1970: the log line's stamp. */
  readonly at: number;
  /** The client's address as Postfix printed it. */
  readonly address: string;
  /** The client's forward-confirmed name, where Postfix printed one other than `unknown`. */
  readonly name?: string | undefined;
  /** of an auth failure: a hash of the user, where Postfix logs the user (from 3.9 on) */
  readonly user?: number | undefined;
  /** Evaluated only where it is kept: near a limit. */
  readonly detail?: (() => Detail) | undefined;
}

/** One own refusal as Postfix logs it: the mail that a block cost. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly at: number;
  readonly address: string;
  readonly name?: string | undefined;
  readonly detail?: (() => Detail) | undefined;
}

/** A client, at one moment. */
interface Moment {
  /** Event time, ms since 1970: the log line's stamp. */
  readonly at: number;
  /** The client's address as Postfix printed it. */
  readonly address: string;
  /** The client's forward-confirmed name, where Postfix printed one other than `unknown`. */
  readonly name?: string | undefined;
  /** Only abuse has these. */
  readonly class?: undefined;
  readonly detail?: undefined;
}

/** Postfix accepted a message: each message once, when it enters the queue. */
export interface AcceptedMessage extends Moment {
  readonly kind: 'accepted-message';
  /** recipients of the message, 1 where the log does not show how many */
  readonly recipients: number;
}

/** A client logged in. */
export interface Login extends Moment {
  readonly kind: 'login';
  /** a hash of the user, as that of an auth failure; undefined where Postfix did not log the user */
  readonly user: number | undefined;
}

/** A connection that the client ended in order. */
export interface EndedConnection extends Moment {
  readonly kind: 'ended-connection';
}

/** What a client did well: for shares, forgiveness and good standing. It is never abuse. */
export type GoodEvent = AcceptedMessage | Login | EndedConnection;

export type LogEvent = AbuseEvent | Refusal | GoodEvent;

export function isGood(event: LogEvent): event is GoodEvent {
  const { kind } = event;
  return kind === 'accepted-message' || kind === 'login' || kind === 'ended-connection';
}

export function isAbuse(event: LogEvent): event is AbuseEvent {
  return event.kind !== 'refusal' && !isGood(event);
}
