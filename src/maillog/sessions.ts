// SMTP sessions in the log: turn facts into events, with the client of each session and queue ID.

import { type AbuseEvent, isAbuse, type LogEvent } from '../blocks/events/event.ts';
import { own } from '../values/detached-string.ts';
import { countsIn, haveSucceeded, refusedLogins } from './command-counts.ts';
import { GoodEvents } from './good-events.ts';
import { userHash } from './login-user.ts';
import { Logins } from './logins.ts';
import { OpenSessions } from './open-sessions.ts';
import type { Client } from './postfix/client.ts';
import { authFailureDetail, clipped, endingDetail, lineDetail } from './postfix/detail.ts';
import { type Fact, MAX_USER, type MessageFact } from './postfix/fact.ts';
import type { OwnTexts } from './postfix/own-texts.ts';
import { failedUser } from './postfix/sasl.ts';
import type { Uncounted } from './postfix/uncounted.ts';
import { Rejections } from './rejections.ts';
import { endedBy, explainHandshake, goOn, noteEnding, ownClient, type Session } from './session.ts';
import { restoredSessions, type SessionState } from './session-state.ts';
import { Stress } from './stress.ts';
import type { LogRecord } from './syslog/record.ts';

type Emit = (event: LogEvent) => void;
/** Facts about a connection. */
type ConnectionFact = Extract<
  Fact,
  { type: 'connect' | 'disconnect' | 'pass' | 'drop' | 'notice' | 'idle' | 'handshake' | 'abandon' }
>;
type AuthFact = Extract<Fact, { type: 'auth-failure' | 'auth-unjudged' }>;
/** Facts about a process that do not name its client. */
type ProcessFact = Extract<Fact, { type: 'auth-server-lost' | 'tls-problem' }>;

/** smtpd processes whose authentication server was gone at their last request. */
const MAX_AUTH_LOST = 1000;

export class Sessions {
  readonly logins = new Logins();
  readonly #open = new OpenSessions();
  readonly good = new GoodEvents(this.#open);
  readonly #rejections: Rejections;
  readonly #stress = new Stress();
  readonly #authLost = new Set<string>();

  constructor(texts: OwnTexts) {
    this.#rejections = new Rejections(texts, this.#open);
  }

  /** ms since 1970: until then, drops at limits that Postfix shortens are not counted: smtpd is short of processes */
  get stressUntil(): number {
    return this.#stress.until;
  }

  /** Drops that were not counted because Postfix was under stress, since the start. */
  get spared(): number {
    return this.#stress.spared;
  }

  /** Sessions evicted because no line closed them, since the start. */
  get evicted(): number {
    return this.#open.evicted;
  }

  get state(): SessionState {
    return {
      open: this.#open.entries,
      swept: this.#open.swept,
      authLost: [...this.#authLost],
      stress: this.#stress.state,
      logins: this.logins.state,
      waiting: this.good.state,
    };
  }

  /** Restores a state. Of a damaged one, only valid sessions are used. */
  restore(state: unknown): void {
    const { open, swept, authLost, stress, logins, waiting } = restoredSessions(state);
    this.#open.restore(open, swept);
    for (const process of authLost) this.#authLost.add(process);
    this.#stress.restore(stress);
    this.logins.restore(logins);
    this.good.restore(waiting);
  }

  /**
   * Takes one fact and the record it came from; calls `emit` for each event that is now certain.
   * @returns why the record is not counted, where it is about a refusal, a failure or a drop
   */
  take(fact: Fact, record: LogRecord, emit: Emit): Uncounted | undefined {
    switch (fact.type) {
      case 'uncounted':
        return fact.why;
      case 'reject':
        return this.#emit(this.#rejections.judge(fact, record), emit);
      case 'message':
        return this.#message(fact, record, emit);
      case 'queued':
      case 'held':
      case 'proxy-accept':
        this.good.accept(fact, record, emit);
        return undefined;
      case 'auth-failure':
      case 'auth-unjudged':
        return this.#emit(this.#auth(fact, record), emit);
      case 'auth-server-lost':
      case 'tls-problem':
        return this.#processFact(fact, record);
      case 'stress':
      case 'screening-stress':
        return this.#stress.observe(fact, record);
      default:
        return this.#follow(fact, record, emit);
    }
  }

  #emit(judged: LogEvent | Uncounted, emit: Emit): Uncounted | undefined {
    if (typeof judged === 'string') return judged;
    if (isAbuse(judged)) this.#stress.note(judged);
    emit(judged);
    return judged.kind === 'refusal' ? 'own-refusal' : undefined;
  }

  #follow(fact: ConnectionFact, record: LogRecord, emit: Emit): Uncounted | undefined {
    const { client } = fact;
    switch (fact.type) {
      case 'connect':
        // The disconnect of the previous session was not logged, but it has ended.
        this.#close(client, record, undefined, emit);
        this.#open.open(client, record);
        return undefined;
      case 'disconnect':
        return this.#close(client, record, fact.message, emit);
      case 'pass':
        this.#open.close(client, record);
        return undefined;
      default:
        if (isHastened(fact) && this.#stress.spares(record, client.address)) return 'stress';
        noteEnding(this.#open.open(client, record), fact, record);
        return undefined;
    }
  }

  /** @param message the disconnect line, undefined where there was none */
  #close(client: Client, record: LogRecord, message: string | undefined, emit: Emit): Uncounted | undefined {
    if (this.#authLost.size > 0) this.#authLost.delete(record.process);
    const session = this.#open.close(client, record);
    if (session === undefined) return undefined;
    const by = session.ended === undefined ? undefined : endedBy(session, countsIn(message, client));
    if (message !== undefined) this.good.end({ session, client, message }, by !== undefined, record, emit);
    if (session.refused) return by === 'server' ? 'own-refusal-echo' : undefined;
    if (by !== undefined) this.#emitEnding(session, by, record.at, emit);
    if (message !== undefined && !session.auth && !haveSucceeded(message)) {
      const logins = refusedLogins(session, message.slice(client.end));
      if (logins > 0) this.#probe(client, logins, record, emit);
    }
    return by === undefined && session.ended !== undefined ? 'went-on' : undefined;
  }

  #emitEnding(session: Session, by: 'server' | 'client', at: number, emit: Emit): void {
    const { address, name, line = '' } = session;
    const detail = () => endingDetail(line);
    const isDrop = by === 'server';
    const kind = isDrop ? 'dropped-connection' : 'abandoned-connection';
    this.#emit({ kind, class: isDrop ? session.class : undefined, at, address, name, detail }, emit);
  }

  /** @param client of the disconnect line: XCLIENT may have changed it since smtpd logged its connect */
  #probe({ address, name }: Client, logins: number, record: LogRecord, emit: Emit): void {
    const { at } = record;
    const detail = () => lineDetail(record);
    for (let left = logins; left > 0; left--)
      this.#emit({ kind: 'probe', class: 'auth-not-offered', at, address, name, detail }, emit);
  }

