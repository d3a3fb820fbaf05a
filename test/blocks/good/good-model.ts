// Good events kept one by one, and every answer worked out from all of them: what GoodClients must come to.

import type { GoodCounter } from '../../../src/blocks/good/good-terms.ts';
import { DAY } from '../../../src/values/duration.ts';

/** How many of a sort, at a time in s since 1970. */
interface Deed {
  readonly sort: GoodCounter['sort'];
  readonly seconds: number;
  readonly number: number;
  /** position among all deeds */
  readonly order: number;
}

interface Client {
  deeds: Deed[];
  /** s since 1970 */
  latest: number;
  newest: number;
  readonly users: Map<number | undefined, number>;
}

/** A counter of the policy, or until a time (ms) one of the policy before. */
interface Counter extends GoodCounter {
  /** deeds before this one are not counted */
  readonly from: number;
  readonly until: number | undefined;
}

export class GoodModel {
  readonly #clients = new Map<string, Client>();
  #counters: readonly Counter[];
  #order = 0;

  constructor(counters: readonly GoodCounter[]) {
    this.#counters = counters.map((counter) => ({ ...counter, from: 0, until: undefined }));
  }

  adopt(counters: readonly GoodCounter[], now: number): void {
    const old = this.#counters.filter(({ until }) => until === undefined || until > now);
    const kept = counters.map(({ sort, within }) => {
      const from = old.find((known) => known.sort === sort && known.within === within)?.from ?? this.#order;
      return { sort, within, from, until: undefined };
    });
    const retired = old
      .filter((known) => !kept.some(({ sort, within }) => sort === known.sort && within === known.within))
      .map((known) => {
        const same = counters.filter(({ sort }) => sort === known.sort).map(({ within }) => within);
        return { ...known, until: known.until ?? now + Math.max(known.within, ...same) };
      });
    this.#counters = [...kept, ...retired];
  }

  accepted(key: string, at: number, recipients: number): void {
    this.#do(key, at, 'messages', 1);
    this.#do(key, at, 'recipients', recipients);
    this.#mail(key, at);
  }

  ended(key: string, at: number): void {
    this.#do(key, at, 'connections', 1);
  }

  loggedIn(key: string, at: number, user: number | undefined): void {
    const { users } = this.#client(key, at);
    users.set(user, Math.max(users.get(user) ?? 0, at));
    this.#mail(key, at);
  }

  count(key: string, asked: GoodCounter, at: number): number {
    const client = this.#clients.get(key);
    if (client === undefined) return 0;
    const counts = this.#counters
      .filter(({ sort }) => sort === asked.sort)
      .filter(({ within, until }) => (until === undefined ? within === asked.within : at < until))
      .map((counter) => countOf(client, counter, at));
    return Math.max(0, ...counts);
  }

  lastLogin(key: string, user: number): number {
    return this.#clients.get(key)?.users.get(user) ?? 0;
  }

  users(key: string, from: number): number {
    const users = [...(this.#clients.get(key)?.users ?? [])].filter(([, at]) => at >= from);
    const named = users.filter(([user]) => user !== undefined).length;
    return named > 0 ? named : users.length;
  }

  isInStanding(key: string, at: number): boolean {
    const newest = this.#clients.get(key)?.newest ?? 0;
    return newest > 0 && Math.abs(at - newest * 1000) < DAY;
  }

  restart(key: string): void {
    const client = this.#clients.get(key);
    if (client !== undefined) client.deeds = [];
  }

  #do(key: string, at: number, sort: GoodCounter['sort'], number: number): void {
    const seconds = Math.floor(at / 1000);
    this.#client(key, at).deeds.push({ sort, seconds, number, order: this.#order++ });
  }

  #mail(key: string, at: number): void {
    const client = this.#client(key, at);
    client.newest = Math.max(client.newest, Math.floor(at / 1000));
  }

  #client(key: string, at: number): Client {
    const known = this.#clients.get(key) ?? { deeds: [], latest: 0, newest: 0, users: new Map() };
    known.latest = Math.max(known.latest, Math.floor(at / 1000));
    this.#clients.set(key, known);
    return known;
  }
}

/** The deeds of the period in which the client was last seen, and of the one before; of the oldest a part. */
function countOf({ deeds, latest }: Client, { sort, within, from }: Counter, at: number): number {
  const periodOf = (ms: number) => Math.floor(ms / within);
  const last = periodOf(latest * 1000);
  const inPeriod = (period: number) =>
    deeds
      .filter((deed) => deed.sort === sort && deed.order >= from && periodOf(deed.seconds * 1000) === period)
      .reduce((sum, { number }) => sum + number, 0);
  const now = periodOf(at);
  if (now > last + 1) return 0;
  if (now < last) return inPeriod(last) + inPeriod(last - 1);
  return (now === last ? inPeriod(last) : 0) + inPeriod(now - 1) * (1 - (at / within - now));
}
