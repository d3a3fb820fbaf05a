// The rules arranged for counting: which rule counts what, and what windows must remember for them.

import { expect } from 'chai';
import { type CountName, codeNamed, FORGIVEN, NAMES } from '../../src/blocks/events/codes.ts';
import { CLASSES } from '../../src/blocks/events/event.ts';
import { RuleSet } from '../../src/blocks/rules.ts';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { AUTH } from './blocks-fixture.ts';

const LOGINS = { ...AUTH, name: 'logins', limit: 5, within: HOUR };
const DROPS = {
  ...AUTH,
  name: 'drops',
  counts: ['dropped-connection', 'auth-failure'] as const,
  limit: 9,
  within: MINUTE,
};
const rules = new RuleSet([LOGINS, AUTH, DROPS]);
const code = (name: CountName): number => codeNamed(name);
/** Of all names, those that have something, with it. */
const named = <T>(valueAt: (code: number) => T, isNothing: (value: T) => boolean) =>
  Object.fromEntries(
    NAMES.map((name) => [name, valueAt(code(name))] as const).filter(([, value]) => !isNothing(value)),
  );
const DROP_CLASSES = CLASSES['dropped-connection'];

describe('blocks/rules', () => {
  it('are asked in the order of policy.yml, each for what it counts: a kind with all its classes', () => {
    const names = named(
      (each) => rules.counting(each).map((rule) => rule.name),
      (all) => all.length === 0,
    );
    expect(names).to.deep.equal({
      'auth-failure': ['logins', 'auth', 'drops'],
      'dropped-connection': ['drops'],
      ...Object.fromEntries(DROP_CLASSES.map((name) => [name, ['drops']])),
    });
  });

  it('count a class, and no other of its kind', () => {
    const only = new RuleSet([{ ...AUTH, counts: ['timeout', 'vrfy'] }]);
    expect(
      named(
        (each) => only.counting(each).length,
        (count) => count === 0,
      ),
    ).to.deep.equal({
      timeout: 1,
      vrfy: 1,
    });
  });

  it('are known by name', () => {
    expect(rules.named('drops')?.limit).to.equal(9);
    expect(rules.named('no such rule')).to.equal(undefined);
    expect(rules.named('constructor')).to.equal(undefined);
  });

  it('hold the codes that they count as bits, forgiven failures included unless they forgive them', () => {
    const failures = (1 << code('auth-failure')) | (1 << FORGIVEN);
    expect(rules.named('auth')?.mask).to.equal(failures);
    const drops = ['dropped-connection', ...DROP_CLASSES] as const;
    expect(rules.named('drops')?.mask).to.equal(
      drops.reduce((mask, name) => mask | (1 << code(name)), failures),
    );
    const forgiving = new RuleSet([{ ...AUTH, forgive: 'login' }]);
    expect(forgiving.named('auth')?.mask).to.equal(1 << code('auth-failure'));
  });

  it('have windows remember of each code the longest time and the highest limit of the rules that count it', () => {
    const isNone = (value: number | undefined) => value === 0;
    const drops = (value: number) => Object.fromEntries(DROP_CLASSES.map((name) => [name, value]));
    expect(named((each) => rules.retention.within[each], isNone)).to.deep.equal({
      'auth-failure': HOUR,
      'dropped-connection': MINUTE,
      ...drops(MINUTE),
    });
    expect(named((each) => rules.retention.limit[each], isNone)).to.deep.equal({
      'auth-failure': 9,
      'dropped-connection': 9,
      ...drops(9),
    });
    expect(rules.longest).to.equal(HOUR);
  });

  it('count nothing for a kind that nobody knows', () => {
    expect(rules.counting(FORGIVEN + 1)).to.deep.equal([]);
    expect(new RuleSet([]).longest).to.equal(0);
  });
});
