// A sweep: several values side by side, each with the result of a replay of its own.

import { expect } from 'chai';
import fc from 'fast-check';
import type { Rule } from '../../../src/blocks/rules.ts';
import type { SweepPlan } from '../../../src/replay/trial/sweep.ts';
import { HOUR, MINUTE } from '../../../src/values/duration.ts';
import { AUTH, termsOf } from '../../blocks/blocks-fixture.ts';
import { scaled } from '../../harness/scale.ts';
import { failed, mail, replayed, ruleOf } from '../small-log.ts';

const OTHER: Rule = { ...AUTH, name: 'watch', limit: 2, enforce: false };

type Swept = Partial<Pick<Rule, 'limit' | 'within' | 'blockFor' | 'share'>>;

function sweepOf(values: readonly Swept[], rules: readonly Rule[], name: string): SweepPlan {
  const withValue = (value: Swept) =>
    rules.map((rule) => (rule.name === name ? { ...rule, ...value } : rule));
  return {
    key: `rules.${name}.limit`,
    rule: name,
    values: values.map((value, i) => ({
      value: String(i),
      isCurrent: i === 0,
      terms: termsOf({ rules: withValue(value), allow: ['192.0.2.9'] }),
    })),
  };
}

const CLIENTS = [
  'a.example[192.0.2.1]',
  'unknown[192.0.2.2]',
  'c.example[2001:db8::1]',
  'd.example[192.0.2.9]',
];
const steps = fc.array(
  fc.record({
    client: fc.constantFrom(...CLIENTS),
    what: fc.constantFrom('failure', 'mail', 'login'),
    gap: fc.constantFrom(0, 1, 30, 300, 1800),
  }),
  { maxLength: 60 },
);
const swept: fc.Arbitrary<Swept> = fc.oneof(
  fc.integer({ min: 1, max: 6 }).map((limit) => ({ limit })),
  fc.constantFrom(1000, MINUTE, 10 * MINUTE, HOUR).map((within) => ({ within })),
  fc.constantFrom(1000, MINUTE, HOUR, 5 * HOUR).map((blockFor) => ({ blockFor })),
  fc.constantFrom(0, 0.5, 0.75, 1).map((share) => ({ share })),
);

describe('replay/trial/sweep', () => {
  it('reports for each value what a replay with that value reports', () => {
    const values = fc.array(swept, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(steps, values, fc.boolean(), (log, list, isWatched) => {
        const rules = [AUTH, { ...OTHER, share: 0.6 }];
        const name = isWatched ? 'watch' : 'auth';
        let at = 0;
        const lines = log.flatMap(({ client, what, gap }, i) => {
          at += gap;
          if (what === 'failure') return failed(client, at);
          const more = what === 'login' ? `, sasl_method=PLAIN, sasl_username=user${i % 3}` : '';
          return mail(client, `ABC${1000 + i}`, at, at, { more });
        });
        const policy = { rules, allow: ['192.0.2.9'] };
        const plan = sweepOf(list, rules, name);
        const whole = replayed(lines, policy, { sweeps: [plan] });
        for (const [i, value] of list.entries()) {
          const each = rules.map((rule) => (rule.name === name ? { ...rule, ...value } : rule));
          const { blocks, ips, events, stopped, lost, sparedIps } = ruleOf(
            replayed(lines, { ...policy, rules: each }),
            name,
          );
          expect(whole.report.sweeps[0]?.values[i]).to.include({
            blocks,
            ips,
            events,
            stopped,
            lost,
            sparedIps,
          });
        }
        // And the policy itself is judged as if nothing were swept.
        const alone = replayed(lines, policy);
        expect({ ...whole.report, sweeps: [] }).to.deep.equal(alone.report);
        expect(whole.changes).to.deep.equal(alone.changes);
      }),
      { numRuns: scaled(150) },
    );
  });

  it('reports the values in the given order, with the current one marked, and the IPs that lost mail', () => {
    const lines = CLIENTS.flatMap((client, i) => [
      ...failed(client, i, i + 4),
      ...mail(client, `ABC${10 + i}`, 20),
      ...mail(client, `ABC${20 + i}`, 30),
    ]);
    const sweeps = [sweepOf([{ limit: 3 }, { limit: 2 }], [AUTH], 'auth')];
    const { report } = replayed(lines, { allow: ['192.0.2.9'] }, { sweeps });
    expect(report.sweeps[0]).to.deep.equal({
      key: 'rules.auth.limit',
      rule: 'auth',
      values: [
        {
          value: '0',
          isCurrent: true,
          blocks: 0,
          ips: 0,
          events: 6,
          stopped: 0,
          lost: 0,
          lostIps: 0,
          sparedIps: 0,
        },
        {
          value: '1',
          isCurrent: false,
          blocks: 3,
          ips: 3,
          events: 6,
          stopped: 0,
          lost: 6,
          lostIps: 3,
          sparedIps: 0,
        },
      ],
    });
  });
});
