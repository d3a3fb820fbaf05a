// The terms under which events are counted and clients blocked, as the policy sets them.

import type { AllowList } from './allow.ts';
import type { RuleSet } from './rules.ts';

/** The part of the policy that counting and blocking need. */
export interface Terms {
  readonly rules: RuleSet;
  readonly allow: AllowList;
  /** bits of an IPv6 address that make one client */
  readonly ipv6Prefix: number;
  /** most clients remembered */
  readonly maxTracked: number;
}
