// The rules of policy.yml, arranged by what they count.

import { type CountName, codeNamed, FORGIVEN, isInMask, kindOfCode, maskOf, NAMES } from './events/codes.ts';
import type { Kind } from './events/event.ts';
import { type Retention, retentionOf } from './events/window.ts';
import type { GoodCounter, GoodSort } from './good/good-terms.ts';
import type { Repeat } from './record/former-blocks.ts';

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
  /** 0 to 1: a block starts only if abuse is at least this part of what the client did of its sort. Default: 0 */
  readonly share?: number | undefined;
  /** a login of a user takes back the failures of that user from the client */
  readonly forgive?: 'login' | undefined;
  /** clients that have logged in are not refused */
  readonly passes?: 'authenticated' | undefined;
  /** later blocks of one client last longer */
  readonly repeat?: Repeat | undefined;
}

/** A rule with the codes that it counts as a bit set. */
export interface CountingRule extends Rule {
  readonly mask: number;
  /** what its share is a part of; undefined where it counts kinds of several sorts, or of none */
  readonly sort: GoodSort | undefined;
}

/** The good events with which abuse of each kind is compared. */
const SORT_OF: Readonly<Record<Kind, GoodSort | undefined>> = {
  'rejected-recipient': 'recipients',
  'auth-failure': 'logins',
  'dropped-connection': 'connections',
  'abandoned-connection': 'connections',
  'rejected-message': 'messages',
  'mailbox-full': 'recipients',
  probe: undefined,
};

/** The sort of what a rule counts; undefined where it counts several, or one with which nothing good is compared. */
export function sortOf(counts: readonly CountName[]): GoodSort | undefined {
  const sorts = new Set(counts.map((name) => SORT_OF[kindOfCode(codeNamed(name))]));
  return sorts.size === 1 ? [...sorts][0] : undefined;
}

export class RuleSet {
  readonly rules: readonly CountingRule[];
  /** What windows must keep for these rules. */
  readonly retention: Retention;
  /** ms; the longest `within` of all rules */
  readonly longest: number;
  /** ms; the longest time for which a block lengthens others, 0 where none does */
  readonly longestRepeat: number;
  /** The good events that must be counted for the shares of these rules. */
  readonly goodCounters: readonly GoodCounter[];
  /** bit set of the codes that rules count */
  readonly codes: number;
  /** bit set of the codes that rules with a share count */
  readonly sharedCodes: number;
  /** Whether a rule takes failures back when their user logs in. */
  readonly forgives: boolean;
  /** Whether a rule needs the users of auth failures. */
  readonly needsUsers: boolean;
  /** Whether these rules need what clients did well. */
  readonly needsGood: boolean;
  readonly #byName: ReadonlyMap<string, CountingRule>;
  readonly #byCode: readonly (readonly CountingRule[])[];

  constructor(rules: readonly Rule[]) {
    this.rules = rules.map((rule) => ({
      ...rule,
      mask: codesOf(rule),
      sort: sortOf(rule.counts),
    }));
    this.goodCounters = goodCountersOf(this.rules);
    this.codes = this.rules.reduce((codes, { mask }) => codes | mask, 0);
    this.sharedCodes = this.rules.reduce((codes, { share = 0, mask }) => codes | (share > 0 ? mask : 0), 0);
    this.needsGood = this.rules.some(({ share = 0, forgive }) => share > 0 || forgive !== undefined);
    this.forgives = this.rules.some(({ forgive }) => forgive !== undefined);
    this.needsUsers =
      this.forgives || this.rules.some(({ share = 0, sort }) => share > 0 && sort === 'logins');
    this.#byName = new Map(this.rules.map((rule) => [rule.name, rule]));
    this.#byCode = [...NAMES.keys(), FORGIVEN].map((code) =>
      this.rules.filter(({ mask }) => isInMask(mask, code)),
    );
    const within = this.#byCode.map((counting) => Math.max(0, ...counting.map((rule) => rule.within)));
    const limit = this.#byCode.map((counting) => Math.max(0, ...counting.map((rule) => rule.limit)));
    this.retention = retentionOf(within, limit);
    this.longest = Math.max(0, ...this.retention.within);
    this.longestRepeat = Math.max(0, ...this.rules.map(({ repeat }) => repeat?.within ?? 0));
  }

  named(name: string): CountingRule | undefined {
    return this.#byName.get(name);
  }

  /** The rules that count events of this code, in the order of policy.yml. */
  counting(code: number): readonly CountingRule[] {
    return this.#byCode[code] ?? [];
  }
}

/** A rule that does not forgive counts forgiven failures like any other. */
function codesOf({ counts, forgive }: Rule): number {
  const isUnforgiving = counts.includes('auth-failure') && forgive === undefined;
  return maskOf(counts) | (isUnforgiving ? 1 << FORGIVEN : 0);
}

function goodCountersOf(rules: readonly CountingRule[]): readonly GoodCounter[] {
  const counters = new Map<string, GoodCounter>();
  for (const { share = 0, sort, within } of rules)
    if (share > 0 && sort !== undefined && sort !== 'logins')
      counters.set(`${sort} ${within}`, { sort, within });
  return [...counters.values()];
}
