// Shares, forgiveness and spared clients over crashes: a log that is read again from a snapshot tells the same.

import { expect } from 'chai';
import fc from 'fast-check';
import type { Rule } from '../../src/blocks/rules.ts';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { scaled } from '../harness/scale.ts';
import { AUTH, termsOf } from './blocks-fixture.ts';
import { Host, type Line } from './history.ts';

const RULES: readonly Rule[] = [
  { ...AUTH, limit: 3, blockFor: 10 * MINUTE, share: 0.5, forgive: 'login' },
  { ...AUTH, name: 'strict', limit: 4, within: HOUR, blockFor: 4 * MINUTE, share: 0.6 },
  { ...AUTH, name: 'watch', limit: 2, blockFor: 4 * MINUTE, share: 0.4, enforce: false },
  {
    ...AUTH,
    name: 'recipients',
    counts: ['rejected-recipient'],
    limit: 2,
    blockFor: 15 * MINUTE,
    share: 0.4,
  },
  { ...AUTH, name: 'drops', counts: ['dropped-connection'], limit: 2, within: MINUTE, share: 0.5 },
];

const kind = fc.constantFrom<Line['kind']>(
  'auth-failure',
  'auth-failure',
  'auth-failure',
  'login',
  'rejected-recipient',
  'accepted-message',
  'accepted-message',
  'dropped-connection',
  'ended-connection',
);
const gap = fc.constantFrom(0, 0, 1, 500, 10_000, MINUTE, 4 * MINUTE);
const lag = fc.constantFrom(0, 0, 0, 1, 1000, 30_000);
const logged = fc.record({
  type: fc.constant('log' as const),
  client: fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1'),
  kind,
  lag,
  user: fc.constantFrom(undefined, 1, 2, 3),
});
const step = fc.oneof(
  { weight: 12, arbitrary: logged },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('read' as const), count: fc.integer({ min: 1, max: 20 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constantFrom('tick' as const, 'flush', 'snapshot', 'crash') }),
  },
);
const history = fc.array(fc.record({ gap, step }), { maxLength: 120, size: 'max' });

type Steps = typeof history extends fc.Arbitrary<infer T> ? T : never;

/** Goes through a history. @param isCalm without snapshots and crashes */
function lived(steps: Steps, isCalm: boolean): Host {
  const log: Line[] = [];
  const host = new Host(termsOf({ rules: RULES }), log);
  let now = 0;
  for (const { gap, step } of steps) {
    now += gap;
    if (step.type === 'log') log.push({ ...step, time: Math.max(0, now - step.lag) });
    else if (step.type === 'read') host.read(host.position + step.count, now);
    else if (!isCalm) host[step.type](now);
  }
  host.read(log.length, now);
  host.tick(now);
  host.flush();
  return host;
}

/** The lines of the trail by client: ends that are noticed together stand in any order. */
function reported({ entries }: Host): readonly string[] {
  return entries.map(({ sequence: _, written: __, classes: ___, ...facts }) => JSON.stringify(facts)).sort();
}

describe('blocks/crash', () => {
  it('the trail is that of a host that never crashed, and so is what stands', () => {
    let spared = 0;
    fc.assert(
      fc.property(history, (steps) => {
        const calm = lived(steps, true);
        const host = lived(steps, false);
        spared += calm.entries.filter(({ event }) => event === 'spared').length;
        expect(reported(host)).to.deep.equal(reported(calm));
      }),
      { numRuns: scaled(1000) },
    );
    expect(spared).to.be.above(100);
  });
});
