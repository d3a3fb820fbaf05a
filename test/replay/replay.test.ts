// The replay: the same blocks, spared clients and breaker as the daemon's for the same log.

import { expect } from 'chai';
import fc from 'fast-check';
import { KINDS } from '../../src/blocks/events/event.ts';
import type { Rule } from '../../src/blocks/rules.ts';
import { StampReader } from '../../src/maillog/syslog/stamp.ts';
import { HOUR, MINUTE, SECOND } from '../../src/values/duration.ts';
import { month } from '../bench/month.ts';
import { AUTH } from '../blocks/blocks-fixture.ts';
import { scaled } from '../harness/scale.ts';
import { START } from '../maillog/log.ts';
import { parseLine } from '../maillog/parse-line.ts';
import { expectSame } from './as-the-daemon.ts';
import { lines, rules, type SparingCase, sparingCases } from './cases.ts';
import { failed, recordsOf, replayed } from './small-log.ts';

/** The kinds of changes of a case, if the replay and the daemon agree on them. */
function changesOf([list, breaker, texts]: SparingCase): string[] {
  const policy = { rules: list, breaker, allow: ['198.51.100.0/24'] };
  return expectSame(recordsOf(texts), policy).map((change) => (change as { event: string }).event);
}

describe('replay/replay', () => {
  it('gives the blocks that the daemon gives for the same lines, whatever they are', () => {
    fc.assert(
      fc.property(rules, lines, (list, texts) => {
        expectSame(recordsOf(texts), { rules: list, allow: ['198.51.100.0/24'] });
      }),
      { numRuns: scaled(300) },
    );
  });

  it('gives the blocks, spared clients and breaker that the daemon gives for good and bad lines', () => {
    fc.assert(
      fc.property(sparingCases, (one) => void changesOf(one)),
      { numRuns: scaled(400) },
    );
    // Such cases are worth trying: always the same ones, so that this does not depend on luck.
    const seen = fc.sample(sparingCases, { numRuns: 400, seed: 1 }).flatMap(changesOf);
    expect(seen).to.include.members(['block', 'end', 'spared', 'breaker']);
  });

  it('reports blocks that end while the log is silent in the order of their times', () => {
    const watch = { ...AUTH, name: 'watch', limit: 2, blockFor: 50 * MINUTE, enforce: false };
    const texts = [
      ...failed('a[192.0.2.1]', 0, 1, 2),
      ...failed('b[192.0.2.2]', 0, 1, 600),
      ...failed('c[192.0.2.3]', 90_000),
    ];
    const { changes } = replayed(texts, { rules: [watch, AUTH] });
    const ends = changes
      .filter(({ type }) => type === 'end')
      .map(({ ip, at }) => `${ip} ${(at - START) / SECOND}`);
    expect(ends).to.deep.equal(['192.0.2.1 3001', '192.0.2.2 3001', '192.0.2.1 3602']);
  });

  for (const seed of [1, 2]) {
    it(`gives the blocks that the daemon gives for a day of a host, seed ${seed}`, () => {
      const stamps = new StampReader();
      const text = [...month(scaled(4000), { seed, span: 24 * HOUR, from: START })].join('');
      const records = text.split('\n').flatMap((one) => parseLine(one, stamps, START) ?? []);
      const list = KINDS.map(
        (kind, i): Rule => ({
          ...AUTH,
          name: `rule-${i}`,
          counts: [kind],
          limit: 3 + i,
          within: HOUR,
          blockFor: 2 * HOUR,
          enforce: i % 3 > 0,
        }),
      );
      expect(expectSame(records, { rules: list }).length).to.be.above(20);
      const sparing = list.map((rule): Rule => ({ ...rule, share: 0.3, forgive: 'login' }));
      const breaker = { clients: 2, share: 0.05, within: HOUR };
      expect(expectSame(records, { rules: sparing, breaker }).length).to.be.above(20);
    });
  }
});
