// The clients of one rule: how much abuse each did in its busiest time, and how much good of the same sort then.

import { type GoodSort, STANDING } from '../../blocks/good/good-terms.ts';
import { type GoodCounts, partOf } from '../../blocks/good/share.ts';
import type { CountingRule } from '../../blocks/rules.ts';
import { FailedUsers } from './failed-users.ts';
import { type ClientShare, type SharePoint, SharePoints } from './share-points.ts';
import { STEPS, SteppedCount } from './stepped-count.ts';

/**
 * Clients by their events of a rule and by the part that abuse was of all that they did of its sort, both in the busiest
 * `within`, whether they were blocked or not: the share and the limit cut the abusers from the busy senders.
 */
export interface ShareSpread {
  readonly rule: string;
  readonly sort: GoodSort;
  readonly limit: number;
  /** seconds */
  readonly within: number;
  /** 0 to 1 */
  readonly share: number;
  /** with an event of the rule */
  readonly clients: number;
  readonly points: readonly SharePoint[];
  /** those near the limit or beyond it with the most events, 5 at most on either side of the share */
  readonly outstanding: readonly OutstandingClient[];
}

export interface OutstandingClient extends ClientShare {
  readonly ip: string;
  readonly name: string | null;
}

export interface SortedRule extends CountingRule {
  readonly sort: GoodSort;
}

interface Cell {
  readonly ip: string;
  readonly count: SteppedCount;
  /** of a rule for logins */
  readonly users: FailedUsers | undefined;
  events: number;
  bad: number;
  good: number;
  isBlocked: boolean;
}

/** Clients that one rule distinguishes; of more, those with the fewest events become points at once. */
const MAX_CLIENTS = 50_000;
const MAX_OUTSTANDING = 5;
/** Divides the clients of a rule without a share. */
const HALF = 0.5;

export class ShareTally {
  readonly #rule: SortedRule;
  readonly #good: GoodCounts;
  readonly #max: number;
  readonly #cells = new Map<string, Cell>();
  readonly #points: SharePoints;
  #evicted = 0;

  constructor(rule: SortedRule, good: GoodCounts, max = MAX_CLIENTS) {
    this.#rule = rule;
    this.#good = good;
    this.#max = max;
    this.#points = new SharePoints(rule.limit, rule.share ?? 0);
  }

  /** @param user of a failed login, where Postfix logged it */
  abuse(ip: string, at: number, user: number | undefined): void {
    const cell = this.#cells.get(ip) ?? this.#add(ip);
    const step = Math.floor((at * STEPS) / this.#rule.within);
    cell.count.add(step);
    const hasLoggedIn = user !== undefined && this.#good.lastLogin(ip, user) >= at - STANDING;
    if (!hasLoggedIn) cell.users?.fail(user, step);
    const events = cell.count.until(step);
    if (events < cell.events) return;
    cell.events = events;
    cell.bad = cell.users?.until(step) ?? events;
    cell.good = this.#goodAt(ip, at);
  }

  login(ip: string, user: number | undefined): void {
    if (user !== undefined) this.#cells.get(ip)?.users?.login(user);
  }

  /** The client reached the limit, at an event that was taken before. */
  reach(ip: string, isBlocked: boolean): void {
    const cell = this.#cells.get(ip);
    if (cell === undefined) return;
    // Counted exactly, it reached the limit.
    cell.events = Math.max(cell.events, this.#rule.limit);
    cell.isBlocked ||= isBlocked;
  }

  /** No event may be taken after it. */
  spread(nameOf: (ip: string) => string | undefined): ShareSpread {
    const outstanding = this.#outstanding(nameOf);
    for (const cell of this.#cells.values()) this.#points.add(cell);
    const { name, sort, limit, within, share = 0 } = this.#rule;
    const clients = this.#cells.size + this.#evicted;
    const { points } = this.#points;
    return { rule: name, sort, limit, within: within / 1000, share, clients, points, outstanding };
  }

  #goodAt(ip: string, at: number): number {
    const { sort, within } = this.#rule;
    if (sort === 'logins') return this.#good.users(ip, at - STANDING);
    return Math.round(this.#good.count(ip, { sort, within }, at));
  }

  #add(ip: string): Cell {
    if (this.#cells.size >= this.#max) this.#evict();
    const users = this.#rule.sort === 'logins' ? new FailedUsers() : undefined;
    const cell = { ip, count: new SteppedCount(), users, events: 0, bad: 0, good: 0, isBlocked: false };
    this.#cells.set(ip, cell);
    return cell;
  }

  /** Evicts at least half of them at once, so that the cost for each new client is low. */
  #evict(): void {
    const sizes = Float64Array.from(this.#cells.values(), ({ events }) => events).sort();
    const few = sizes[this.#max >> 1] ?? 0;
    for (const cell of this.#cells.values()) {
      if (cell.events > few) continue;
      this.#points.add(cell);
      this.#cells.delete(cell.ip);
      this.#evicted++;
    }
  }

  #outstanding(nameOf: (ip: string) => string | undefined): readonly OutstandingClient[] {
    const { limit, share = 0 } = this.#rule;
    const line = share > 0 ? share : HALF;
    const near = [...this.#cells.values()].filter(({ events }) => events >= limit / 2);
    near.sort((a, b) => b.events - a.events || (a.ip < b.ip ? -1 : 1));
    const sides = [near.filter((cell) => partOf(cell) >= line), near.filter((cell) => partOf(cell) < line)];
    return sides.flatMap((side) =>
      side.slice(0, MAX_OUTSTANDING).map(({ ip, events, bad, good, isBlocked }) => {
        return { ip, name: nameOf(ip) ?? null, events, bad, good, isBlocked };
      }),
    );
  }
}