  #auth(fact: AuthFact, record: LogRecord): AbuseEvent | Uncounted {
    const { client } = fact;
    const session = this.#open.open(client, record);
    session.auth = true;
    goOn(session);
    const isLost = this.#authLost.size > 0 && this.#authLost.delete(record.process);
    if (fact.type === 'auth-unjudged') return fact.why;
    if (isLost) return 'server-fault';
    const { address, name } = client;
    if (this.logins.spares(record, address)) return 'logins-failing';
    const detail = () => authFailureDetail(record);
    const failure = { kind: 'auth-failure', class: undefined, at: record.at, address, name, detail } as const;
    if (!this.good.isWanted) return failure;
    const user = failedUser(record.message, client);
    return { ...failure, user: user === undefined ? undefined : userHash(user) };
  }

  #processFact(fact: ProcessFact, record: LogRecord): undefined {
    if (fact.type === 'auth-server-lost') {
      if (this.#authLost.size >= MAX_AUTH_LOST) this.#authLost.clear();
      this.#authLost.add(own(record.process));
      return;
    }
    const session = this.#open.ofProcess(record);
    if (session !== undefined) explainHandshake(session, fact.isClients, record);
  }

  #message(fact: MessageFact, record: LogRecord, emit: Emit): undefined {
    const { client, queueId, user, origin } = fact;
    const session = this.#open.open(client, record);
    goOn(session);
    this.good.begin(fact, session, record, emit);
    // The first message after a login shows it.
    if (user !== undefined && session.user === undefined) this.logins.succeeded(record, client.address, user);
    if (user !== undefined) session.user = clipped(user, MAX_USER);
    if (queueId === undefined) {
      session.proxied = true;
      session.rejectedBehind = false;
      return;
    }
    if (origin !== undefined || session.origin !== undefined) session.origin = origin && ownClient(origin);
    this.#open.startMessage(record, session, queueId);
  }
}

/** At a limit that Postfix shortens under stress. */
function isHastened(fact: ConnectionFact): boolean {
  return fact.type === 'idle' || (fact.type === 'drop' && fact.isHastened);
}
