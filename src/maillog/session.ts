// One open SMTP session in the log: what was seen of it, and the event that it will end with.

import { own } from '../values/detached-string.ts';
import { lineOf } from './postfix/detail.ts';
import type { DropClass, Fact } from './postfix/fact.ts';
import type { LogRecord } from './syslog/record.ts';

/** A client behind a content filter. */
export interface Origin {
  readonly address: string;
  readonly name?: string | undefined;
}

/** Kept in snapshots, so it is plain JSON. */
export interface Session {
  readonly address: string;
  readonly name?: string | undefined;
  /** ms since 1970: stamp of its first line, for sessions that may end without a log line */
  readonly since?: number | undefined;
  /**
   * How the session ends: by the server, by the client, by the server that waited for more, or by a protocol error that
   * the server noticed and that may not end it.
   */
  ended?: 'dropped' | 'abandoned' | 'idle' | 'noticed' | undefined;
  /** the class of the drop, if it is one */
  class?: DropClass | undefined;
  /** the SMTP command at which the error was noticed */
  command?: string | undefined;
  /** the line that shows it */
  line?: string | undefined;
  /** a TLS handshake failed, and the TLS library has not logged why */
  handshake?: boolean;
  /** SASL user, where Postfix logged one */
  user?: string | undefined;
  /** an AUTH command was logged */
  auth?: boolean;
  /** Postfix logged an own refusal in it: the drop that follows is its consequence */
  refused?: boolean;
  /** the current message, and the one already counted as rejected */
  queueId?: string | undefined;
  rejectedId?: string | undefined;
  /** the client behind the content filter that returned the current message */
  origin?: Origin | undefined;
  /** its messages go through a before-queue filter, and a returned one was rejected and counted */
  proxied?: boolean;
  rejectedBehind?: boolean;
  /** the filter has returned its message to the queue */
  returned?: boolean;
  /** its current message is on hold, as all messages are */
  held?: boolean;
}

/** Sessions are made by the million: the fields that most of them need exist from the start. */
export function newSession({ address, name }: Origin, since?: number): Session {
  return {
    address: own(address),
    name: name === undefined ? undefined : own(name),
    since,
    ended: undefined,
    class: undefined,
    line: undefined,
    user: undefined,
    queueId: undefined,
    rejectedId: undefined,
  };
}

/** With detached strings. */
export function ownClient({ address, name }: Origin): Origin {
  return { address: own(address), name: name === undefined ? undefined : own(name) };
}

/** A fact about how the connection ends. */
export type EndFact = Extract<Fact, { type: 'drop' | 'notice' | 'idle' | 'handshake' | 'abandon' }>;

/** A connection that the server dropped stays dropped, whatever its client does after that. */
export function noteEnding(session: Session, fact: EndFact, record: LogRecord): void {
  switch (fact.type) {
    case 'drop':
      if (session.ended === 'dropped' && !session.handshake) break;
      end(session, 'dropped', fact.class, record);
      break;
    case 'handshake':
      if (session.ended === 'dropped') break;
      end(session, 'dropped', 'tls', record);
      session.handshake = true;
      break;
    case 'abandon':
      if (session.ended === 'abandoned' || (session.ended === 'dropped' && !session.handshake)) break;
      end(session, 'abandoned', undefined, record);
      break;
    case 'idle':
      if (session.ended === undefined || session.ended === 'noticed') end(session, 'idle', 'timeout', record);
      break;
    case 'notice':
      if (session.ended !== undefined) break;
      end(session, 'noticed', fact.class, record);
      if (fact.command !== undefined) session.command = own(fact.command);
      break;
  }
}

/** The TLS library logged which side made the handshake fail. */
export function explainHandshake(session: Session, isClients: boolean, record: LogRecord): void {
  if (!session.handshake) return;
  if (isClients) end(session, 'abandoned', undefined, record);
  else session.handshake = false;
}

function end(
  session: Session,
  ended: NonNullable<Session['ended']>,
  of: DropClass | undefined,
  record: LogRecord,
): void {
  session.ended = ended;
  session.class = of;
  session.line = lineOf(record);
  if (session.handshake) session.handshake = false;
}

/** A line after the noticed error shows that the session continued. */
export function goOn(session: Session): void {
  if (session.ended !== 'noticed') return;
  session.ended = undefined;
  session.command = undefined;
  session.line = undefined;
}

/** Postfix counts the commands of a session since 3.0 (smtpd.c, smtpd_format_cmd_stats): ` NAME=SUCCESSES[/ALL]`. */
export const QUIT = ' quit=1';
const NO_COMMANDS = ' commands=0/0';
const ACCEPTED = / (?:data|bdat)=[1-9]/;

/**
 * Which side ended the connection, now that it has ended; undefined where that is not abuse.
 *
 * @param counts of the disconnect line, undefined where there was none
 */
export function endedBy(session: Session, counts: string | undefined): 'server' | 'client' | undefined {
  if (counts?.includes(QUIT)) return undefined;
  switch (session.ended) {
    case 'dropped':
      return 'server';
    case 'abandoned':
      return 'client';
    case 'idle':
      return hasAccepted(session, counts) ? undefined : 'server';
    case 'noticed':
      return counts !== undefined && hasEndedIt(session, counts) ? 'server' : undefined;
    case undefined:
      return undefined;
  }
}

/** Whether a message was accepted. @param counts empty where there are none: then the current message decides */
export function hasAccepted({ queueId, rejectedId }: Session, counts = ''): boolean {
  return counts === '' ? queueId !== undefined && rejectedId === undefined : ACCEPTED.test(counts);
}

/**
 * smtpd does not execute the command at which it ends the session. Before 3.0, which has no counts, it never ended a
 * session for pipelining. postscreen ends the connection of a client that it does not pass on.
 */
function hasEndedIt({ class: of, command = '' }: Session, counts: string): boolean {
  if (of === 'postscreen') return true;
  if (command === 'CONNECT') return counts.includes(NO_COMMANDS);
  const place = counts.indexOf(` ${command.toLowerCase()}=`);
  return place >= 0 && /^ [a-z]{1,24}=\d{1,9}\//.test(counts.slice(place, place + 40));
}
