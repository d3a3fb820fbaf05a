// What the daemon does with a log, to compare a replay with.

import { expect } from 'chai';
import { Blocks } from '../../src/blocks/blocks.ts';
import { isAudited } from '../../src/blocks/changes.ts';
import { needsGood } from '../../src/blocks/terms.ts';
import { LogReader } from '../../src/maillog/reader.ts';
import type { LogRecord } from '../../src/maillog/syslog/record.ts';
import { Replay } from '../../src/replay/replay.ts';
import { auditFacts } from '../../src/state/audit.ts';
import { SECOND } from '../../src/values/duration.ts';
import { type Policy, termsOf } from '../blocks/blocks-fixture.ts';

/** A plan for all records, without sweeps. */
export const EVERYTHING = {
  sweeps: [],
  since: Number.NEGATIVE_INFINITY,
  until: Number.POSITIVE_INFINITY,
  onChange: () => undefined,
};

/** What the daemon does with a log: it looks for ends each second, and hears of no record before its time. */
function daemonsChanges(records: readonly LogRecord[], policy: Policy): object[] {
  const reported: object[] = [];
  const terms = termsOf(policy);
  const blocks = new Blocks(terms, (change) => {
    if (isAudited(change)) reported.push(auditFacts(change));
  });
  const reader = new LogReader();
  reader.texts.add(terms.rules.rules.map(({ message }) => message));
  reader.readsGood = needsGood(terms);
  let clock = records[0]?.at ?? 0;
  for (const record of records) {
    // While no client is blocked and the breaker is closed, seconds without a line change nothing.
    const isQuiet = () => blocks.table.pinned === 0 && blocks.breaker.opening === undefined;
    for (; clock < record.at; clock += isQuiet() ? record.at - clock : SECOND) {
      while (blocks.expire(clock));
      blocks.forget(clock);
    }
    reader.read(record, (event) => blocks.take(event));
  }
  while (blocks.expire(clock));
  return reported;
}

/** By client: ends within one second may be reported in any order. */
function byClient(changes: readonly object[]): Map<unknown, object[]> {
  const reported = new Map<unknown, object[]>();
  for (const change of changes) {
    const { ip } = change as { readonly ip: unknown };
    reported.set(ip, [...(reported.get(ip) ?? []), change]);
  }
  return reported;
}

/** Without ends after the last record, which only a clock would notice. */
function upTo(changes: Map<unknown, object[]>, last: number): Map<unknown, object[]> {
  const isIn = (change: object) => Date.parse((change as { readonly at: string }).at) <= last - 2 * SECOND;
  return new Map(
    [...changes].map(([ip, all]) => [ip, all.filter(isIn)] as const).filter(([, all]) => all.length > 0),
  );
}

/** @returns the changes that both report */
export function expectSame(records: readonly LogRecord[], policy: Policy): object[] {
  const changes: object[] = [];
  const replay = new Replay({
    ...EVERYTHING,
    terms: termsOf(policy),
    onChange: (change) => changes.push(auditFacts(change)),
  });
  for (const record of records) replay.take(record);
  const last = records.at(-1)?.at ?? 0;
  expect(upTo(byClient(changes), last)).to.deep.equal(upTo(byClient(daemonsChanges(records, policy)), last));
  return changes;
}
