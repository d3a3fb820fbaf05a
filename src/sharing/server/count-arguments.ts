// What the count script is given: the rules with all that follows from them, and the events of a batch.

import { classOfCode, FORGIVEN, isInMask } from '../../blocks/events/codes.ts';
import { FAILURE } from '../../blocks/events/failures.ts';
import { formerNeeded } from '../../blocks/record/former-blocks.ts';
import { AUDIT_VERSION } from '../../state/audit.ts';
import type { Batch, SharedEvent, SharedRule, SharedRules } from '../shared-store.ts';

/** Codes of blocks/events/codes.ts, that of forgiven failures included. */
const CODES = Array.from({ length: FORGIVEN + 1 }, (_, code) => code);
const NO_USER = -1;
/** Kinds of events in the script. */
const [ABUSE, MESSAGE, LOGIN, CONNECTION] = [0, 1, 2, 3];

/** Plan and details of rules, as JSON; made once for each object. */
const plans = new WeakMap<SharedRules, readonly [plan: string, details: string]>();

/** Arguments of the script for a batch of this host. */
export function countArguments(batch: Batch, rules: SharedRules, host: string): readonly string[] {
  const { source, since, breakerOpened = 0, events, repeatedTo = 0, acknowledged = 0 } = batch;
  const [plan, details] = plansOf(rules);
  const values = JSON.stringify(events.flatMap(valuesOf));
  return [
    plan,
    host,
    source,
    since,
    String(breakerOpened),
    values,
    details,
    String(repeatedTo),
    String(acknowledged),
  ];
}

function plansOf(rules: SharedRules): readonly [plan: string, details: string] {
  const known = plans.get(rules);
  if (known !== undefined) return known;
  const made = [JSON.stringify(planned(rules)), JSON.stringify(detailsOf(rules))] as const;
  plans.set(rules, made);
  return made;
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

function valuesOf(event: SharedEvent): readonly (string | number)[] {
  const { number, key, at } = event;
  if (event.type === 'abuse') return [number, key, at, ABUSE, event.code, event.user ?? 0];
  if (event.type === 'message') return [number, key, at, MESSAGE, event.recipients, 0];
  if (event.type === 'login') return [number, key, at, LOGIN, event.user ?? NO_USER, 0];
  return [number, key, at, CONNECTION, 0, 0];
}
