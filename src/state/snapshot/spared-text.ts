// How a client's line in snapshot.json holds the rules by which it is spared.

import type { Spared } from '../../blocks/table/spared.ts';
import { isoText } from '../../values/iso-time.ts';
import { isNatural, isObject } from '../../values/json.ts';
import { damage, parseTime } from './damage.ts';

export function sparedText(list: readonly Spared[]): string {
  const objects = list.map(({ since, reportedAt, last, ...spared }) => ({
    ...spared,
    since: isoText(since),
    reportedAt: isoText(reportedAt),
    last: isoText(last),
  }));
  return JSON.stringify(objects);
}

/** @param number of the line, for the error; @throws SnapshotDamage */
export function parseSpared(value: unknown, number: number): readonly Spared[] {
  if (!Array.isArray(value)) throw damage(number, 'a list of the rules by which a client is spared');
  return value.map((one: unknown) => parseOne(one, number));
}

function parseOne(value: unknown, number: number): Spared {
  if (!isObject(value) || typeof value.rule !== 'string') throw damage(number, 'a rule that spared a client');
  const { rule, reason, bad, good } = value;
  if (reason !== 'share' && reason !== 'breaker') throw damage(number, 'why a client is spared');
  if (!isNatural(bad) || !isNatural(good)) throw damage(number, 'the figures of a spared client');
  const [since, reportedAt, last] = [value.since, value.reportedAt, value.last].map((time) =>
    parseTime(time, number),
  ) as [number, number, number];
  return { rule, reason, since, reportedAt, last, bad, good };
}
