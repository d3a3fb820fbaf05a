// Open sessions by the process, or the connection, that logs them; bounded, since log lines may be lost.

import { own } from '../values/detached-string.ts';
import { HOUR, MINUTE } from '../values/duration.ts';
import type { Client } from './postfix/client.ts';
import { newSession, type Session } from './session.ts';

/**
 * More than any Postfix runs processes (default_process_limit is 100). When log lines are lost and nobody closes
 * sessions, the oldest go.
 */
export const MAX_SESSIONS = 10_000;
/** Sessions that go at once. */
const EVICT_AT_ONCE = 100;
/**
 * postscreen hands a client that failed a test with `ignore` on to smtpd without a word. What it may still say of one
 * comes within its greet wait and 20 commands of 300 s each (postscreen_command_count_limit, …_time_limit).
 */
const MAX_SCREENING = 2 * HOUR;
const SWEEP_EVERY = 10 * MINUTE;

export class SessionTable {
  readonly #open = new Map<string, Session>();
  /** queue ID to key */
  readonly #messages = new Map<string, string>();
  #evicted = 0;
  /** ms; when sessions that may never be told to end were last forgotten */
  swept = 0;

  /** Sessions that nobody closed, let go for want of room. */
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

  /** The first session of this address whose messages go through a filter in front of the queue. */
  proxiedOf(address: string): Session | undefined {
    for (const session of this.#open.values())
      if (session.proxied && session.address === address) return session;
    return undefined;
  }

  /**
   * The open session of this key; one that began before the log was read, or of another client, begins here.
   *
   * @param since ms; of sessions that may never be told to end
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

  /** Takes a session back from a snapshot. */
  put(key: string, session: Session): void {
    this.#open.set(key, session);
    if (session.queueId !== undefined) this.#messages.set(session.queueId, key);
  }

  /** The session takes up a message under this queue ID. */
  hold(key: string, session: Session, queueId: string): void {
    this.#forgetMessage(key, session);
    const kept = own(queueId);
    // Postfix uses short queue IDs again: a session that still holds this one has done with it.
    const holder = this.byQueueId(kept);
    if (holder !== undefined) holder.queueId = undefined;
    session.queueId = kept;
    this.#messages.set(kept, key);
  }

  #delete(key: string, session: Session): void {
    if (session.queueId !== undefined) this.#forgetMessage(key, session);
    this.#open.delete(key);
  }

  /**
   * Many at once: a Map's first key is found by passing over all that were deleted. To keep its iterator instead would
   * keep every table that the Map has outgrown since.
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

  #forgetMessage(key: string, { queueId }: Session): void {
    if (queueId !== undefined && this.#messages.get(queueId) === key) this.#messages.delete(queueId);
  }
}
