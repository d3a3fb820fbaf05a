// What clients did well: accepted mail, logins and connections that ended in order, each for as long as it matters.

import { type GoodCounter, type GoodSort, STANDING } from './good-terms.ts';

/** A sliding count in two parts: of the present period, and of the one before. */
interface Count {
  period: number;
  current: number;
  previous: number;
}

interface Client {
  readonly counts: Map<GoodCounter, Count>;
  /** by user (undefined where Postfix did not log it), when it last logged in */
  readonly users: Map<number | undefined, number>;
  /** of accepted mail and logins, ms since 1970 */
  newest: number;
}

/** Times are ms since 1970. Keys are those of clientKey. */
export class GoodClients {
  readonly #clients = new Map<string, Client>();
  #counters: readonly GoodCounter[];

  constructor(counters: readonly GoodCounter[]) {
    this.#counters = counters;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** Replaces the counters; a count goes on where its sort and time stay. */
  adopt(counters: readonly GoodCounter[]): void {
    this.#counters = counters;
  }

  accepted(key: string, at: number, recipients: number): void {
    const client = this.#client(key);
    this.#add(client, 'messages', at, 1);
    this.#add(client, 'recipients', at, recipients);
    client.newest = Math.max(client.newest, at);
  }

  ended(key: string, at: number): void {
    this.#add(this.#client(key), 'connections', at, 1);
  }

  loggedIn(key: string, at: number, user: number | undefined): void {
    const client = this.#client(key);
    client.users.set(user, Math.max(client.users.get(user) ?? 0, at));
    client.newest = Math.max(client.newest, at);
  }

  /** The approximate number of good events of this sort within its time before `at`. */
  count(key: string, { sort, within }: GoodCounter, at: number): number {
    for (const [counter, count] of this.#clients.get(key)?.counts ?? [])
      if (counter.sort === sort && counter.within === within) return countAt(count, within, at);
    return 0;
  }

  /** When a user last logged in from this client, 0 where it never did. */
  lastLogin(key: string, user: number): number {
    return this.#clients.get(key)?.users.get(user) ?? 0;
  }

  /** Users that logged in from this client since `from`. Logins whose user is not known are one, and only if no other is. */
  users(key: string, from: number): number {
    const users = [...(this.#clients.get(key)?.users ?? [])].filter(([, at]) => at >= from);
    const named = users.filter(([user]) => user !== undefined).length;
    return named > 0 ? named : users.length;
  }

  /** When the client last brought accepted mail or a login (ms); 0 where that is not known. */
  newest(key: string): number {
    return this.#clients.get(key)?.newest ?? 0;
  }

  /** Whether the client brought accepted mail or a login within a day. */
  isInStanding(key: string, at: number): boolean {
    const newest = this.newest(key);
    return newest > 0 && at - newest < STANDING;
  }

  /** Clients in good standing. */
  inStanding(at: number): number {
    return [...this.#clients.keys()].filter((key) => this.isInStanding(key, at)).length;
  }

  /** The counts of a client start again at zero: a block ended. Its standing and its users stay. */
  restart(key: string): void {
    this.#clients.get(key)?.counts.clear();
  }

  /** Removes what no event from `settled` on can need. */
  forget(settled: number): void {
    for (const [key, { newest }] of this.#clients) if (newest + STANDING < settled) this.#clients.delete(key);
  }

  clear(): void {
    this.#clients.clear();
  }

  #client(key: string): Client {
    const known = this.#clients.get(key);
    if (known !== undefined) return known;
    const client: Client = { counts: new Map(), users: new Map(), newest: 0 };
    this.#clients.set(key, client);
    return client;
  }

  #add({ counts }: Client, sort: GoodSort, at: number, number: number): void {
    for (const counter of this.#counters) {
      if (counter.sort !== sort) continue;
      const count = counts.get(counter) ?? { period: 0, current: 0, previous: 0 };
      addTo(count, Math.floor(at / counter.within), number);
      counts.set(counter, count);
    }
  }
}

function addTo(count: Count, period: number, number: number): void {
  if (period > count.period) {
    count.previous = period === count.period + 1 ? count.current : 0;
    count.current = 0;
    count.period = period;
  }
  if (period === count.period) count.current += number;
  else if (period === count.period - 1) count.previous += number;
}

/** The previous period counts by the part of it that lies within the time. */
function countAt({ period, current, previous }: Count, within: number, at: number): number {
  const now = Math.floor(at / within);
  const rest = 1 - (at / within - now);
  if (now === period) return current + previous * rest;
  return now === period + 1 ? current * rest : now < period ? current + previous : 0;
}
