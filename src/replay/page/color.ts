// One colour a rule, everywhere on the page.

import type { RuleReport } from '../report/report.ts';

/** As many as the style sheet has. */
export const COLORS = 6;

/** The class of a rule's colour; with more rules than colours they are used again. */
export function colorOf(rule: string, rules: readonly RuleReport[]): string {
  const index = rules.findIndex((each) => each.rule === rule);
  return `rule-${Math.max(index, 0) % COLORS}`;
}
