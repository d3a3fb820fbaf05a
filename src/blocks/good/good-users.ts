// The users that logged in from each client: one beside the client's counts, further ones in lists of their own.

import { type GoodTable, indexOf, type Slot } from './good-table.ts';
import { STANDING } from './good-terms.ts';

/** Users of a client: a host of webmail has thousands, and a few show that not all of them fail. */
const MAX_USERS = 256;
/** Further users of all clients: one for so many clients, and never less than so many. */
const CLIENTS_A_USER = 8;
const MIN_FURTHER = 1024;

/** ms; a login that lies so far before another one of its client is asked for no more */
const STALE = 2 * STANDING;
/** Elements of a list: a user, then when it last logged in. */
const PAIR = 2;

/** The users of most clients. */
export const NO_USERS: readonly number[] = [];

/** Maximum of further users with so many clients. */
export function maxFurtherUsers(maxTracked: number): number {
  return Math.max(MIN_FURTHER, Math.floor(maxTracked / CLIENTS_A_USER));
}

export class GoodUsers {
  readonly #table: GoodTable;
  /** lists of users and times (ms since 1970) in turn; the list that was changed longest ago comes first */
  readonly #further = new Map<Slot, number[]>();
  #size = 0;

  constructor(table: GoodTable) {
    this.#table = table;
  }

  /** Further users, of all clients. */
  get size(): number {
    return this.#size;
  }

  /** When a user last logged in, ms since 1970; 0 where it never did. */
  lastLogin(slot: Slot, user: number): number {
    const first = this.#firstAt(slot);
    if (first > 0 && this.#first(slot) === user) return first;
    const list = this.#further.get(slot) ?? [];
    const place = placeOf(list, user);
    return place < 0 ? 0 : (list[place + 1] ?? 0);
  }

  /** Users and when each of them last logged in (ms), in turn. */
  list(slot: Slot): readonly number[] {
    const first = this.#firstAt(slot);
    return first === 0 ? NO_USERS : [this.#first(slot), first, ...(this.#further.get(slot) ?? [])];
  }

  /** A user logs in at `at` (ms since 1970, more than 0). */
  login(slot: Slot, user: number, at: number): void {
    const first = this.#firstAt(slot);
    const list = this.#further.get(slot) ?? [];
    const isFirst = first === 0 || this.#first(slot) === user;
    if (isFirst) this.#setFirst(slot, user, Math.max(first, at));
    else if (placeOf(list, user) < 0 && isReplaceable(first, list, at)) this.#setFirst(slot, user, at);
    else this.#loginFurther(slot, list, user, at);
  }

  /** Takes users as `list` gave them, for a client that has none. */
  restore(slot: Slot, [user = 0, at = 0, ...further]: readonly number[]): void {
    this.#setFirst(slot, user, at);
    if (further.length === 0) return;
    this.#further.set(slot, further);
    this.#size += further.length / PAIR;
  }

  /** No login lies after this (ms). */
  bringBack(slot: Slot, now: number): void {
    const first = this.#firstAt(slot);
    if (first > now) this.#setFirst(slot, this.#first(slot), now);
    const list = this.#further.get(slot) ?? [];
    for (let i = 1; i < list.length; i += PAIR) list[i] = Math.min(list[i] ?? 0, now);
  }

  /** The client leaves its slot. */
  remove(slot: Slot): void {
    this.#size -= (this.#further.get(slot)?.length ?? 0) / PAIR;
    this.#further.delete(slot);
  }

  /** The further users of the client whose list was changed longest ago: its oldest one is to be evicted next. */
  get longestUnchanged(): Slot | undefined {
    return this.#further.keys().next().value;
  }

  evictOldest(slot: Slot): void {
    const list = this.#further.get(slot);
    if (list === undefined) return;
    this.#size--;
    list.splice(oldestIn(list), PAIR);
    if (list.length === 0) this.#further.delete(slot);
  }

  clear(): void {
    this.#further.clear();
    this.#size = 0;
  }

  #loginFurther(slot: Slot, list: number[], user: number, at: number): void {
    const known = placeOf(list, user);
    const oldest = oldestIn(list);
    if (known >= 0) list[known + 1] = Math.max(list[known + 1] ?? 0, at);
    else if (list.length > 0 && isReplaceable(list[oldest + 1] ?? 0, list, at))
      list.splice(oldest, PAIR, user, at);
    else if (isFull(list)) return;
    else {
      list.push(user, at);
      this.#size++;
    }
    this.#further.delete(slot);
    this.#further.set(slot, list);
  }

  #first(slot: Slot): number {
    return this.#table.shardOf(slot).user(indexOf(slot));
  }

  #firstAt(slot: Slot): number {
    return this.#table.shardOf(slot).userAt(indexOf(slot));
  }

  #setFirst(slot: Slot, user: number, at: number): void {
    this.#table.shardOf(slot).setUser(indexOf(slot), user, at);
  }
}

/** Whether a user that last logged in `then` gives its place to a new one, beside a list that it may be part of. */
function isReplaceable(then: number, list: readonly number[], at: number): boolean {
  const isOldest = () => then <= Math.min(at, list[oldestIn(list) + 1] ?? 0);
  return at - then >= STALE || (isFull(list) && isOldest());
}

function isFull(list: readonly number[]): boolean {
  return list.length >= (MAX_USERS - 1) * PAIR;
}

/** -1 where the user is not in the list. */
function placeOf(list: readonly number[], user: number): number {
  for (let i = 0; i < list.length; i += PAIR) if (list[i] === user) return i;
  return -1;
}

/** The place of the user whose last login is the oldest. */
function oldestIn(list: readonly number[]): number {
  let oldest = 0;
  for (let i = PAIR; i < list.length; i += PAIR) if ((list[i + 1] ?? 0) < (list[oldest + 1] ?? 0)) oldest = i;
  return oldest;
}
