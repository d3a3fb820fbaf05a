// What a policy spares: clients that reached a limit and were not blocked, and the times at which its breaker was open.

import type { BreakerChanged, ClientSpared } from '../../blocks/changes.ts';
import { isoText } from '../../values/iso-time.ts';
import type { ClientTally } from './client-tally.ts';

/** What the policy spares, and what it would do if it spared nobody. */
export interface Sparing {
  /** the enforced rules together without share, forgive, passes and breaker */
  readonly without: Unspared;
  /** the most abuse first, 20 at most */
  readonly clients: readonly SparedClient[];
  /** when it was open: the first 20 times */
  readonly breaker: readonly BreakerOpening[];
}

export interface Unspared {
  readonly blocks: number;
  /** events that the blocks stop */
  readonly stopped: number;
  /** mails */
  readonly lost: number;
}

/** What one rule would do if it spared nobody. */
export interface UnsparedRule extends Unspared {
  /** different IPs blocked */
  readonly ips: number;
}

/** A client that one rule spared. */
export interface SparedClient {
  readonly ip: string;
  /** verified by Postfix; null where it never was */
  readonly name: string | null;
  readonly rule: string;
  /** why it was not blocked when it did the most abuse */
  readonly reason: ClientSpared['reason'];
  /** how often it was reported, at most once in each `within` of the rule */
  readonly times: number;
  /** when it did the most: abuse, and what it did well of the same sort; events, or users of logins */
  readonly bad: number;
  readonly good: number;
  /** mails that Postfix accepted from it, and those of them that would be lost if the policy spared nobody */
  readonly accepted: number;
  readonly lostWithout: number;
}

export interface BreakerOpening {
  readonly at: string;
  /** null where the log ends before it closes */
  readonly closed: string | null;
  /** the client whose block opened it */
  readonly ip: string;
  /** clients in good standing that started a block within its time, and all in good standing */
  readonly blocked: number;
  readonly standing: number;
}

/** Clients that are distinguished, each once for each rule that spares it. */
const MAX_CLIENTS = 50_000;
const MAX_SHOWN = 20;
const MAX_OPENINGS = 20;

export class SparingTally {
  readonly #clients = new Map<string, { times: number; worst: ClientSpared }>();
  readonly #openings: BreakerOpening[] = [];
  /** whether the last opening is one that is not shown */
  #isBeyond = false;

  spare(change: ClientSpared): void {
    const key = `${change.rule} ${change.ip}`;
    const known = this.#clients.get(key);
    if (known !== undefined) {
      known.times++;
      if (change.bad > known.worst.bad) known.worst = change;
    } else if (this.#clients.size < MAX_CLIENTS) this.#clients.set(key, { times: 1, worst: change });
  }

  turn({ state, at, ip, blocked, standing }: BreakerChanged): void {
    if (state === 'open') {
      this.#isBeyond = this.#openings.length >= MAX_OPENINGS;
      if (!this.#isBeyond) this.#openings.push({ at: isoText(at), closed: null, ip, blocked, standing });
      return;
    }
    const last = this.#openings.at(-1);
    if (last !== undefined && !this.#isBeyond)
      this.#openings[this.#openings.length - 1] = { ...last, closed: isoText(at) };
  }

  /** @param known gives what is known of a client */
  report(known: (ip: string) => ClientTally | undefined, without: Unspared): Sparing {
    const all = [...this.#clients.values()].sort(
      (a, b) => b.worst.bad - a.worst.bad || b.times - a.times || (a.worst.ip < b.worst.ip ? -1 : 1),
    );
    return {
      without,
      clients: all.slice(0, MAX_SHOWN).map(({ times, worst: { ip, rule, reason, bad, good } }) => {
        const { name = null, accepted = 0, lostWithout = 0 } = known(ip) ?? {};
        return { ip, name, rule, reason, times, bad, good, accepted, lostWithout };
      }),
      breaker: this.#openings,
    };
  }
}
