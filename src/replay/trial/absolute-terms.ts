// The terms of a policy without what spares clients: every client that reaches a limit is blocked.

import { RuleSet } from '../../blocks/rules.ts';
import type { Terms } from '../../blocks/terms.ts';

/** @returns undefined where the policy has nothing that spares */
export function absoluteTerms(terms: Terms): Terms | undefined {
  const { rules } = terms.rules;
  const isSparing =
    terms.breaker !== undefined ||
    rules.some(
      ({ share = 0, forgive, passes }) => share > 0 || forgive !== undefined || passes !== undefined,
    );
  if (!isSparing) return undefined;
  const off = { share: undefined, forgive: undefined, passes: undefined };
  return { ...terms, rules: new RuleSet(rules.map((rule) => ({ ...rule, ...off }))), breaker: undefined };
}
