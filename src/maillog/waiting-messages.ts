// Messages that smtpd is receiving or has received, until qmgr takes them up: whose each one is.

import { ownJoined } from '../values/detached-string.ts';
import { HOUR, MINUTE } from '../values/duration.ts';
import type { Origin } from './session.ts';

/** `HOST QUEUEID`, then the client, and when smtpd logged it (ms since 1970). */
type Entry = readonly [key: string, address: string, name: string | null, at: number];

/** The form in a snapshot. */
export interface WaitingState {
  /** ms since 1970; when old ones were last removed */
  readonly swept: number;
  readonly messages: readonly Entry[];
}

/** As many as qmgr may fall behind on a busy host. Of more, the oldest are evicted. */
const MAX_WAITING = 10_000;
/** Evicted at once: a Map finds its first key by passing over all deleted ones. */
const EVICT_AT_ONCE = MAX_WAITING / 20;
/** ms; a message that is not taken up for so long was refused, or its client gave up: most of these log nothing. */
const MAX_WAIT = 6 * HOUR;
const SWEEP_EVERY = 10 * MINUTE;

/**
 * By host and queue ID. A queue ID is an inode and a microsecond: the instances of a host hardly ever share one. Their
 * names do not help, since the syslog_name of a service may be any (master(5), `-o syslog_name=…`), while qmgr has its
 * instance's.
 */
export class WaitingMessages {
  /** in the form of the snapshot, which then takes no longer than it must: no verdict is given meanwhile */
  readonly #waiting = new Map<string, Entry>();
  /** ms since 1970; when old ones were last removed */
  #swept = 0;

  get state(): WaitingState {
    return { swept: this.#swept, messages: [...this.#waiting.values()] };
  }

  /** Restores a state. Of a damaged one, only the valid parts are used. */
  restore(state: unknown): void {
    const { swept, messages } = (state ?? {}) as Readonly<Record<string, unknown>>;
    this.#swept = typeof swept === 'number' ? swept : 0;
    for (const entry of Array.isArray(messages) ? messages.filter(isEntry).slice(-MAX_WAITING) : [])
      this.#waiting.set(entry[0], entry);
  }

  /**
   * A message begins. Postfix reuses short queue IDs: the message that had this one before is gone.
   *
   * @param process that logs it; @param client undefined where the message is nobody's; with detached strings
   * @param at ms since 1970
   */
  begin(process: string, queueId: string, client: Origin | undefined, at: number): void {
    const key = keyOf(process, queueId);
    if (client === undefined) {
      this.#waiting.delete(key);
      return;
    }
    this.#sweep(at);
    if (this.#waiting.size >= MAX_WAITING) this.#evict((left) => left > 0);
    this.#waiting.set(key, [key, client.address, client.name ?? null, at]);
  }

  /** Removes a message that waits. @returns its client */
  take(process: string, queueId: string, at: number): Origin | undefined {
    if (this.#waiting.size === 0) return undefined;
    const key = keyOf(process, queueId);
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return undefined;
    this.#waiting.delete(key);
    const [, address, name, begun] = waiting;
    return at - begun < MAX_WAIT ? { address, name: name ?? undefined } : undefined;
  }

  clear(): void {
    this.#waiting.clear();
  }

  #sweep(at: number): void {
    if (at >= this.#swept && at - this.#swept < SWEEP_EVERY) return;
    this.#swept = at;
    this.#evict((_, [, , , begun]) => at - begun >= MAX_WAIT);
  }

  #evict(isEvicted: (left: number, entry: Entry) => boolean): void {
    let left = EVICT_AT_ONCE;
    for (const [key, entry] of this.#waiting) {
      if (!isEvicted(left--, entry)) break;
      this.#waiting.delete(key);
    }
  }
}

/** @param process `HOST TAG[PID`, or `TAG[PID` in a log without host names */
function keyOf(process: string, queueId: string): string {
  return ownJoined(process.slice(0, process.lastIndexOf(' ') + 1), queueId);
}

function isEntry(entry: unknown): entry is Entry {
  if (!Array.isArray(entry) || entry.length !== 4) return false;
  const [key, address, name, at] = entry as readonly unknown[];
  const isText = typeof key === 'string' && typeof address === 'string';
  return isText && (name === null || typeof name === 'string') && Number.isSafeInteger(at);
}
