// Open sessions by the process or connection that logs them; bounded, since log lines may be lost.

import { own } from '../values/detached-string.ts';
import { HOUR, MINUTE } from '../values/duration.ts';
import type { Client } from './postfix/client.ts';
import { newSession, type Session } from './session.ts';

/**
 * More than the processes of any Postfix (default_process_limit is 100). When lines are lost, so that sessions are not
 * closed, the oldest are evicted.
 */
export const MAX_SESSIONS = 10_000;
/** Sessions evicted at once. */
const EVICT_AT_ONCE = 100;
/**
 * postscreen passes a client that failed a test with `ignore` on to smtpd without a log line. What it may still log about
 * a client comes within its greet wait and 20 commands of 300 s each (postscreen_command_count_limit, …_time_limit).
 */
const MAX_SCREENING = 2 * HOUR;
const SWEEP_EVERY = 10 * MINUTE;

export class SessionTable {
  readonly #open = new Map<string, Session>();
  /** queue ID to key */
  readonly #messages = new Map<string, string>();
  #evicted = 0;
  /** ms since 1970; when sessions that may end without a log line were last removed */
  swept = 0;

  /** Sessions evicted because no line closed them. */
  get evicted(): number {
    return this.#evicted;
  }

  get entries(): readonly (readonly [string, Session])[] {
    return [...this.#open];
  }

  get(key: string): Session | undefined {
    return this.#open.get(key);
  }

  byQueueId(queueId: string): Session | undefined {
    return this.#open.get(this.#messages.get(queueId) ?? '');
  }

  /** The first such session of this address whose messages go through a before-queue filter. */
  proxiedOf(address: string, is: (session: Session) => boolean): Session | undefined {
    for (const session of this.#open.values())
      if (session.proxied && session.address === address && is(session)) return session;
    return undefined;
  }

  /**
   * The open session of this key. If it began before the log was read, or belongs to another client, a new one begins.
   *
   * @param since ms since 1970; set for sessions that may end without a log line
   */
  open(key: string, client: Client, since: number | undefined): Session {
    const known = this.#open.get(key);
    if (known !== undefined) {
      if (known.address === client.address) return known;
      this.#delete(key, known);
    }
    if (since !== undefined) this.#sweep(since);
    if (this.#open.size >= MAX_SESSIONS) this.#evictOldest();
    const session = newSession(client, since);
    this.#open.set(key, session);
    return session;
  }

  /** Closes the session of this key. */
  close(key: string): Session | undefined {
    const session = this.#open.get(key);
    if (session !== undefined) this.#delete(key, session);
    return session;
  }

  /** Restores a session from a snapshot. */
  put(key: string, session: Session): void {
    this.#open.set(key, session);
    if (session.queueId !== undefined) this.#messages.set(session.queueId, key);
  }

  /** The session receives a message with this queue ID. */
  startMessage(key: string, session: Session, queueId: string): void {
    this.#removeMessage(key, session);
    const kept = own(queueId);
    // Postfix reuses short queue IDs: an earlier session with this one has finished its message.
    const holder = this.byQueueId(kept);
    if (holder !== undefined) holder.queueId = undefined;
    session.queueId = kept;
    this.#messages.set(kept, key);
  }

  #delete(key: string, session: Session): void {
    if (session.queueId !== undefined) this.#removeMessage(key, session);
    this.#open.delete(key);
  }

  /**
   * Many at once: a Map finds its first key by passing over all deleted ones. Keeping an iterator instead would keep every
   * table that the Map has outgrown.
   */
  #evictOldest(): void {
    let left = EVICT_AT_ONCE;
    for (const [key, session] of this.#open) {
      if (left-- === 0) break;
      this.#delete(key, session);
      this.#evicted++;
    }
  }

  #sweep(at: number): void {
    if (at >= this.swept && at - this.swept < SWEEP_EVERY) return;
    this.swept = at;
    for (const [key, session] of this.#open) {
      if (session.since !== undefined && at - session.since < MAX_SCREENING) break;
      this.#delete(key, session);
    }
  }

  #removeMessage(key: string, { queueId }: Session): void {
    if (queueId !== undefined && this.#messages.get(queueId) === key) this.#messages.delete(queueId);
  }
}
