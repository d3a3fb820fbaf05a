// The rules arranged for counting: which rule counts what, and what windows must remember for them.

import { expect } from 'chai';
import { HOUR, MINUTE } from '../../src/blocks/duration.ts';
import { KINDS } from '../../src/blocks/event.ts';
import { RuleSet } from '../../src/blocks/rules.ts';
import { AUTH } from './lake.ts';

const LOGINS = { ...AUTH, name: 'logins', limit: 5, within: HOUR };
const DROPS = {
  ...AUTH,
  name: 'drops',
  counts: ['dropped-connection', 'auth-failure'] as const,
  limit: 9,
  within: MINUTE,
};
const rules = new RuleSet([LOGINS, AUTH, DROPS]);
const code = (kind: (typeof KINDS)[number]): number => KINDS.indexOf(kind);

describe('rules', () => {
  it('are asked in the order of policy.yml, each for the kinds it counts', () => {
    const names = KINDS.map((_, kind) => rules.counting(kind).map((rule) => rule.name));
    expect(names).to.deep.equal([[], ['logins', 'auth', 'drops'], ['drops'], [], []]);
  });

  it('are known by name', () => {
    expect(rules.named('drops')?.limit).to.equal(9);
    expect(rules.named('no such rule')).to.equal(undefined);
    expect(rules.named('constructor')).to.equal(undefined);
  });

  it('hold the kinds that they count as bits', () => {
    expect(rules.named('auth')?.mask).to.equal(1 << code('auth-failure'));
    expect(rules.named('drops')?.mask).to.equal(
      (1 << code('auth-failure')) | (1 << code('dropped-connection')),
    );
  });

  it('have windows remember of each kind the longest time and the highest limit of the rules that count it', () => {
    expect(rules.retention.within).to.deep.equal([0, HOUR, MINUTE, 0, 0]);
    expect(rules.retention.limit).to.deep.equal([0, 9, 9, 0, 0]);
    expect(rules.longest).to.equal(HOUR);
  });

  it('count nothing for a kind that nobody knows', () => {
    expect(rules.counting(7)).to.deep.equal([]);
    expect(new RuleSet([]).longest).to.equal(0);
  });
});
