// A list of names of rules, as a value of another option of policy.yml.

import type { Fields, OptionNode } from './fields.ts';

/** Names in a message. */
const MAX_NAMED = 20;

/** @param rules the names of all rules, where these could be read */
export function readRuleNames(
  place: OptionNode,
  fields: Fields,
  rules: readonly string[] | undefined,
): readonly string[] | undefined {
  return fields.filledList(place, 'names of rules', (at) => {
    const name = fields.text(at, 'the name of a rule');
    if (name === undefined || rules === undefined || rules.includes(name)) return name;
    const known = `expected one of ${rules.slice(0, MAX_NAMED).join(', ')}`;
    return fields.wrong(at, `${JSON.stringify(name.slice(0, 64))} is not a rule; ${known}`);
  });
}
