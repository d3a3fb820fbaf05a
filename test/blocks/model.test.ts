// A whole log through Blocks, against a model so simple that it is obviously right.

import { expect } from 'chai';
import fc from 'fast-check';
import { type CountName, NAMES } from '../../src/blocks/events/codes.ts';
import type { Rule } from '../../src/blocks/rules.ts';
import { parseRecord, recordLine } from '../../src/state/snapshot/client-line.ts';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { BlocksFixture, START } from './blocks-fixture.ts';
import { Model, type Step } from './model.ts';

const CLIENTS = [
  '192.0.2.1',
  '::ffff:192.0.2.1',
  '192.0.2.2',
  '2001:db8::1',
  '2001:db8::2',
  '198.51.100.9',
  'unknown',
];
const KEYS: Readonly<Record<string, string>> = {
  '::ffff:192.0.2.1': '192.0.2.1',
  '2001:db8::1': '2001:db8::/64',
  '2001:db8::2': '2001:db8::/64',
};
const ALLOW = ['198.51.100.0/24'];

/** With so many names, most rules would count nothing of most logs. */
const OFTEN: readonly CountName[] = [
  'auth-failure',
  'rejected-recipient',
  'unknown-recipient',
  'relay-denied',
];
const GOOD = ['login', 'accepted-message', 'ended-connection'] as const;

/** Minutes more often than seconds, so that windows fill, blocks end, and limits are met exactly. */
const gap = fc.oneof(fc.constantFrom(0, 1, MINUTE - 1, MINUTE, 5 * MINUTE), fc.nat(12 * MINUTE));
const log: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    address: fc.constantFrom(...CLIENTS),
    what: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...OFTEN, 'timeout' as const) },
      { weight: 4, arbitrary: fc.constantFrom(...GOOD) },
      { weight: 1, arbitrary: fc.constantFrom(...NAMES) },
    ),
    gap,
    user: fc.nat(3),
  }),
  { maxLength: 120 },
);
const rule: fc.Arbitrary<Omit<Rule, 'name'>> = fc.record({
  counts: fc.oneof(
    fc.constantFrom<readonly CountName[]>(['auth-failure'], ['rejected-recipient'], ['dropped-connection']),
    fc.uniqueArray(fc.constantFrom(...OFTEN, ...NAMES), { minLength: 1, maxLength: 3 }),
  ),
  limit: fc.integer({ min: 1, max: 4 }),
  within: fc.constantFrom(MINUTE, 10 * MINUTE, HOUR),
  blockFor: fc.constantFrom(1, MINUTE, 30 * MINUTE, HOUR),
  message: fc.constant('No.'),
  enforce: fc.boolean(),
  share: fc.constantFrom(undefined, 0.1, 0.5, 0.5, 1),
  forgive: fc.constantFrom(undefined, 'login'),
});
const rules = fc
  .array(rule, { minLength: 1, maxLength: 4 })
  .map((list) => list.map((one, i): Rule => ({ ...one, name: `rule-${i}` })));

/** The changes that a log brings about, per client key, and all ends reported by the end of time. */
function model(list: readonly Rule[], steps: readonly Step[]): Map<string, string[]> {
  const all = new Model(list);
  let at = 0;
  for (const step of steps) {
    at += step.gap;
    const key = KEYS[step.address] ?? step.address;
    if (key !== 'unknown' && !step.address.startsWith('198.51.100.')) all.take(key, at, step);
  }
  all.endAll();
  return all.reported;
}

/** The reported changes, per client key; ends that fell due together in any order. */
function byClient(lines: readonly string[]): Map<string, string[]> {
  const reported = new Map<string, string[]>();
  for (const line of lines) {
    const key = line.split(' ')[1] ?? '';
    reported.set(key, [...(reported.get(key) ?? []), line]);
  }
  return reported;
}

const sorted = (reported: Map<string, string[]>) =>
  new Map([...reported].sort().map(([key, lines]) => [key, [...lines].sort()] as const));

function run(
  fixture: BlocksFixture,
  steps: readonly Step[],
  from: number,
  each: (at: number) => void = () => undefined,
): number {
  let at = from;
  for (const { address, what, gap, user } of steps) {
    at += gap;
    each(at);
    if (what === 'login') fixture.login(address, at, user === 0 ? undefined : user);
    else if (what === 'accepted-message') fixture.accept(address, at);
    else if (what === 'ended-connection') fixture.ended(address, at);
    else fixture.fail(address, at, user, what);
  }
  return at;
}

const END = 10_000 * HOUR;

describe('blocks/model: a whole log', () => {
  it('brings about the blocks and ends that counting all events by hand does', () => {
    fc.assert(
      fc.property(rules, log, (list, steps) => {
        const fixture = new BlocksFixture({ rules: list, allow: ALLOW });
        run(fixture, steps, 0);
        expect(sorted(byClient(fixture.expire(END).allReported))).to.deep.equal(sorted(model(list, steps)));
      }),
      { numRuns: 1500 },
    );
  });

  it('brings about the same whether ends are noticed every moment or late, and counts forgotten or not', () => {
    fc.assert(
      fc.property(rules, log, (list, steps) => {
        const fixture = new BlocksFixture({ rules: list, allow: ALLOW });
        run(fixture, steps, 0, (at) => {
          fixture.expire(at);
          fixture.blocks.forget(START + at);
        });
        expect(sorted(byClient(fixture.expire(END).allReported))).to.deep.equal(sorted(model(list, steps)));
      }),
      { numRuns: 500 },
    );
  });

  it('brings about the same when the daemon is stopped anywhere and goes on from its snapshot', () => {
    fc.assert(
      fc.property(rules, log, fc.nat(120), (list, steps, stop) => {
        const whole = new BlocksFixture({ rules: list, allow: ALLOW });
        run(whole, steps, 0);
        const first = new BlocksFixture({ rules: list, allow: ALLOW });
        const at = run(first, steps.slice(0, stop), 0);
        const second = new BlocksFixture({ rules: list, allow: ALLOW });
        const walk = first.blocks.table.walk((record) => {
          const { key, state } = parseRecord(recordLine(record), 1);
          second.blocks.loading.client(key, state);
        });
        while (walk.step(1));
        second.blocks.loading.goodCounters(first.blocks.good.savedCounters, START + at);
        const goodWalk = first.blocks.good.walk((client) =>
          second.blocks.loading.goodClient(structuredClone(client)),
        );
        while (goodWalk.step(1));
        run(second, steps.slice(stop), at);
        const reported = [...first.allReported, ...second.expire(END).allReported];
        expect(sorted(byClient(reported))).to.deep.equal(sorted(byClient(whole.expire(END).allReported)));
      }),
      { numRuns: 500 },
    );
  });

  it('refuses at each moment exactly the clients with a block that has begun and not ended', () => {
    fc.assert(
      fc.property(rules, log, (list, steps) => {
        const fixture = new BlocksFixture({ rules: list, allow: ALLOW });
        let at = 0;
        for (const step of steps) {
          at = run(fixture, [step], at);
          const key = KEYS[step.address] ?? step.address;
          const block = fixture.changes.findLast(
            (change) => change.ip === key && change.enforced && change.type === 'block',
          );
          const isOn = block?.type === 'block' && START + at < block.until;
          expect(fixture.refusing(step.address, at) !== undefined).to.equal(isOn);
        }
      }),
      { numRuns: 300 },
    );
  });
});
