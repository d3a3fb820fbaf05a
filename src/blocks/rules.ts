// The rules of policy.yml, arranged by what they count.

import { type CountName, isInMask, maskOf, NAMES } from './events/codes.ts';
import { type Retention, retentionOf } from './events/window.ts';

export interface Rule {
  readonly name: string;
  readonly counts: readonly CountName[];
  /** the `limit`-th event within `within` starts the block */
  readonly limit: number;
  /** ms */
  readonly within: number;
  /** ms */
  readonly blockFor: number;
  /** The text of the 554; `{ip}`, `{rule}` and `{until}` are filled in. */
  readonly message: string;
  /** false: blocks are watched only, the verdict stays DUNNO */
  readonly enforce: boolean;
}

/** A rule with the codes that it counts as a bit set. */
export interface CountingRule extends Rule {
  readonly mask: number;
}

export class RuleSet {
  readonly rules: readonly CountingRule[];
  /** What windows must keep for these rules. */
  readonly retention: Retention;
  /** ms; the longest `within` of all rules */
  readonly longest: number;
  readonly #byName: ReadonlyMap<string, CountingRule>;
  readonly #byCode: readonly (readonly CountingRule[])[];

  constructor(rules: readonly Rule[]) {
    this.rules = rules.map((rule) => ({ ...rule, mask: maskOf(rule.counts) }));
    this.#byName = new Map(this.rules.map((rule) => [rule.name, rule]));
    this.#byCode = NAMES.map((_, code) => this.rules.filter(({ mask }) => isInMask(mask, code)));
    const within = this.#byCode.map((counting) => Math.max(0, ...counting.map((rule) => rule.within)));
    const limit = this.#byCode.map((counting) => Math.max(0, ...counting.map((rule) => rule.limit)));
    this.retention = retentionOf(within, limit);
    this.longest = Math.max(0, ...this.retention.within);
  }

  named(name: string): CountingRule | undefined {
    return this.#byName.get(name);
  }

  /** The rules that count events of this code, in the order of policy.yml. */
  counting(code: number): readonly CountingRule[] {
    return this.#byCode[code] ?? [];
  }
}
