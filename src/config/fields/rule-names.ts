// A list of names of rules, as a value of another option of policy.yml.

import type { Fields, OptionNode } from './fields.ts';

/** @param rules the names of all rules, where these could be read */
export function readRuleNames(
  place: OptionNode,
  fields: Fields,
  rules: readonly string[] | undefined,
): readonly string[] | undefined {
  return fields.filledList(place, 'names of rules', (at) => {
    const name = fields.text(at, 'the name of a rule');
    if (name === undefined || rules === undefined || rules.includes(name)) return name;
    return fields.wrong(at, `${JSON.stringify(name.slice(0, 64))} is not a rule; expected one of the rules`);
  });
}
