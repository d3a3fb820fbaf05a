// The terms of counting and blocking that follow from a policy.

import { AllowList } from '../blocks/allow.ts';
import { RuleSet } from '../blocks/rules.ts';
import type { Terms } from '../blocks/terms.ts';
import type { Config } from './config.ts';

export function termsOf({ rules, allow, ipv6Prefix, nat64, maxTracked, breaker }: Config): Terms {
  return {
    rules: new RuleSet(rules),
    allow: new AllowList(allow, nat64),
    ipv6Prefix,
    nat64,
    maxTracked,
    ...(breaker === undefined ? {} : { breaker }),
  };
}
