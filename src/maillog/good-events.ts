// What clients do well, from the log: accepted messages, logins, and connections that end in order.

import type { GoodEvent } from '../blocks/events/event.ts';
import { userHash } from './login-user.ts';
import type { OpenSessions } from './open-sessions.ts';
import { type Client, isLoopback } from './postfix/client.ts';
import type { AcceptFact, MessageFact } from './postfix/fact.ts';
import { hasAccepted, type Origin, ownClient, QUIT, type Session } from './session.ts';
import type { LogRecord } from './syslog/record.ts';
import { WaitingMessages, type WaitingState } from './waiting-messages.ts';

type Emit = (event: GoodEvent) => void;

/** A session that has ended, and the client of its disconnect line, whose counts (from Postfix 3.0 on) follow it. */
export interface Ended {
  readonly session: Session;
  readonly client: Client;
  readonly message: string;
}

/** ` auth=SUCCESSES[/ALL]` of the disconnect line (smtpd.c, smtpd_format_cmd_stats) */
const AUTH = ' auth=';
const ZERO = 48;
const UNKNOWN = 'unknown';
/** The last of its counts. */
const COUNTED = ' commands=';

export class GoodEvents {
  readonly #open: OpenSessions;
  readonly #waiting = new WaitingMessages();
  #isWanted = false;

  constructor(open: OpenSessions) {
    this.#open = open;
  }

  /** Whether they are read: nothing is kept for them, and nothing emitted, as long as no rule needs them. */
  get isWanted(): boolean {
    return this.#isWanted;
  }

  set isWanted(isWanted: boolean) {
    this.#isWanted = isWanted;
    if (!isWanted) this.#waiting.clear();
  }

  get state(): WaitingState {
    return this.#waiting.state;
  }

  restore(state: unknown): void {
    if (this.#isWanted) this.#waiting.restore(state);
  }

  /** A message begins in this session. Called before the session takes it up, for it ends the one before. */
  begin(fact: MessageFact, session: Session, record: LogRecord, emit: Emit): void {
    if (!this.#isWanted) return;
    if (session.held) this.#finishHeld(session, record, emit);
    const { queueId, user } = fact;
    // The first message after a login shows its user.
    if (user !== undefined && session.user === undefined) login(session, userHash(user), record, emit);
    if (queueId === undefined) session.returned = false;
    else this.#waiting.begin(record.process, queueId, this.#clientOf(fact, session), record.at);
  }

  /** A line shows that Postfix accepts a message. */
  accept(fact: AcceptFact, record: LogRecord, emit: Emit): void {
    if (!this.#isWanted) return;
    if (fact.type === 'queued') {
      accepted(this.#waiting.take(record.process, fact.queueId, record.at), fact.recipients, record, emit);
      return;
    }
    if (fact.type === 'held') {
      const session = this.#open.byQueueId(fact.queueId);
      if (session !== undefined) session.held = true;
      return;
    }
    const session = this.#open.ofProcess(record);
    if (session === undefined || !session.proxied) return;
    // What the filter returned to the queue says how many recipients there are.
    if (!session.returned) accepted(session, 1, record, emit);
    session.proxied = false;
  }

  /** @param isDrop the server or the client broke the connection off */
  end({ session, client, message }: Ended, isDrop: boolean, record: LogRecord, emit: Emit): void {
    if (!this.#isWanted || record.program !== 'smtpd') return;
    const { end, address, name } = client;
    const hasQuit = message.includes(QUIT, end);
    const hasCounts = hasQuit || message.includes(COUNTED, end);
    if (session.queueId !== undefined) {
      const isAccepted = hasCounts ? hasAccepted(session, message.slice(end)) : !isDrop;
      if (session.held && isAccepted) this.#finishHeld(session, record, emit);
      if (hasCounts && !isAccepted) this.#waiting.take(record.process, session.queueId, record.at);
    }
    if (session.user === undefined && hasLoggedIn(message, end)) login(client, undefined, record, emit);
    if (isDrop || session.refused || isNobody(address)) return;
    // Without QUIT, something else ended it, if only a 421 reply. A client that is done may wait for its timeout instead.
    if (hasQuit || !hasCounts || session.ended === 'idle')
      emit({ kind: 'ended-connection', at: record.at, address, name });
  }

  /** The client that a message is credited to; undefined where it is nobody's, or was credited before. */
  #clientOf({ isRequeued, origin }: MessageFact, session: Session): Origin | undefined {
    if (isRequeued) return undefined;
    if (origin === undefined) return isNobody(session.address) ? undefined : session;
    // Before 2.8 the queue ID that the message had is missing. Only a message that is still on its way has none.
    const front = this.#open.proxiedOf(origin.address, ({ returned }) => !returned);
    if (front === undefined) return undefined;
    front.returned = true;
    return ownClient(origin);
  }

  /** A message on hold was accepted, if it was not refused: its session went on, or ended with messages accepted. */
  #finishHeld(session: Session, record: LogRecord, emit: Emit): void {
    session.held = false;
    const { queueId, rejectedId } = session;
    if (queueId !== undefined && queueId !== rejectedId)
      accepted(this.#waiting.take(record.process, queueId, record.at), 1, record, emit);
  }
}

/** Whether an AUTH command succeeded. @param end of the client in the disconnect line */
function hasLoggedIn(message: string, end: number): boolean {
  const auth = message.indexOf(AUTH, end);
  return auth >= 0 && message.charCodeAt(auth + AUTH.length) > ZERO;
}

/** This host, or a client that was gone before Postfix could look at its address. */
function isNobody(address: string): boolean {
  return address === UNKNOWN || isLoopback(address);
}

function accepted(client: Origin | undefined, recipients: number, { at }: LogRecord, emit: Emit): void {
  if (client === undefined || isNobody(client.address)) return;
  emit({ kind: 'accepted-message', at, address: client.address, name: client.name, recipients });
}

function login({ address, name }: Origin, user: number | undefined, { at }: LogRecord, emit: Emit): void {
  if (!isNobody(address)) emit({ kind: 'login', at, address, name, user });
}
