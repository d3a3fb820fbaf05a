// A table of blocks for the policy tests: one rule, and clients that have broken it.

import { AllowList } from '../../src/blocks/allow.ts';
import { Blocks } from '../../src/blocks/blocks.ts';
import { type Rule, RuleSet } from '../../src/blocks/rules.ts';
import { HOUR } from '../../src/values/duration.ts';

/** Event time of every block made here, 2026-11-23 12:00:00 UTC in ms. */
export const START = Date.UTC(2026, 10, 23, 12);
export const TEXT = 'Your IP is sending excessive rejected recipients. Please contact support.';
export const REJECT = `action=REJECT ${TEXT}\n\n`;

export interface BlocksOptions {
  readonly blocked: readonly string[];
  readonly allow?: readonly string[];
  readonly rule?: Partial<Rule>;
}

/** Blocks of 48 hours that began at START, by a rule that a single event breaks. */
export function blocksOf({ blocked, allow = [], rule = {} }: BlocksOptions): Blocks {
  const rules = new RuleSet([
    {
      name: 'rejected-recipients',
      counts: ['rejected-recipient'],
      limit: 1,
      within: HOUR,
      blockFor: 48 * HOUR,
      message: TEXT,
      enforce: true,
      ...rule,
    },
  ]);
  const terms = { rules, ipv6Prefix: 64, nat64: [], maxTracked: 1000 };
  const blocks = new Blocks({ ...terms, allow: new AllowList([]) }, () => undefined);
  for (const address of blocked)
    blocks.take({ kind: 'rejected-recipient', at: START, address, name: undefined });
  // Allowed afterwards: the verdict itself must ask the list.
  blocks.adopt({ ...terms, allow: new AllowList(allow) }, START);
  return blocks;
}
