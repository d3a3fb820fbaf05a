// For each rule that can have a share: its clients by their abuse and by what they did well of the same sort.

import { isInMask, NAMES } from '../../blocks/events/codes.ts';
import type { GoodEvent } from '../../blocks/events/event.ts';
import { GoodClients } from '../../blocks/good/good-clients.ts';
import type { GoodCounter } from '../../blocks/good/good-terms.ts';
import type { CountingRule } from '../../blocks/rules.ts';
import { type ShareSpread, ShareTally, type SortedRule } from './share-tally.ts';

/** Clients whose good events are counted. */
const MAX_CLIENTS = 500_000;

/** What is counted here goes on while a client is blocked. Good counts are as approximate as the daemon's. */
export class Shares {
  readonly #good: GoodClients;
  readonly #tallies: ReadonlyMap<string, ShareTally>;
  /** of rules for logins */
  readonly #logins: readonly ShareTally[];
  /** by event code: the tallies of the rules that count it */
  readonly #counting: readonly (readonly ShareTally[])[];

  constructor(rules: readonly CountingRule[]) {
    const sorted = rules.filter((rule): rule is SortedRule => rule.sort !== undefined);
    this.#good = new GoodClients(countersOf(sorted), MAX_CLIENTS);
    const tallies = sorted.map((rule) => ({ rule, tally: new ShareTally(rule, this.#good) }));
    this.#tallies = new Map(tallies.map(({ rule, tally }) => [rule.name, tally]));
    this.#logins = tallies.flatMap(({ rule, tally }) => (rule.sort === 'logins' ? [tally] : []));
    this.#counting = NAMES.map((_, code) =>
      tallies.flatMap(({ rule, tally }) => (isInMask(rule.mask, code) ? [tally] : [])),
    );
  }

  /** @param ip the client key */
  good(event: GoodEvent, ip: string): void {
    if (event.kind === 'accepted-message') this.#good.accepted(ip, event.at, event.recipients);
    else if (event.kind === 'ended-connection') this.#good.ended(ip, event.at);
    else {
      this.#good.loggedIn(ip, event.at, event.user);
      for (const tally of this.#logins) tally.login(ip, event.user);
    }
  }

  /**
   * @param code of the event
   * @param user of a failed login, where Postfix logged it
   */
  abuse(ip: string, code: number, at: number, user: number | undefined): void {
    for (const tally of this.#counting[code] ?? []) tally.abuse(ip, at, user);
  }

  /** The client reached the limit of a rule, at an event that was taken before. */
  reach(rule: string, ip: string, isBlocked: boolean): void {
    this.#tallies.get(rule)?.reach(ip, isBlocked);
  }

  /** Removes what no event from `settled` (ms) on can need. */
  forget(settled: number): void {
    this.#good.forget(settled);
  }

  /** No event may be taken after it. @param nameOf the verified name of a client */
  spreads(nameOf: (ip: string) => string | undefined): readonly ShareSpread[] {
    return [...this.#tallies.values()].map((tally) => tally.spread(nameOf));
  }
}

function countersOf(rules: readonly SortedRule[]): readonly GoodCounter[] {
  const counters = new Map<string, GoodCounter>();
  for (const { sort, within } of rules)
    if (sort !== 'logins') counters.set(`${sort} ${within}`, { sort, within });
  return [...counters.values()];
}
