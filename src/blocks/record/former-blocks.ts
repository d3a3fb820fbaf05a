// The former blocks of a client, by which a later block of the same rule lasts longer.

import type { FormerBlock } from '../table/block.ts';

/** Each block that follows another one of its client `within` (ms) lasts `factor` times as long, at most `most` (ms). */
export interface Repeat {
  readonly within: number;
  readonly factor: number;
  readonly most: number;
}

/** The part of a rule that decides how long its blocks last; `blockFor` in ms. */
export interface RepeatingRule {
  readonly name: string;
  readonly blockFor: number;
  readonly enforce: boolean;
  readonly repeat?: Repeat | undefined;
}

type FormerList = readonly FormerBlock[] | undefined;

/** Former blocks of one rule that are kept: with more, a block does not last longer. */
const MAX_FORMER = 100;

/** How long (ms) the block lasts that a rule starts at `since` (ms). */
export function lengthAfter(list: FormerList, rule: RepeatingRule, since: number): number {
  const { blockFor, repeat } = rule;
  if (list === undefined || repeat === undefined) return blockFor;
  const { within, factor, most } = repeat;
  const isCounted = (former: FormerBlock) => former.since < since && since - former.since < within;
  const count = list.filter((former) => isOf(rule, former) && isCounted(former)).length;
  return Math.max(blockFor, Math.min(most, Math.round(blockFor * factor ** count)));
}

/** The list with one more block. Of its rule it holds no more than can still lengthen a block, and of others all. */
export function withFormer(list: FormerList, rule: RepeatingRule, since: number): FormerList {
  if (rule.repeat === undefined) return list;
  const { within } = rule.repeat;
  const known = new Set((list ?? []).filter((former) => isOf(rule, former)).map((former) => former.since));
  const times = [...known.add(since)].sort((a, b) => a - b);
  const newest = times.at(-1) ?? since;
  const kept = times.filter((time) => newest - time < within).slice(-formerNeeded(rule));
  const { name, enforce: enforced } = rule;
  const others = (list ?? []).filter((former) => !isOf(rule, former));
  return [...others, ...kept.map((time) => ({ rule: name, since: time, enforced }))];
}

/**
 * The list after the end of a block. One that was not justified, or is not any more, lengthens no other: somebody lifted
 * it, an allow entry covers the client, or the policy has changed.
 *
 * @param reason one of END_REASONS
 */
export function formerAfter(list: FormerList, block: FormerBlock, reason: string): FormerList {
  if (list === undefined || reason === 'expired' || reason === 'no-room') return list;
  const kept = list.filter(({ rule, since, enforced }) => {
    return rule !== block.rule || since !== block.since || enforced !== block.enforced;
  });
  return kept.length === 0 ? undefined : kept;
}

/** Former blocks with which a block of this rule lasts as long as it ever may; at least 1. */
export function formerNeeded({ blockFor, repeat }: Pick<RepeatingRule, 'blockFor' | 'repeat'>): number {
  const { factor = 1, most = 0 } = repeat ?? {};
  // With a factor of 1, no number of them is enough.
  const needed = Math.ceil(Math.log(most / blockFor) / Math.log(factor));
  return Math.max(1, Math.min(needed, MAX_FORMER));
}

function isOf({ name, enforce }: RepeatingRule, { rule, enforced }: FormerBlock): boolean {
  return rule === name && enforced === enforce;
}
