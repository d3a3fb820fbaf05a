// One SMTP session in the log that is still open: what has been seen of it, and what it will be charged with.

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
  /** ms; when its first line was stamped, of sessions that may never be told to end */
  readonly since?: number | undefined;
  /**
   * How it will have ended: by the server, by the client, by the server that waited for more, or by a fault that the
   * server saw, if it ended it at all.
   */
  ended?: 'dropped' | 'abandoned' | 'idle' | 'noticed' | undefined;
  /** the class of the drop that it will have been */
  class?: DropClass | undefined;
  /** the SMTP command at which the fault was seen */
  command?: string | undefined;
  /** the line that says so */
  line?: string | undefined;
  /** a TLS handshake failed, and the TLS library has not said why */
  handshake?: boolean;
  /** SASL user, where Postfix logged one */
  user?: string | undefined;
  /** a line told of an AUTH command */
  auth?: boolean;
  /** one of our own refusals was answered in it: the drop that follows is its echo */
  refused?: boolean;
  /** the message in hand, and the one already counted as rejected */
  queueId?: string | undefined;
  rejectedId?: string | undefined;
  /** the client behind the content filter that hands the message in hand back */
  origin?: Origin | undefined;
  /** its messages go through a filter in front of the queue, and what came back of one of them was rejected and counted */
  proxied?: boolean;
  rejectedBehind?: boolean;
}

/** Sessions are made by the million: all that most of them come to have is there from the start. */
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

/** Texts of its own. */
export function ownClient({ address, name }: Origin): Origin {
  return { address: own(address), name: name === undefined ? undefined : own(name) };
}

/** What a line says of how the connection ends. */
export type EndFact = Extract<Fact, { type: 'drop' | 'notice' | 'idle' | 'handshake' | 'abandon' }>;

/** A connection that the server dropped stays dropped, whatever its client does then. */
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

/** The TLS library says by whose doing the handshake failed. */
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

/** What the session said after a fault shows that it went on. */
export function goOn(session: Session): void {
  if (session.ended !== 'noticed') return;
  session.ended = undefined;
  session.command = undefined;
  session.line = undefined;
}

/** Postfix counts the commands of a session since 3.0 (smtpd.c, smtpd_format_cmd_stats): ` NAME=SUCCESSES[/ALL]`. */
const QUIT = ' quit=1';
const NO_COMMANDS = ' commands=0/0';
const ACCEPTED = / (?:data|bdat)=[1-9]/;

/**
 * Who ended the connection, now that it is over; undefined where that is no fault.
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

function hasAccepted({ queueId, rejectedId }: Session, counts = ''): boolean {
  return counts === '' ? queueId !== undefined && rejectedId === undefined : ACCEPTED.test(counts);
}

/**
 * smtpd has not executed the command at which it ended the session. Before 3.0, which has no counts, it never ended a
 * session for pipelining. postscreen ends the connection of a client that it does not hand on.
 */
function hasEndedIt({ class: of, command = '' }: Session, counts: string): boolean {
  if (of === 'postscreen') return true;
  if (command === 'CONNECT') return counts.includes(NO_COMMANDS);
  const place = counts.indexOf(` ${command.toLowerCase()}=`);
  return place >= 0 && /^ [a-z]{1,24}=\d{1,9}\//.test(counts.slice(place, place + 40));
}
