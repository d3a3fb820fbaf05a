// The clients with good events and all that is kept of each: added, evicted, removed, and walked for snapshots.

import { SECOND } from '../../values/duration.ts';
import type { ShortKey } from '../table/key-words.ts';
import { GoodCounters, type SavedCounter } from './good-counters.ts';
import { LATEST, NEWEST } from './good-shard.ts';
import { GoodTable, indexOf, NO_SLOT, type Slot } from './good-table.ts';
import { type GoodCounter, STANDING } from './good-terms.ts';
import { GoodUsers, maxFurtherUsers } from './good-users.ts';
import { type GoodWalk, GoodWalks } from './good-walk.ts';
import { GivenClient, type SavedGoodClient } from './saved-good-client.ts';
import type { SlidingCounter } from './sliding-counter.ts';
import { StandingHours } from './standing-hours.ts';

/** Clients evicted at most for one that is added; more than one makes up for a max-tracked that was lowered. */
const MAX_EVICTED = 2;
/** Clients removed in one call of `forget`. */
const MAX_REMOVED = 2000;

/** Where there are more clients than may be kept, the one seen longest ago is evicted, those without standing first. */
export class GoodRecords {
  readonly counters: GoodCounters;
  #table = new GoodTable();
  #users = new GoodUsers(this.#table);
  #walks = new GoodWalks(this.#table);
  readonly #hours = new StandingHours();
  #maxTracked: number;
  #evicted = 0;
  /** s; no client was ever seen later */
  #latest = 0;
  /** by their places in a snapshot that is read */
  #saved: readonly (SlidingCounter | undefined)[] = [];

  /** @param maxTracked maximum of clients */
  constructor(counters: readonly GoodCounter[], maxTracked: number) {
    this.counters = new GoodCounters(counters);
    this.#maxTracked = maxTracked;
  }

  get size(): number {
    return this.#table.size;
  }

  get evicted(): number {
    return this.#evicted;
  }

  get users(): Pick<GoodUsers, 'lastLogin' | 'list'> {
    return this.#users;
  }

  setMaxTracked(maxTracked: number): void {
    this.#maxTracked = maxTracked;
  }

  /** The slot of the client of this key, or NO_SLOT. */
  find(key: string): Slot {
    return this.#table.find(key);
  }

  /** When the client was last seen: s since 1970. */
  latest(slot: Slot): number {
    return this.#get(slot, LATEST);
  }

  /** Its newest accepted message or login: s since 1970, 0 where there is none. */
  newest(slot: Slot): number {
    return this.#get(slot, NEWEST);
  }

  /** Clients in good standing at a moment (ms). */
  standingAt(at: number): number {
    return this.#hours.standingAt(at);
  }

  /** The slot of a client that is seen at a time (s), known or not. @param isMail for accepted mail and logins */
  see(key: string, seconds: number, isMail: boolean): Slot {
    const known = this.#table.find(key);
    if (known === NO_SLOT) return this.#add(key, seconds, isMail ? seconds : 0);
    this.#walks.leaving(known);
    const latest = this.latest(known);
    if (seconds > latest) this.counters.move(known, latest, seconds);
    if (isMail && seconds > this.newest(known)) this.#setNewest(known, seconds);
    this.#table.see(known, seconds, isStanding(Math.max(latest, seconds), this.newest(known)));
    this.#latest = Math.max(this.#latest, seconds);
    return known;
  }

  /** A user logs in (ms) from a client that was just seen. */
  login(slot: Slot, user: number, at: number): void {
    this.#users.login(slot, user, at);
    this.#evictUsers();
  }

  /** The counts of a client start again at zero. */
  reset(slot: Slot): void {
    this.#walks.leaving(slot);
    this.counters.reset(slot);
  }

  /** Whether any client was seen after this (s). */
  isAnyAfter(seconds: number): boolean {
    return this.#latest > seconds;
  }

  /** A client that was seen ahead of `now` (ms) was last seen now. */
  bringBack(slot: Slot, now: number): void {
    this.#walks.leaving(slot);
    const seconds = Math.floor(now / SECOND);
    this.counters.move(slot, this.latest(slot), seconds);
    this.#set(slot, LATEST, seconds);
    this.#setNewest(slot, Math.min(this.newest(slot), seconds));
    this.#users.bringBack(slot, now);
    this.#table.moveToEnd(slot, isStanding(seconds, this.newest(slot)));
  }

