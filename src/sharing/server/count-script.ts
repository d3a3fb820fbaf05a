// The script that counts, with the rules in it: the server would need longer to read them in each call than to count.

import { classOfCode, FORGIVEN, isInMask } from '../../blocks/events/codes.ts';
import { FAILURE } from '../../blocks/events/failures.ts';
import { formerNeeded } from '../../blocks/record/former-blocks.ts';
import { AUDIT_VERSION } from '../../state/audit.ts';
import { BATCH } from '../lua/batch.ts';
import { CLIENT_STATE } from '../lua/client-state.ts';
import { COUNT } from '../lua/count.ts';
import { GOOD } from '../lua/good.ts';
import { JUDGING } from '../lua/judging.ts';
import { PERIODS } from '../lua/periods.ts';
import { WINDOW } from '../lua/window.ts';
import type { SharedRule, SharedRules } from '../shared-store.ts';
import { luaOf } from './lua-text.ts';
import { type Script, script } from './scripts.ts';

/** Codes of blocks/events/codes.ts, that of forgiven failures included. */
const CODES = Array.from({ length: FORGIVEN + 1 }, (_, code) => code);

/** Made once for each object. */
const scripts = new WeakMap<SharedRules, Script>();

/** The script for these rules. The server keeps one for each set of rules that hosts have. */
export function countScript(rules: SharedRules): Script {
  const known = scripts.get(rules);
  if (known !== undefined) return known;
  const made = script(CLIENT_STATE, rulesText(rules), PERIODS, WINDOW, GOOD, JUDGING, BATCH, COUNT);
  scripts.set(rules, made);
  return made;
}

function rulesText(rules: SharedRules): string {
  const { codes, classes } = detailsOf(rules);
  return `
local plan = ${luaOf(planned(rules))}
local function details()
  return ${luaOf(codes)}, ${luaOf(classes)}
end
`;
}

/** What is needed near a limit alone. */
function detailsOf({ rules }: SharedRules) {
  const codes = rules.map(({ mask }) => CODES.filter((code) => isInMask(mask, code)));
  return { codes, classes: CODES.map((code) => classOfCode(code) ?? '') };
}

/** The rules, and what follows from them. */
function planned({ digest, rules }: SharedRules) {
  const counting = CODES.map((code) => rules.filter(({ mask }) => isInMask(mask, code)));
  const longestOf = (some: readonly SharedRule[]) => Math.max(0, ...some.map(({ within }) => within));
  const within = counting.map(longestOf);
  const limit = counting.map((some) => Math.max(0, ...some.map((rule) => rule.limit)));
  const leastOf = (values: readonly number[]) => Math.min(...values.filter((value) => value > 0), 1e15);
  return {
    version: AUDIT_VERSION,
    digest,
    rules: rules.map(plannedRule),
    byCode: counting.map((some) => placesOf(some, rules)),
    within,
    limit,
    leastWithin: leastOf(within),
    leastLimit: leastOf(limit),
    longest: longestOf(rules),
    longestRepeat: Math.max(0, ...rules.map(({ repeat }) => repeat?.within ?? 0)),
    counters: countersOf(rules),
    forgives: rules.some(({ forgives }) => forgives),
    needsUsers: rules.some(({ forgives, share, sort }) => forgives || (share > 0 && sort === 'logins')),
    failure: FAILURE,
    forgiven: FORGIVEN,
  };
}

function plannedRule(rule: SharedRule) {
  const { name, limit, within, blockFor, share, sort = '', repeat } = rule;
  const more = repeat && { repeat: { ...repeat, needed: formerNeeded(rule) } };
  return { name, limit, within, blockFor, share, sort, ...more };
}

/** The places of rules, from 1 on: 0 for none, a number for one. */
function placesOf(some: readonly SharedRule[], rules: readonly SharedRule[]): number | readonly number[] {
  const places = some.map((rule) => rules.indexOf(rule) + 1);
  return places.length > 1 ? places : (places[0] ?? 0);
}

/** The sums that are kept of what a client does well: sort and time of each. */
function countersOf(rules: readonly SharedRule[]): readonly (readonly [sort: string, within: number])[] {
  const counters = new Map<string, readonly [string, number]>();
  for (const { share, sort, within } of rules)
    if (share > 0 && sort !== undefined && sort !== 'logins')
      counters.set(`${sort} ${within}`, [sort, within]);
  return [...counters.values()];
}
