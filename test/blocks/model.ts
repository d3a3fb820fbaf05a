// What a log must bring about, computed so simply that it is obviously right: a list of all events of each client.

import type { CountName } from '../../src/blocks/events/codes.ts';
import { CLASSES } from '../../src/blocks/events/event.ts';
import { GoodClients } from '../../src/blocks/good/good-clients.ts';
import { type Rule, RuleSet, sortOf } from '../../src/blocks/rules.ts';
import { DAY } from '../../src/values/duration.ts';
import { START } from './blocks-fixture.ts';

/** What a client does, `gap` ms after the step before. */
export interface Step {
  readonly address: string;
  readonly what: CountName | 'login' | 'accepted-message' | 'ended-connection';
  readonly gap: number;
  /** of a login or a failed one; 0 where Postfix does not log it */
  readonly user: number;
}

interface Event {
  readonly at: number;
  readonly what: CountName;
  readonly user: number;
  isForgiven: boolean;
}

interface Running {
  readonly rule: Rule;
  readonly until: number;
}

const WITH_CLASSES: Readonly<Record<string, readonly string[]>> = CLASSES;

/** Times in ms after START. */
export class Model {
  /** by client key: each change in a line */
  readonly reported = new Map<string, string[]>();
  readonly #rules: readonly Rule[];
  readonly #events = new Map<string, Event[]>();
  readonly #running = new Map<string, Running[]>();
  readonly #floors = new Map<string, number>();
  /** by client and rule: when it was last reported as spared, and when it last had to be */
  readonly #spared = new Map<string, { reportedAt: number; last: number }>();
  readonly #logins = new Map<string, number>();
  /** The sums of good events are approximate: those of the program are taken. */
  readonly #good: GoodClients;

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
    this.#good = new GoodClients(new RuleSet(rules).goodCounters);
  }

  take(key: string, at: number, { what, user: any }: Step): void {
    const user = what === 'login' || what === 'auth-failure' ? any : 0;
    this.end(key, at);
    if (what === 'login') this.#login(key, at, user);
    else if (what === 'accepted-message') this.#good.accepted(key, START + at, 1);
    else if (what === 'ended-connection') this.#good.ended(key, START + at);
    else if (!this.#isBlocked(key))
      this.#abuse(key, { at, what, user, isForgiven: this.#isEarly(key, at, user) });
  }

  /** Ends the blocks that expire by `now`. */
  end(key: string, now: number): void {
    for (const one of this.#running.get(key) ?? []) {
      const { rule, until } = one;
      if (until > now) continue;
      this.#running.set(
        key,
        (this.#running.get(key) ?? []).filter((other) => other !== one),
      );
      // The end of a real block is a floor for all rules, that of a watched one for its own.
      this.#floors.set(rule.enforce ? key : `${key} ${rule.name}`, until);
      if (rule.enforce) this.#good.restart(key);
      this.#report(key, `end ${key} ${rule.name} ${until} expired`);
    }
  }

  endAll(): void {
    for (const key of this.#running.keys()) this.end(key, Number.POSITIVE_INFINITY);
  }

  #login(key: string, at: number, user: number): void {
    this.#logins.set(`${key} ${user}`, at);
    if (user === 0 || !this.#rules.some(({ forgive }) => forgive)) return;
    for (const event of this.#events.get(key) ?? []) if (event.user === user) event.isForgiven = true;
  }

  /** Whether a failure is stamped no later than a login that was read before it. */
  #isEarly(key: string, at: number, user: number): boolean {
    return (
      user !== 0 && this.#rules.some(({ forgive }) => forgive) && this.#logins.get(`${key} ${user}`) === at
    );
  }

  #abuse(key: string, event: Event): void {
    this.#events.set(key, [...(this.#events.get(key) ?? []), event]);
    for (const rule of this.#rules) {
      if (!isCounted(rule, event) || this.#isBlocked(key)) continue;
      if ((this.#running.get(key) ?? []).some((other) => other.rule === rule)) continue;
      const floor = Math.max(this.#floors.get(key) ?? 0, this.#floors.get(`${key} ${rule.name}`) ?? 0);
      const counted = (this.#events.get(key) ?? []).filter(
        (one) => isCounted(rule, one) && one.at >= floor && event.at - one.at < rule.within,
      );
      if (counted.length >= rule.limit) this.#judge(key, rule, event.at, counted);
    }
  }

  #judge(key: string, rule: Rule, at: number, counted: readonly Event[]): void {
    const { name, within, share = 0 } = rule;
    const [bad, good] = this.#figures(key, rule, at, counted);
    if (share > 0 && sortOf(rule.counts) !== undefined && bad < share * (bad + good) - 1e-6) {
      const known = this.#spared.get(`${key} ${name}`);
      const isDue = known === undefined || at >= known.last + within || at >= known.reportedAt + within;
      this.#spared.set(`${key} ${name}`, { reportedAt: isDue ? at : known.reportedAt, last: at });
      if (isDue) this.#report(key, `spared ${key} ${name} ${at} ${bad} ${good}`);
      return;
    }
    this.#running.set(key, [...(this.#running.get(key) ?? []), { rule, until: at + rule.blockFor }]);
    for (const one of this.#rules)
      if (rule.enforce || one === rule) this.#spared.delete(`${key} ${one.name}`);
    this.#report(key, `block ${key} ${name} ${at}`);
  }

  #figures(key: string, { counts, within }: Rule, at: number, counted: readonly Event[]): [number, number] {
    const sort = sortOf(counts);
    if (sort === undefined) return [counted.length, 0];
    if (sort !== 'logins')
      return [counted.length, Math.round(this.#good.count(key, { sort, within }, START + at))];
    const lastOf = (user: number) => this.#logins.get(`${key} ${user}`) ?? Number.NEGATIVE_INFINITY;
    const failed = counted.filter(
      ({ user, isForgiven }) => (!isForgiven && at - lastOf(user) > DAY) || user === 0,
    );
    const named = new Set(failed.flatMap(({ user }) => (user === 0 ? [] : user)));
    const users = [...this.#logins].filter(([id, last]) => id.startsWith(`${key} `) && at - last <= DAY);
    const known = users.filter(([id]) => !id.endsWith(' 0')).length;
    return [named.size + failed.filter(({ user }) => user === 0).length, known > 0 ? known : users.length];
  }

  #isBlocked(key: string): boolean {
    return (this.#running.get(key) ?? []).some(({ rule }) => rule.enforce);
  }

  #report(key: string, line: string): void {
    this.reported.set(key, [...(this.reported.get(key) ?? []), line]);
  }
}

function isCounted({ counts, forgive }: Rule, { what, isForgiven }: Event): boolean {
  if (isForgiven && forgive !== undefined) return false;
  return counts.some((name) => name === what || WITH_CLASSES[name]?.includes(what));
}
