// The terms of the policy under which events are counted and clients blocked.

import type { Nat64Prefix } from '../values/nat64.ts';
import type { AllowList } from './allow.ts';
import type { RuleSet } from './rules.ts';
import type { BreakerTerms } from './sparing/breaker.ts';

/** The part of the policy that counting and blocking need. */
export interface Terms {
  readonly rules: RuleSet;
  readonly allow: AllowList;
  /** bits of an IPv6 address that make one client */
  readonly ipv6Prefix: number;
  /** under which IPv6 addresses hold those of IPv4 clients */
  readonly nat64: readonly Nat64Prefix[];
  /** maximum of clients that are kept */
  readonly maxTracked: number;
  readonly breaker?: BreakerTerms | undefined;
}

/** Whether what clients do well is counted under these terms. */
export function needsGood({ rules, breaker }: Pick<Terms, 'rules' | 'breaker'>): boolean {
  return rules.needsGood || breaker !== undefined;
}
