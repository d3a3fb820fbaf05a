// What clients did well: accepted mail, logins and connections that ended in order, each for as long as it matters.

import { SECOND } from '../../values/duration.ts';
import type { SavedCounter } from './good-counters.ts';
import { GoodRecords } from './good-records.ts';
import { NO_SLOT } from './good-table.ts';
import { type GoodCounter, STANDING } from './good-terms.ts';
import type { GoodWalk } from './good-walk.ts';
import type { SavedGoodClient } from './saved-good-client.ts';

/** ms by which the clocks of a host and of its log may differ */
const MAX_AHEAD = 60_000;
/** The user of logins of which Postfix did not log the user. */
export const NAMELESS = 2 ** 48 - 1;
/** The latest second that is kept. */
const MAX_SECONDS = 2 ** 32 - 1;

/** What readers may ask. */
export type GoodView = Pick<
  GoodClients,
  'size' | 'evicted' | 'count' | 'users' | 'isInStanding' | 'inStanding' | 'savedCounters' | 'walk'
>;

/** Times are ms since 1970; all but those of logins are kept to the second. Keys are those of clientKey. */
export class GoodClients {
  readonly #records: GoodRecords;

  /** @param maxTracked maximum of clients */
  constructor(counters: readonly GoodCounter[], maxTracked = Number.POSITIVE_INFINITY) {
    this.#records = new GoodRecords(counters, maxTracked);
  }

  get size(): number {
    return this.#records.size;
  }

  /** Clients evicted so far: those without standing first, of each kind the one seen longest ago. */
  get evicted(): number {
    return this.#records.evicted;
  }

  /** Replaces the counters; a count goes on where its sort and time stay. @param now ms */
  adopt(counters: readonly GoodCounter[], now: number): void {
    this.#records.counters.adopt(counters, now);
  }

  setMaxTracked(maxTracked: number): void {
    this.#records.setMaxTracked(maxTracked);
  }

  accepted(key: string, at: number, recipients: number): void {
    const seconds = secondsOf(at);
    const slot = this.#records.see(key, seconds, true);
    const latest = this.#records.latest(slot);
    this.#records.counters.add(slot, 'messages', latest, seconds, 1);
    this.#records.counters.add(slot, 'recipients', latest, seconds, recipients);
  }

  /** Puts the client in good standing, and counts nothing. */
  stand(key: string, at: number): void {
    this.#records.see(key, secondsOf(at), true);
  }

  ended(key: string, at: number): void {
    const seconds = secondsOf(at);
    const slot = this.#records.see(key, seconds, false);
    this.#records.counters.add(slot, 'connections', this.#records.latest(slot), seconds, 1);
  }

  /** @param user 48 bits */
  loggedIn(key: string, at: number, user: number | undefined): void {
    const slot = this.#records.see(key, secondsOf(at), true);
    const known = user === undefined ? NAMELESS : Math.min(user, NAMELESS - 1);
    this.#records.login(slot, known, Math.min(Math.max(1, at), MAX_SECONDS * SECOND));
  }

  /** The approximate number of good events of this sort within its time before `at`. */
  count(key: string, counter: GoodCounter, at: number): number {
    const slot = this.#records.find(key);
    if (slot === NO_SLOT) return 0;
    return this.#records.counters.count(slot, counter, this.#records.latest(slot), at);
  }

  /** When a user last logged in from this client, 0 where it never did. */
  lastLogin(key: string, user: number): number {
    const slot = this.#records.find(key);
    return slot === NO_SLOT ? 0 : this.#records.users.lastLogin(slot, Math.min(user, NAMELESS - 1));
  }

  /** Users that logged in from this client since `from`. Logins whose user is not known are one, and only if no other is. */
  users(key: string, from: number): number {
    const slot = this.#records.find(key);
    const list = slot === NO_SLOT ? [] : this.#records.users.list(slot);
    let named = 0;
    let nameless = 0;
    for (let i = 0; i < list.length; i += 2) {
      if ((list[i + 1] ?? 0) < from) continue;
      if (list[i] === NAMELESS) nameless = 1;
      else named++;
    }
    return named > 0 ? named : nameless;
  }

  /** When the client last brought accepted mail or a login; 0 where that is not known. */
  newest(key: string): number {
    const slot = this.#records.find(key);
    return slot === NO_SLOT ? 0 : this.#records.newest(slot) * SECOND;
  }

  /** Whether the client brought accepted mail or a login within a day. What lies a day ahead is not believed. */
  isInStanding(key: string, at: number): boolean {
    const newest = this.newest(key);
    return newest > 0 && Math.abs(at - newest) < STANDING;
  }

  /** Clients in good standing. Those whose day ends within one hour are counted by a part of them. */
  inStanding(at: number): number {
    return this.#records.standingAt(at);
  }

  /** The counts of a client start again at zero: a block ended. Its standing and its users stay. */
  restart(key: string): void {
    const slot = this.#records.find(key);
    if (slot !== NO_SLOT) this.#records.reset(slot);
  }

  /**
   * Brings a client back to `now` where it was seen ahead of it, because a clock was wrong and was set back: what was
   * counted ahead would hide what is counted from now on.
   */
  bringBack(key: string, now: number): void {
    const last = (now + MAX_AHEAD) / SECOND;
    if (!this.#records.isAnyAfter(last)) return;
    const slot = this.#records.find(key);
    if (slot !== NO_SLOT && this.#records.latest(slot) > last) this.#records.bringBack(slot, now);
  }

  /**
   * Removes what no event from `settled` on can need: no count, no standing, and no login within a day. Not all of it in
   * one call; call every second.
   */
  forget(settled: number): void {
    this.#records.forget(settled);
  }

  clear(): void {
    this.#records.clear();
  }

  /** The counters whose sums `walk` gives out. */
  get savedCounters(): readonly SavedCounter[] {
    return this.#records.counters.saved;
  }

  /** Gives out all clients as they are now, in steps, one after another in one object. */
  walk(take: (client: SavedGoodClient) => void): GoodWalk {
    return this.#records.walk(take);
  }

  /** Takes the counters of a snapshot, before its clients. @param written when it was begun; @param expected its clients */
  loadCounters(counters: readonly SavedCounter[], written: number, expected = 0): void {
    this.#records.loadCounters(counters, written, expected);
  }

  /** Adds a client as a snapshot held it. @returns false where it is there already */
  load(client: SavedGoodClient): boolean {
    return this.#records.load(client);
  }
}

/** s since 1970, as they are kept */
function secondsOf(at: number): number {
  return Math.min(Math.max(0, Math.floor(at / SECOND)), MAX_SECONDS);
}
