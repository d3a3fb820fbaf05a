// Private clients that would have been blocked: proxies and gateways that hide the clients behind them.

import type { ProxySuspected } from '../../blocks/changes.ts';

export interface SuspectedProxy {
  readonly ip: string;
  /** the rules that would have blocked it */
  readonly rules: readonly string[];
}

const MAX_SHOWN = 10;
/** Clients that are distinguished. */
const MAX_CLIENTS = 10_000;

export class SuspectedProxies {
  readonly #rules = new Map<string, readonly string[]>();

  suspect({ ip, rule }: ProxySuspected): void {
    const rules = this.#rules.get(ip) ?? [];
    if (rules.includes(rule) || (rules.length === 0 && this.#rules.size >= MAX_CLIENTS)) return;
    this.#rules.set(ip, [...rules, rule]);
  }

  /** The first ones. */
  get shown(): readonly SuspectedProxy[] {
    return [...this.#rules].slice(0, MAX_SHOWN).map(([ip, rules]) => ({ ip, rules }));
  }

  /** How many are not shown. */
  get others(): number {
    return Math.max(0, this.#rules.size - MAX_SHOWN);
  }
}
