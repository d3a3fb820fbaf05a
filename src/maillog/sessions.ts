// SMTP sessions in the log: from facts to events, with the client that each session and queue ID belongs to.

import type { Detail, Kind, LogEvent } from '../blocks/event.ts';
import { own } from '../blocks/own.ts';
import type { Client } from './client.ts';
import { authFailureDetail, clipped, endingDetail, lineOf, rejectionDetail } from './detail.ts';
import { type Fact, MAX_USER, type MessageFact, type Stage } from './fact.ts';
import { Logins, type LoginsState } from './logins.ts';
import type { LogRecord } from './record.ts';
import type { OwnTexts } from './reply.ts';

type Emit = (event: LogEvent) => void;
type Rejection = Extract<Fact, { type: 'reject' }>;
type SessionFact = Exclude<Fact, { type: 'stress' | 'reject' | 'auth-failure' }>;

/** What has been seen of one session that is still open. Kept in snapshots, so it is plain JSON. */
export interface Session {
  readonly address: string;
  readonly name?: string | undefined;
  /** how it will have ended: by the server, or by the client */
  ended?: 'dropped' | 'abandoned';
  /** the line that says so */
  line?: string;
  /** SASL user, where Postfix logged one */
  user?: string;
  /** one of our own refusals was answered in it: the drop that follows is its echo */
  refused?: boolean;
  /** the message in hand, and the one already counted as rejected */
  queueId?: string | undefined;
  rejectedId?: string;
}

/** The whole state of the log reader, as a snapshot keeps it. */
export interface SessionState {
  readonly open: readonly (readonly [string, Session])[];
  /** ms; until when drops charge nobody, because Postfix is short of processes */
  readonly stressUntil: number;
  /** missing in older files */
  readonly logins?: LoginsState;
}

/**
 * More than any Postfix runs processes (default_process_limit is 100). When log lines are lost and nobody closes
 * sessions, the oldest go.
 */
export const MOST_SESSIONS = 10_000;
/** Sessions that go at once. */
const LET_GO = 100;

/**
 * STRESS_README: smtpd runs with `stress=yes` for at least 1000 s after all ports were busy, and master(8) warns of it
 * at most once in 1000 s; between two warnings the last hit can be nearly as long ago as that.
 */
const STRESS = 2_000_000;

/** Stages at which a message is refused as a whole. */
export const AFTER_DATA: readonly Stage[] = ['DATA', 'BDAT', 'END-OF-MESSAGE'];

export class Sessions {
  readonly logins = new Logins();
  readonly #texts: OwnTexts;
  readonly #open = new Map<string, Session>();
  /** queue ID to session key */
  readonly #messages = new Map<string, string>();
  #stressUntil = 0;
  #spared = 0;
  #letGo = 0;

  constructor(texts: OwnTexts) {
    this.#texts = texts;
  }

  /** ms; drops before this moment charge nobody */
  get stressUntil(): number {
    return this.#stressUntil;
  }

  /** Drops that charged nobody since the start, because Postfix was under stress. */
  get spared(): number {
    return this.#spared;
  }

  /** Sessions that nobody closed, let go for want of room since the start. */
  get letGo(): number {
    return this.#letGo;
  }

  get state(): SessionState {
    return { open: [...this.#open], stressUntil: this.#stressUntil, logins: this.logins.state };
  }

  /** Takes a state back; of what a damaged file holds in its place, only what has the form of sessions. */
  restore(state: unknown): void {
    const { open = [], stressUntil = 0, logins } = (state ?? {}) as Partial<SessionState>;
    this.logins.restore(logins);
    if (typeof stressUntil === 'number') this.#stressUntil = stressUntil;
    for (const [key, session] of Array.isArray(open) ? open.filter(isOpenSession) : []) {
      this.#open.set(key, session);
      if (session.queueId !== undefined) this.#messages.set(session.queueId, key);
    }
  }

  /** Takes one fact and the record it came from; calls `emit` for each event that is now certain. */
  take(fact: Fact, record: LogRecord, emit: Emit): void {
    if (fact.type === 'stress') this.#stressUntil = record.at + STRESS;
    else if (fact.type === 'auth-failure') this.#authFailure(fact.client, record, emit);
    else if (fact.type === 'reject') this.#reject(fact, record, emit);
    else this.#follow(fact, record, emit);
  }

  #authFailure(client: Client, record: LogRecord, emit: Emit): void {
    if (this.logins.spares(record, client.address)) return;
    emit(eventOf('auth-failure', record.at, client, () => authFailureDetail(record)));
  }

  #follow(fact: SessionFact, record: LogRecord, emit: Emit): void {
    const key = keyOf(record, fact.client);
    switch (fact.type) {
      case 'connect':
        // The disconnect of the session before was not logged: it has ended all the same.
        this.#close(key, record.at, emit);
        this.#session(key, fact.client);
        break;
      case 'disconnect':
        this.#close(key, record.at, emit);
        break;
      case 'pass':
        this.#pass(key);
        break;
      case 'message':
        this.#message(key, fact, record);
        break;
      case 'drop':
        if (this.#isStressed(record.at)) this.#spared++;
        else end(this.#session(key, fact.client), 'dropped', record);
        break;
      case 'abandon':
        end(this.#session(key, fact.client), 'abandoned', record);
        break;
    }
  }

  #reject(fact: Rejection, record: LogRecord, emit: Emit): void {
    const session = this.#sessionOfReject(fact, record);
    const client = record.program === 'cleanup' ? (session ?? fact.client) : (fact.client ?? session);
    if (client === undefined) return;
    const detail = () => rejectionDetail(record, fact.stage, fact.reply, session?.user);
    if (this.#texts.match(fact.reply)) {
      if (session !== undefined) session.refused = true;
      emit(eventOf('refusal', record.at, client, detail));
    } else if (fact.stage === 'RCPT') {
      emit(eventOf('rejected-recipient', record.at, client, detail));
    } else if (AFTER_DATA.includes(fact.stage) && isFirstOf(fact.queueId, session)) {
      emit(eventOf('rejected-message', record.at, client, detail));
    }
  }

  /** The session a rejection belongs to: that of its queue ID where cleanup logged it, else that of the process. */
  #sessionOfReject(fact: Rejection, record: LogRecord): Session | undefined {
    if (record.program === 'cleanup') return this.#open.get(this.#messages.get(fact.queueId ?? '') ?? '');
    const key = keyOf(record, fact.client);
    if (fact.client === undefined || record.program === 'postscreen') return this.#open.get(key);
    // The process may have been handed another client by XCLIENT since it logged its connect.
    return this.#session(key, fact.client);
  }

  /** What lies further ahead than stress can last was said by a clock, or a damaged file, that was wrong. */
  #isStressed(at: number): boolean {
    const left = this.#stressUntil - at;
    return left > 0 && left <= 2 * STRESS;
  }

