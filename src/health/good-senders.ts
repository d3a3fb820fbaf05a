// The troubles that keep good senders from blocks: an open breaker, and a proxy that Postfix sees instead of the clients.

import type { BreakerChanged, Change, ClientSpared, ProxySuspected } from '../blocks/changes.ts';
import type { ManualAction } from '../blocks/table/block.ts';
import type { Terms } from '../blocks/terms.ts';
import { DAY, durationText } from '../values/duration.ts';
import type { Troubles } from './troubles.ts';

/** ms for which a suspected proxy is a trouble */
const SUSPECTED_FOR = DAY;
/** Addresses named in the reason, the newest ones. */
const MAX_SUSPECTS = 3;
/** Rules named in the reason: a policy has about four. */
const MAX_RULES = 8;

/** What opened the breaker, while it is open. */
type OpenBreaker = Pick<BreakerChanged, 'at' | 'blocked' | 'standing'>;

/** The blocks, as far as they hold the breaker. */
export interface BreakerHolder {
  readonly breaker: { readonly opening: OpenBreaker | undefined };
  readonly terms: Pick<Terms, 'breaker'>;
}

export class GoodSenders {
  readonly #troubles: Pick<Troubles, 'set'>;
  /** rules by which the breaker spared clients since it opened */
  readonly #rules = new Set<string>();
  /** private addresses that would have been blocked, the newest last */
  readonly #suspects = new Map<string, ProxySuspected>();
  #closedBy: ManualAction | undefined;

  constructor(troubles: Pick<Troubles, 'set'>) {
    this.#troubles = troubles;
  }

  /** Who closed the breaker last; undefined where it closed by itself. */
  get closedBy(): ManualAction | undefined {
    return this.#closedBy;
  }

  /** Takes up a change of the blocks. */
  changed(change: Change): void {
    if (change.type === 'spared') this.#spared(change);
    else if (change.type === 'breaker') this.#closedBy = change.hand;
    else if (change.type === 'proxy-suspected') this.#suspect(change);
  }

  /**
   * Call it about once a second.
   * @param now ms since 1970
   */
  look({ breaker: { opening: open }, terms }: BreakerHolder, now: number): void {
    const within = terms.breaker?.within ?? 0;
    if (open === undefined) this.#rules.clear();
    const reason = open && breakerText(open, within, [...this.#rules]);
    this.#troubles.set('breaker-open', reason, now, undefined, open && Math.min(open.at, now));
    for (const [ip, { at }] of this.#suspects) if (now - at >= SUSPECTED_FOR) this.#suspects.delete(ip);
    const suspects = [...this.#suspects.values()];
    this.#troubles.set('proxy-suspected', suspects.length === 0 ? undefined : proxyText(suspects), now);
  }

  #spared({ reason, rule }: ClientSpared): void {
    if (reason === 'breaker' && this.#rules.size < MAX_RULES) this.#rules.add(rule);
  }

  #suspect(change: ProxySuspected): void {
    this.#suspects.delete(change.ip);
    this.#suspects.set(change.ip, change);
    const [oldest] = this.#suspects.keys();
    if (oldest !== undefined && this.#suspects.size > MAX_SUSPECTS) this.#suspects.delete(oldest);
  }
}

function breakerText({ blocked, standing }: OpenBreaker, within: number, rules: readonly string[]): string {
  const by = rules.length === 0 ? '' : ` of ${rules.join(', ')}`;
  return `clients in good standing are not blocked: ${blocked} of ${standing} reached the limit${by} within ${durationText(within)}; the cause is probably on this host: check the certificate, the user database, and whether Postfix sees a proxy instead of the clients; "postblock resume" closes the breaker, and so does an hour in which it spares nobody`;
}

function proxyText(suspects: readonly ProxySuspected[]): string {
  const all = suspects.map(({ ip, rule }) => `${ip} (${rule})`).join(', ');
  return `Postfix probably sees a proxy or a container gateway instead of the clients: rules would have blocked private addresses: ${all}; make Postfix see the addresses of the clients, see contrib/docs/good-senders.md`;
}
