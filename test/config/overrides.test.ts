// Values of the command line in the place of those of policy.yml: what they set, and their mistakes.

import { expect } from 'chai';
import { type Config, parseConfig } from '../../src/config/config.ts';
import type { Override } from '../../src/config/overrides.ts';
import { mistakeText } from '../../src/config/yaml/mistake.ts';
import { PATH, RULES } from './text.ts';

const RULE = '{counts: auth-failure, limit: 3, within: 1h, block-for: 1h, message: No.}';

function overrides(...texts: readonly string[]): Override[] {
  return texts.map((text) => {
    const equals = text.indexOf('=');
    return { option: '--set', key: text.slice(0, equals), value: text.slice(equals + 1) };
  });
}

function setIn(text: string, ...sets: readonly string[]): Config {
  const { config, mistakes = [] } = parseConfig(text, PATH, overrides(...sets));
  if (config === undefined) throw new Error(mistakes.map((mistake) => mistakeText(PATH, mistake)).join('\n'));
  return config;
}

function mistakesOf(text: string, ...sets: readonly string[]): string[] {
  const { mistakes = [] } = parseConfig(text, PATH, overrides(...sets));
  return mistakes.map((mistake) => mistakeText('policy.yml', mistake));
}

describe('config/overrides: a value of the command line', () => {
  it('takes the place of the one in the file', () => {
    const [rule] = setIn(RULES, 'rules.r.limit=20', 'rules.r.within=90s').rules;
    expect(rule).to.deep.include({ limit: 20, within: 90_000, blockFor: 3_600_000 });
  });

  it('may be of an option that the file does not have', () => {
    expect(setIn(RULES, 'rules.r.enforce=false').rules[0]?.enforce).to.equal(false);
    expect(setIn(RULES, 'allow=[192.0.2.0/24, .example.com]').allow).to.deep.equal([
      '192.0.2.0/24',
      '.example.com',
    ]);
    expect(setIn(RULES, 'ipv6-prefix=56').ipv6Prefix).to.equal(56);
  });

  it('may be a whole rule, new or another one', () => {
    expect(setIn(RULES, `rules.new=${RULE}`).rules.map(({ name }) => name)).to.deep.equal(['r', 'new']);
    expect(setIn(RULES, `rules.r=${RULE.replace('3', '7')}`).rules.map(({ limit }) => limit)).to.deep.equal([
      7,
    ]);
  });

  it('may be a list, or a text in quotes, as in the file', () => {
    const [rule] = setIn(
      RULES,
      'rules.r.counts=[auth-failure, rejected-message]',
      'rules.r.message="a: #b"',
    ).rules;
    expect(rule).to.deep.include({ counts: ['auth-failure', 'rejected-message'], message: 'a: #b' });
  });

  it('may be of a rule whose name holds dots, or is a number', () => {
    const text = `rules: {a.b.c: ${RULE}, 12: ${RULE}}\n`;
    expect(
      setIn(text, 'rules.a.b.c.limit=5', 'rules.12.limit=6').rules.map(({ limit }) => limit),
    ).to.deep.equal([5, 6]);
  });

  it('may be of an option within an option, of the top and of a rule, whatever its name', () => {
    const repeat = 'repeat: {within: 30d, factor: 2, most: 14d}';
    const rule = RULE.replace('No.', `No., ${repeat}`);
    const text = `rules: {a: ${rule}, a.b: ${rule}}\nbreaker: {clients: 5, share: 1%, within: 10m}\n`;
    const config = setIn(text, 'rules.a.repeat.factor=3', 'rules.a.b.repeat.factor=4', 'breaker.share=2%');
    expect(config.rules.map((set) => set.repeat?.factor)).to.deep.equal([3, 4]);
    expect(config.breaker).to.deep.include({ clients: 5, share: 0.02 });
    expect(setIn(text, 'breaker=off', 'rules.a.repeat=off')).not.to.have.property('breaker');
  });

  it('may be the share of a rule', () => {
    expect(setIn(RULES, 'rules.r.share=5%').rules[0]?.share).to.equal(0.05);
  });

  it('of a rule that is the same as another leaves the other as it is', () => {
    const { rules } = setIn(`rules: {a: &r ${RULE}, b: *r}\n`, 'rules.b.limit=9');
    expect(rules.map(({ limit }) => limit)).to.deep.equal([3, 9]);
  });

  it('is the last of those that are given', () => {
    expect(setIn(RULES, 'rules.r.limit=5', 'rules.r.limit=6').rules[0]?.limit).to.equal(6);
  });

  it('leaves all else as the file has it', () => {
    const text = `${RULES}allow: [192.0.2.1]\nstate: elsewhere\n`;
    expect(setIn(text, 'rules.r.limit=3')).to.deep.equal(setIn(text));
  });

  const bad: readonly (readonly [what: string, set: string, says: string])[] = [
    [
      'an option that there is not',
      'rules.r.nosuch=1',
      'is not a known option; expected one of counts, limit',
    ],
    ['an option of the top that there is not', 'nosuch=1', 'is not a known option; expected one of listen'],
    ['a rule that there is not', 'rules.x.limit=1', 'rules.x is not in the policy'],
    ['an option of what has none', 'rules.r.limit.x=1', 'rules.r.limit is not in the policy'],
    ['a name that every object has', 'rules.constructor.limit=1', 'rules.constructor is not in the policy'],
    ['a wrong type', 'rules.r.limit=many', '"many" is not a whole number'],
    ['a number out of range', 'rules.r.limit=0', '"0" is out of range'],
    ['no value', 'rules.r.limit=', 'nothing is not a whole number'],
    ['a duration without a unit', 'rules.r.within=60', '"60" is not a valid duration'],
    ['neither true nor false', 'rules.r.enforce=maybe', '"maybe" is not valid; expected true or false'],
    [
      'a bad item of a list',
      'allow=[192.0.2.1, 192.0.2.1/33]',
      '"192.0.2.1/33" has an invalid prefix length',
    ],
    ['a share that is none', 'rules.r.share=5', '"5" is not a share; expected a percentage'],
    ['a bad option within it', 'breaker={clients: 0, share: 1%, within: 1m}', '"0" is out of range'],
    ['an option of what is not set', 'rules.r.repeat.factor=2', 'rules.r.repeat is not in the policy'],
    ['a rule that is none', 'rules.r=1', '"1" is not a mapping'],
    ['no YAML', 'allow=[a', '"[a" is not valid YAML; expected a value'],
    ['two documents', 'state=a\n---\nb', 'is not valid YAML; expected a value'],
    ['a tag that nobody knows', 'rules.r.message=!x y', '"!x y" is not valid YAML; expected a value'],
    ['an alias of nothing', 'rules.r.limit=*x', '*x without quotes is not a whole number'],
    ['brackets without end', `allow=${'['.repeat(100_000)}`, 'is not valid YAML; expected a value'],
  ];
  for (const [what, set, says] of bad) {
    it(`with ${what} is told as it was given, and once`, () => {
      const found = mistakesOf(RULES, set);
      expect(found.length, found.join('\n')).to.equal(1);
      expect(found[0]?.startsWith(`--set ${set}: `), found[0]).to.equal(true);
      expect(found[0]).to.contain(says);
    });
  }

  it('is told with all other mistakes, those of the file under their place', () => {
    const found = mistakesOf(`${RULES}ipv6-prefix: 999\n`, 'rules.r.limit=0', 'rules.x.limit=1');
    expect(found.map((text) => text.split(': ').slice(0, 2).join(': ')).sort()).to.deep.equal([
      '--set rules.r.limit=0: "0" is out of range; expected a whole number from 1 to 10000',
      '--set rules.x.limit=1: rules.x is not in the policy; expected an option of it',
      'policy.yml:2:14: ipv6-prefix',
    ]);
  });

  it('mends what is wrong in the file', () => {
    expect(setIn(`${RULES}ipv6-prefix: 999\n`, 'ipv6-prefix=64').ipv6Prefix).to.equal(64);
  });

  it('cannot be put into a file that holds no options', () => {
    for (const text of ['', '[]\n', 'text\n']) {
      const [first] = mistakesOf(text, 'ipv6-prefix=64');
      expect(first).to.equal('--set ipv6-prefix=64: the policy has no options; expected an option of it');
    }
  });
});