  #message(key: string, { client, queueId, user }: MessageFact, record: LogRecord): void {
    const session = this.#session(key, client);
    // Of each login the first message tells.
    if (user !== undefined && session.user === undefined) this.logins.succeeded(record, client.address, user);
    if (user !== undefined) session.user = clipped(user, MAX_USER);
    if (queueId === undefined) return;
    this.#forgetMessage(key, session);
    const kept = own(queueId);
    // Postfix uses short queue IDs again: a session that still holds this one has done with it.
    const holder = this.#open.get(this.#messages.get(kept) ?? '');
    if (holder !== undefined) holder.queueId = undefined;
    session.queueId = kept;
    this.#messages.set(kept, key);
  }

  /** The open session of this key; one that began before the log was read, or of another client, begins here. */
  #session(key: string, client: Client): Session {
    const known = this.#open.get(key);
    if (known?.address === client.address) return known;
    if (known !== undefined) this.#forget(key, known);
    if (this.#open.size >= MOST_SESSIONS) this.#letOldestGo();
    const { address, name } = client;
    const session: Session = { address: own(address), name: name === undefined ? undefined : own(name) };
    this.#open.set(key, session);
    return session;
  }

  /**
   * Many at once: a Map's first key is found by passing over all that were deleted. To keep its iterator instead would
   * keep every table that the Map has outgrown since.
   */
  #letOldestGo(): void {
    let left = LET_GO;
    for (const [key, session] of this.#open) {
      if (left-- === 0) break;
      this.#forget(key, session);
      this.#letGo++;
    }
  }

  #close(key: string, at: number, emit: Emit): void {
    const session = this.#open.get(key);
    if (session === undefined) return;
    this.#forget(key, session);
    if (session.ended === undefined || session.refused) return;
    const kind = session.ended === 'dropped' ? 'dropped-connection' : 'abandoned-connection';
    const { line = '' } = session;
    emit(eventOf(kind, at, session, () => endingDetail(line)));
  }

  /** What went on at postscreen was no drop. */
  #pass(key: string): void {
    const session = this.#open.get(key);
    if (session !== undefined) this.#forget(key, session);
  }

  #forget(key: string, session: Session): void {
    this.#forgetMessage(key, session);
    this.#open.delete(key);
  }

  #forgetMessage(key: string, { queueId }: Session): void {
    if (queueId !== undefined && this.#messages.get(queueId) === key) this.#messages.delete(queueId);
  }
}

function isOpenSession(entry: unknown): entry is [string, Session] {
  if (!Array.isArray(entry)) return false;
  const [key, session] = entry as readonly unknown[];
  if (typeof key !== 'string' || typeof session !== 'object' || session === null) return false;
  const { address, ended, refused, ...more } = session as Readonly<Record<string, unknown>>;
  const isTold = (text: unknown) => text === undefined || typeof text === 'string';
  const isEnd = ended === undefined || ended === 'dropped' || ended === 'abandoned';
  const isRefused = refused === undefined || typeof refused === 'boolean';
  return typeof address === 'string' && isEnd && isRefused && Object.values(more).every(isTold);
}

/** An smtpd process serves one client at a time; postscreen serves many, told apart by address and port. */
function keyOf(record: LogRecord, client: Client | undefined): string {
  return record.program === 'postscreen'
    ? `${record.process} ${client?.address}:${client?.port}`
    : record.process;
}

/** Whether this is the first rejection of a message: it is counted once, however many lines tell of it. */
function isFirstOf(queueId: string | undefined, session: Session | undefined): boolean {
  if (queueId === undefined || session === undefined) return true;
  if (session.rejectedId === queueId) return false;
  session.rejectedId = own(queueId);
  return true;
}

/** A connection that the server dropped stays dropped, whatever its client does then. */
function end(session: Session, ended: 'dropped' | 'abandoned', record: LogRecord): void {
  if (session.ended === 'dropped' || session.ended === ended) return;
  session.ended = ended;
  session.line = lineOf(record);
}

function eventOf(
  kind: Kind | 'refusal',
  at: number,
  client: Pick<Session, 'address' | 'name'>,
  detail: () => Detail,
): LogEvent {
  return { kind, at, address: client.address, name: client.name, detail };
}
