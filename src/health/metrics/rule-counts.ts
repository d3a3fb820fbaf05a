// What the rules did since the start: blocks that started and ended, clients spared, mails refused. Bounded.

import { type Change, END_REASONS, type EndReason } from '../../blocks/changes.ts';
import type { Sample } from './families.ts';

/** Rules that are counted by name. Reloads, and hosts with other rules, may bring others. */
const MAX_RULES = 1000;
/** The name under which the rest is counted; no rule can have it. */
const OTHER = '(other)';

/** What is counted of a rule. */
const COUNTED = ['started', 'spared', 'refused', 'refusedInStanding'] as const;

type Counted = (typeof COUNTED)[number];
type RuleTotals = Record<Counted | EndReason, number>;

export class RuleCounts {
  readonly #rules = new Map<string, RuleTotals>();

  /** @param isInStanding whether a client is in good standing; called only where mail was refused */
  changed(change: Change, isInStanding: (ip: string) => boolean): void {
    if (change.type === 'block') this.#of(change.rule).started++;
    else if (change.type === 'end') this.#of(change.rule)[change.reason]++;
    else if (change.type === 'spared') this.#of(change.rule).spared++;
    else if (change.type === 'refused') {
      const totals = this.#of(change.rule);
      totals.refused++;
      if (isInStanding(change.ip)) totals.refusedInStanding++;
    }
  }

  /** @param rules names of those of the policy, which are named also where nothing happened */
  samples(what: Counted, rules: readonly string[]): readonly Sample[] {
    return this.#named(rules).map((rule) => [this.#rules.get(rule)?.[what] ?? 0, rule]);
  }

  /** By rule and reason. @param rules as for `samples` */
  ended(rules: readonly string[]): readonly Sample[] {
    return this.#named(rules).flatMap((rule) =>
      END_REASONS.map((reason): Sample => [this.#rules.get(rule)?.[reason] ?? 0, rule, reason]),
    );
  }

  #named(rules: readonly string[]): readonly string[] {
    return [...new Set([...rules, ...this.#rules.keys()])];
  }

  #of(rule: string): RuleTotals {
    const known = this.#rules.get(rule);
    if (known !== undefined) return known;
    if (this.#rules.size >= MAX_RULES && rule !== OTHER) return this.#of(OTHER);
    const totals = Object.fromEntries([...COUNTED, ...END_REASONS].map((name) => [name, 0])) as RuleTotals;
    this.#rules.set(rule, totals);
    return totals;
  }
}
