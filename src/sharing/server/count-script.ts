// The script that counts, with the rules in it: the server would need longer to read them in each call than to count.

import { classOfCode, FORGIVEN, isInMask } from '../../blocks/events/codes.ts';
import { FAILURE } from '../../blocks/events/failures.ts';
import { formerNeeded } from '../../blocks/record/former-blocks.ts';
import { AUDIT_VERSION } from '../../state/audit.ts';
import { BATCH, KNOWN } from '../lua/batch.ts';
import { CLIENT_STATE } from '../lua/client-state.ts';
import { COUNT } from '../lua/count.ts';
import { DECIDING } from '../lua/deciding.ts';
import { GOOD } from '../lua/good.ts';
import { JUDGING } from '../lua/judging.ts';
import { NUMBERS } from '../lua/numbers.ts';
import { PACKING } from '../lua/packing.ts';
import { PERIODS } from '../lua/periods.ts';
import { REPEATING } from '../lua/repeating.ts';
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
  const counting = [PACKING, WINDOW, GOOD, BATCH, NUMBERS, PERIODS, KNOWN, REPEATING, newJudge, COUNT];
  const made = script(CLIENT_STATE, rulesText(rules), ...counting);
  scripts.set(rules, made);
  return made;
}

/** Most calls come to no judgement, and need none of these functions. */
const newJudge = `
local function newJudge()
${JUDGING}
${DECIDING}
  return judge
end
`;

function rulesText(rules: SharedRules): string {
  return `
local plan = ${luaOf(planOf(rules))}
local function details()
  return ${luaOf(detailsOf(rules))}
end

local known
local function detailed()
  if not known then
    known = details()
    for i, codes in ipairs(known.codes) do
      known.codes[i] = {}
      for _, code in ipairs(codes) do known.codes[i][code + 1] = true end
    end
  end
  return known
end
`;
}

/** What each call needs of the rules: the script makes it anew each time. */
function planOf({ digest, rules }: SharedRules) {
  const counters = countersOf(rules);
  const { within, limit } = ofCodes(rules);
  const leastOf = (values: readonly number[]) => Math.min(...values.filter((value) => value > 0), 1e15);
  return {
    version: AUDIT_VERSION,
    digest,
    limits: rules.map((rule) => rule.limit),
    byCode: CODES.map((code) => placesOf(code, rules)),
    leastWithin: leastOf(within),
    leastLimit: leastOf(limit),
    failureWithin: within[FAILURE] ?? 0,
    failureLimit: limit[FAILURE] ?? 0,
    longest: longestOf(rules),
    longestRepeat: Math.max(0, ...rules.map(({ repeat }) => repeat?.within ?? 0)),
    sorts: counters.map(([sort]) => sort),
    lengths: counters.map(([, length]) => length),
    forgives: rules.some(({ forgives }) => forgives),
    needsUsers: rules.some(({ forgives, share, sort }) => forgives || (share > 0 && sort === 'logins')),
    failure: FAILURE,
    forgiven: FORGIVEN,
  };
}

/** What is needed near a limit alone; `codes` by rule, the others but the rules by code. */
function detailsOf({ rules }: SharedRules) {
  const codes = rules.map(({ mask }) => CODES.filter((code) => isInMask(mask, code)));
  const classes = CODES.map((code) => classOfCode(code) ?? '');
  return { rules: rules.map(plannedRule), codes, classes, ...ofCodes(rules) };
}

/** By code, the longest time and the highest limit of the rules that count it; 0 for none. */
function ofCodes(rules: readonly SharedRule[]) {
  const counting = CODES.map((code) => rules.filter(({ mask }) => isInMask(mask, code)));
  return {
    within: counting.map(longestOf),
    limit: counting.map((some) => Math.max(0, ...some.map((rule) => rule.limit))),
  };
}

function longestOf(rules: readonly SharedRule[]): number {
  return Math.max(0, ...rules.map(({ within }) => within));
}

function plannedRule(rule: SharedRule) {
  const { name, limit, within, blockFor, share, sort = '', repeat } = rule;
  const more = repeat && { repeat: { ...repeat, needed: formerNeeded(rule) } };
  return { name, limit, within, blockFor, share, sort, ...more };
}

/** The places of the rules that count a code, from 1 on: 0 for none, a number for one. */
function placesOf(code: number, rules: readonly SharedRule[]): number | readonly number[] {
  const places = rules.flatMap(({ mask }, index) => (isInMask(mask, code) ? [index + 1] : []));
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
