// The colour of each rule, the same everywhere on the page.

import type { RuleReport } from '../report/report.ts';

/** Number of colours in the style sheet. */
export const COLORS = 6;

/** The CSS class of a rule's colour. Colours repeat when there are more rules. */
export function colorOf(rule: string, rules: readonly RuleReport[]): string {
  const index = rules.findIndex((each) => each.rule === rule);
  return `rule-${Math.max(index, 0) % COLORS}`;
}
