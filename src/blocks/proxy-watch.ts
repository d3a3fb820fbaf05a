// The watch over private clients, which are never blocked: one that reaches a limit is probably a proxy or a gateway.

import type { Change } from './changes.ts';
import { afterLogin, type Counted, withAbuse } from './counted.ts';
import type { AbuseEvent } from './events/event.ts';
import { EMPTY, filledAt, newestOf } from './events/window.ts';
import { shareAt } from './good/share.ts';
import type { Lifecycle } from './lifecycle.ts';
import { MAX_AHEAD } from './record/clock-change.ts';
import type { CountingRule } from './rules.ts';

/** Clients that are watched; for a new one, the one seen longest ago goes. */
const MAX_CLIENTS = 64;
const ALL_CODES = ~0;
const NOTHING: Counted = { events: EMPTY, failures: undefined };

interface Watched {
  readonly key: string;
  counted: Counted;
  /** by rule, when it was last reported */
  readonly reported: Map<string, number>;
}

/** Private clients are counted here and nowhere else: neither the table nor a snapshot holds them. */
export class ProxyWatch {
  readonly #life: Lifecycle;
  readonly #onChange: (change: Change) => void;
  /** by key; the one seen longest ago first */
  readonly #clients = new Map<string, Watched>();

  constructor(life: Lifecycle, onChange: (change: Change) => void) {
    this.#life = life;
    this.#onChange = onChange;
  }

  /**
   * Counts abuse by a client that the allow list covers by `private` alone.
   * @param rules those that count the code
   * @param now ms; the clock
   */
  take(key: string, event: AbuseEvent, code: number, rules: readonly CountingRule[], now: number): void {
    const client = this.#clientOf(key, now);
    client.counted = withAbuse(client.counted, event, code, this.#life.terms.rules, ALL_CODES);
    for (const rule of rules) this.#judge(client, rule, event.at);
  }

  /** A login takes back the failures of its user up to `at` (ms). */
  forgive(key: string, user: number, at: number): void {
    const client = this.#clients.get(key);
    if (client === undefined) return;
    client.counted = afterLogin(client.counted, user, at, this.#life.terms.rules) ?? client.counted;
  }

  #clientOf(key: string, now: number): Watched {
    const known = this.#clients.get(key);
    this.#clients.delete(key);
    // Where the clock was set back, events from ahead would hide those of now.
    const isUsable = known !== undefined && newestOf(known.counted.events) <= now + MAX_AHEAD;
    const client = isUsable ? known : { key, counted: NOTHING, reported: new Map() };
    this.#clients.set(key, client);
    for (const oldest of this.#clients.keys()) {
      if (this.#clients.size <= MAX_CLIENTS) break;
      this.#clients.delete(oldest);
    }
    return client;
  }

  /** Reports a client that would be blocked, once in each `within` of the rule. */
  #judge(client: Watched, rule: CountingRule, at: number): void {
    const { name, within, mask, limit, share, sort } = rule;
    const { key, counted } = client;
    if (counted.events.length < limit) return;
    const question = { mask, limit, within, share, sort, floor: 0 };
    const since = filledAt(counted.events, question, at);
    if (since === undefined || since < (client.reported.get(name) ?? Number.NEGATIVE_INFINITY) + within)
      return;
    if (!shareAt({ key, ...counted }, question, this.#life.good, since).isMet) return;
    client.reported.set(name, since);
    this.#onChange({ type: 'proxy-suspected', ip: key, rule: name, at: since });
  }
}