  /** Removes what no event from `settled` (ms) on can need, and what is too much; not all of it in one call. */
  forget(settled: number): void {
    this.counters.forget(settled);
    const counted = this.counters.longest + SECOND;
    const left = this.#removeOlder('others', settled, counted, MAX_REMOVED);
    const most = this.#removeOlder('standing', settled, Math.max(counted, STANDING + SECOND), left);
    this.#shrink(most, NO_SLOT);
  }

  clear(): void {
    this.#table = new GoodTable();
    this.#users = new GoodUsers(this.#table);
    this.#walks = new GoodWalks(this.#table);
    this.#hours.clear();
    this.counters.clear();
    this.#latest = 0;
  }

  /**
   * Gives out all clients as they are now, in steps, with the sums of the counters there are now.
   * @param take receives the same object again and again
   */
  walk(take: (client: SavedGoodClient) => void): GoodWalk {
    const client = new GivenClient(this.#table, this.#users, this.counters.all);
    return this.#walks.start((slot) => take(client.at(slot)));
  }

  /** Takes the counters of a snapshot, before its clients. @param written ms; @param expected number of its clients */
  loadCounters(counters: readonly SavedCounter[], written: number, expected: number): void {
    this.#table.expect(Math.min(expected, this.#maxTracked));
    this.#saved = this.counters.restore(counters, written);
  }

  /** Adds a client as a snapshot held it. @returns false where it is there already */
  load({ key, latest, newest, sums, users }: SavedGoodClient): boolean {
    const slot = this.#add(key, latest, newest);
    if (slot === NO_SLOT) return false;
    const { room } = this.#table.shardOf(slot);
    for (let i = 0; i < this.#saved.length; i++)
      this.#saved[i]?.set(slot, sums[2 * i] ?? 0, sums[2 * i + 1] ?? 0, room);
    if (users.length > 0) this.#users.restore(slot, users);
    this.#evictUsers();
    return true;
  }

  /** @returns NO_SLOT where the client is there already */
  #add(key: ShortKey, latest: number, newest: number): Slot {
    const slot = this.#table.add(key, latest, isStanding(latest, newest));
    if (slot === NO_SLOT) return slot;
    this.#walks.added(slot);
    this.#setNewest(slot, newest);
    this.#latest = Math.max(this.#latest, latest);
    this.#shrink(MAX_EVICTED, slot);
    return slot;
  }

  #remove(slot: Slot): void {
    this.#walks.leaving(slot);
    this.#hours.remove(this.newest(slot));
    this.counters.reset(slot);
    this.#users.remove(slot);
    this.#table.remove(slot);
  }

  /** Removes at most `budget` clients of a rank that were last seen `keep` (ms) before. @returns what is left of the budget */
  #removeOlder(rank: 'others' | 'standing', settled: number, keep: number, budget: number): number {
    let moved = NO_SLOT;
    for (let left = budget; left > 0; left--) {
      const slot = this.#table.oldest(rank);
      if (slot === NO_SLOT || slot === moved) return left;
      const latest = this.latest(slot) * SECOND;
      if (latest + keep <= settled) this.#remove(slot);
      else if (latest - keep <= settled) return left;
      else {
        // It was seen far ahead of the others, by a wrong clock, and would keep those behind it.
        if (moved === NO_SLOT) moved = slot;
        this.#walks.leaving(slot);
        this.#table.moveToEnd(slot, rank === 'standing');
      }
    }
    return 0;
  }

  /** Evicts at most so many clients, and never `except`. */
  #shrink(budget: number, except: Slot): void {
    for (let left = budget; left > 0 && this.#table.size > this.#maxTracked; left--) {
      const slot = this.#table.least(except);
      if (slot === NO_SLOT) break;
      this.#evicted++;
      this.#remove(slot);
    }
    this.#evictUsers();
  }

  #evictUsers(): void {
    const most = maxFurtherUsers(this.#maxTracked);
    for (let left = MAX_EVICTED; left > 0 && this.#users.size > most; left--) {
      const slot = this.#users.longestUnchanged;
      if (slot === undefined) return;
      this.#walks.leaving(slot);
      this.#users.evictOldest(slot);
    }
  }

  #setNewest(slot: Slot, seconds: number): void {
    this.#hours.remove(this.newest(slot));
    this.#hours.add(seconds);
    this.#set(slot, NEWEST, seconds);
  }

  #get(slot: Slot, word: number): number {
    return this.#table.shardOf(slot).get(indexOf(slot), word);
  }

  #set(slot: Slot, word: number, value: number): void {
    this.#table.shardOf(slot).set(indexOf(slot), word, value);
  }
}

/** Whether a client is in good standing when it was last seen (s). */
function isStanding(latest: number, newest: number): boolean {
  return newest > 0 && latest - newest < STANDING / SECOND;
}
