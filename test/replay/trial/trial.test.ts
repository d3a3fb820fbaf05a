// A policy on trial: it starts and ends the same blocks as the daemon, and reports which clients they blocked.

import { expect } from 'chai';
import fc from 'fast-check';
import { Blocks } from '../../../src/blocks/blocks.ts';
import type { Change } from '../../../src/blocks/changes.ts';
import type { Kind } from '../../../src/blocks/events/event.ts';
import type { Rule } from '../../../src/blocks/rules.ts';
import { Trial } from '../../../src/replay/trial/trial.ts';
import { HOUR, MINUTE } from '../../../src/values/duration.ts';
import { AUTH, START, termsOf } from '../../blocks/blocks-fixture.ts';
import { scaled } from '../../harness/scale.ts';

const WATCHED: Rule = { ...AUTH, name: 'watched', limit: 2, blockFor: 5 * MINUTE, enforce: false };
const RCPT: Rule = { ...AUTH, name: 'rcpt', counts: ['rejected-recipient'], limit: 2 };

const steps = fc.array(
  fc.record({
    ip: fc.constantFrom('192.0.2.1', '192.0.2.2'),
    kind: fc.constantFrom<Kind>('auth-failure', 'rejected-recipient'),
    // Also back: lines of a log come late.
    gap: fc.constantFrom(-HOUR, -1, 0, 1, 30_000, 5 * MINUTE, HOUR),
  }),
  { maxLength: 60 },
);

describe('replay/trial/trial', () => {
  it('starts and ends the same blocks as one that reads every event', () => {
    fc.assert(
      fc.property(steps, fc.subarray([AUTH, WATCHED, RCPT], { minLength: 1 }), (events, rules) => {
        const changes: Change[] = [];
        const expected: Change[] = [];
        const trial = new Trial(termsOf({ rules }), (change) => changes.push(change));
        const blocks = new Blocks(termsOf({ rules }), (change) => expected.push(change));
        let at = START;
        for (const { ip, kind, gap } of events) {
          at += gap;
          trial.abuse({ kind, at, address: ip }, ip);
          blocks.take({ kind, at, address: ip });
          expect(changes).to.deep.equal(expected);
        }
      }),
      { numRuns: scaled(300) },
    );
  });

  it('reports the rules that block a client at an event', () => {
    const trial = new Trial(termsOf({ rules: [AUTH, WATCHED] }), () => undefined);
    const fail = (second: number) =>
      trial.abuse({ kind: 'auth-failure', at: START + second * 1000, address: '192.0.2.1' }, '192.0.2.1');
    expect([0, 1, 2, 3, 400].map(fail)).to.deep.equal([[], [], ['watched'], ['auth', 'watched'], ['auth']]);
  });
});
