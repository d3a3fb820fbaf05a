// Spared clients and shares, as list and show answer them. Changes nothing; now is a parameter.

import type { Blocks } from '../blocks/blocks.ts';
import { lengthAfter } from '../blocks/record/former-blocks.ts';
import type { CountingRule } from '../blocks/rules.ts';
import { NO_FACTS } from '../blocks/table/record.ts';
import type { Spared } from '../blocks/table/spared.ts';
import type { ClientView } from '../blocks/table/table-view.ts';
import { isoText } from '../values/iso-time.ts';
import type { ListedSpared, ShownCount } from './answers.ts';

const MAX_LISTED = 100_000;

/** Every spared client. @param now ms since 1970 */
export function listedSpared(blocks: Blocks, now: number): readonly ListedSpared[] {
  const listed: ListedSpared[] = [];
  for (const client of blocks.spared()) {
    if (listed.length >= MAX_LISTED) break;
    listed.push(...sparedOf(blocks, client, now));
  }
  return listed;
}

/** The number of spared clients. */
export function countSpared(blocks: Blocks, now: number): number {
  let count = 0;
  for (const client of blocks.spared()) if (sparing(blocks, client, now).length > 0) count++;
  return count;
}

/** The rules that spare a client, with the figures that decided. */
export function sparedOf(blocks: Blocks, client: ClientView, now: number): readonly ListedSpared[] {
  return sparing(blocks, client, now).map(({ rule, reason, since, last, bad, good }) => {
    const { share = 0, enforce: enforced = true } = blocks.terms.rules.named(rule) ?? {};
    const times = { since: isoText(since), last: isoText(last) };
    return { ip: client.key, rule, enforced, reason, ...times, bad, good, share };
  });
}

/** Those within whose time the client has reached the limit; none while it is blocked. */
function sparing({ terms }: Blocks, { block, spared = [] }: ClientView, now: number): readonly Spared[] {
  if (block !== undefined && now < block.until) return [];
  return spared.filter(({ rule, last }) => now < last + (terms.rules.named(rule)?.within ?? 0));
}

/** How far a client is from a block by each rule, and how long that would last. */
export function countsOf(blocks: Blocks, client: ClientView, now: number): readonly ShownCount[] {
  const { rules } = blocks.terms;
  const shares = blocks.sharesOf(client, now);
  return rules.rules.map((rule, i) => {
    const { name, enforce: enforced, limit, within, sort = null } = rule;
    const { count = 0, bad = 0, good = 0, share = 0 } = shares[i] ?? {};
    const figures = { count, limit, within: within / 1000, sort, bad, good, share };
    const blockFor = lengthAfter(client.former, rule, now) / 1000;
    return { rule: name, enforced, ...figures, former: formerOf(client, rule, now), blockFor };
  });
}

/** The number of former blocks that lengthen one that a rule starts now. */
function formerOf({ former = [] }: ClientView, { name, enforce, repeat }: CountingRule, now: number): number {
  const within = repeat?.within ?? 0;
  return former.filter(
    ({ rule, since, enforced }) => rule === name && enforced === enforce && now - since < within,
  ).length;
}

/** A client of which nothing is known. */
export function unknownClient(key: string): ClientView {
  return { ...NO_FACTS, key, events: [], failures: undefined, isOnlyCounted: true, noteBytes: 0 };
}
