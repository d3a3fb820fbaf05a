// The rules as the server counts by them, and the digest by which hosts with the same rules know each other.

import { createHash } from 'node:crypto';
import type { CountingRule } from '../blocks/rules.ts';
import type { Terms } from '../blocks/terms.ts';
import type { SharedRule, SharedRules } from './shared-store.ts';

/** Hex digits of a digest: enough to tell the policies of one site apart. */
const DIGITS = 12;

/** Watched rules are each host's own. */
export function sharedRulesOf({ rules, ipv6Prefix, nat64, breaker }: Terms): SharedRules {
  const shared = rules.rules.filter(({ enforce }) => enforce).map(sharedRuleOf);
  const decisive = JSON.stringify([shared, ipv6Prefix, nat64, breaker !== undefined]);
  const digest = createHash('sha256').update(decisive).digest('hex').slice(0, DIGITS);
  return { digest, rules: shared };
}

function sharedRuleOf(rule: CountingRule): SharedRule {
  const { name, mask, limit, within, blockFor, share = 0, sort, forgive, repeat } = rule;
  const isForgiving = forgive !== undefined;
  return {
    name,
    mask,
    limit,
    within,
    blockFor,
    share,
    sort,
    forgives: isForgiving,
    ...(repeat && { repeat }),
  };
}
