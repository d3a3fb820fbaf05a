// The options that weigh abuse against good mail: each form, what an absent one means, and where one makes no sense.

import { expect } from 'chai';
import type { Config } from '../../../src/config/config.ts';
import { termsOf } from '../../../src/config/terms.ts';
import { DAY, MINUTE } from '../../../src/values/duration.ts';
import { configOf, mistakesOf, RULES } from '../text.ts';

const NEW = ['share', 'forgive', 'passes', 'repeat'] as const;

function ruleWith(options: string, counts = 'auth-failure'): Config['rules'][number] {
  const [rule] = configOf(
    `rules: {r: {counts: ${counts}, limit: 3, within: 1h, block-for: 1h, message: No., ${options}}}\n`,
  ).rules;
  if (rule === undefined) throw new Error('no rule');
  return rule;
}

function mistakeWith(options: string, counts: string): string {
  const [mistake = '', ...others] = mistakesOf(
    `rules: {r: {counts: ${counts}, limit: 3, within: 1h, block-for: 1h, message: No., ${options}}}\n`,
  );
  expect(others).to.deep.equal([]);
  return mistake;
}

describe('config/fields/good-mail-fields: a policy that names none of these options', () => {
  it('has none of them in its rules, and no breaker', () => {
    const config = configOf(RULES);
    expect(config).not.to.have.property('breaker');
    for (const rule of config.rules) expect(rule).not.to.have.any.keys(...NEW);
    expect(termsOf(config)).not.to.have.property('breaker');
    expect(termsOf(config).rules.needsGood).to.equal(false);
  });

  it('means the same as one that switches each off', () => {
    const off = RULES.replace('No.', 'No., forgive: off, passes: off, repeat: off');
    expect(configOf(`${off}breaker: off\n`)).to.deep.equal(configOf(RULES));
    expect(termsOf(configOf(RULES.replace('No.', 'No., share: 0%'))).rules.needsGood).to.equal(false);
  });
});

describe('config/fields/good-mail-fields: share', () => {
  for (const [text, share] of [
    ['0%', 0],
    ['1%', 0.01],
    ['10%', 0.1],
    ['"10%"', 0.1],
    ['0.5%', 0.005],
    ['12.5%', 0.125],
    ['100%', 1],
  ] as const) {
    it(`of ${text} is ${share}`, () => expect(ruleWith(`share: ${text}`).share).to.equal(share));
  }

  for (const [counts, what] of [
    ['rejected-recipient', 'a kind'],
    ['unknown-recipient', 'a class'],
    ['[unknown-recipient, relay-denied, mailbox-full]', 'several of recipients'],
    ['[dropped-connection, abandoned-connection]', 'several of connections'],
    ['[content, milter]', 'several of messages'],
  ] as const) {
    it(`may stand in a rule that counts ${what}: ${counts}`, () =>
      expect(ruleWith('share: 5%', counts).share).to.equal(0.05));
  }

  for (const [counts, what] of [
    ['[auth-failure, rejected-message]', 'logins and messages'],
    ['[unknown-recipient, dropped-connection]', 'recipients and connections'],
    ['probe', 'what has no good counterpart'],
    ['[probe, auth-failure]', 'one that has a counterpart and one that has none'],
  ] as const) {
    it(`is a mistake in a rule that counts ${what}`, () => {
      expect(mistakeWith('share: 5%', counts)).to.match(
        /: rules\.r\.share: has nothing to be compared with, .*; expected counts to name /,
      );
      expect(ruleWith('share: 0%', counts).share).to.equal(0);
    });
  }

  it('that is not understood is told with what was expected', () => {
    expect(mistakeWith('share: 0.1', 'auth-failure')).to.match(
      /: rules\.r\.share: "0\.1" is not a share; expected a percentage such as 10% or 0\.5%, from 0% to 100%$/,
    );
    expect(mistakeWith('share: 101%', 'auth-failure')).to.contain('"101%" is out of range; expected');
  });

  it('is not told as a mistake of its own where the mistake is in counts', () => {
    expect(mistakeWith('share: 5%', 'logins')).to.contain('rules.r.counts');
  });
});

describe('config/fields/good-mail-fields: forgive, passes and repeat', () => {
  it('are read', () => {
    const rule = ruleWith(
      'forgive: login, passes: authenticated, repeat: {within: 30d, factor: 1.5, most: 14d}',
    );
    expect(rule).to.deep.include({
      forgive: 'login',
      passes: 'authenticated',
      repeat: { within: 30 * DAY, factor: 1.5, most: 14 * DAY },
    });
  });

  it('forgive is for rules that count authentication failures, among others or alone', () => {
    expect(ruleWith('forgive: login', '[auth-failure, rejected-message]').forgive).to.equal('login');
    expect(mistakeWith('forgive: login', 'rejected-message')).to.match(
      /: rules\.r\.forgive: is for authentication failures; expected the rule to count auth-failure$/,
    );
    expect(ruleWith('forgive: off', 'rejected-message')).not.to.have.property('forgive');
  });

  it('repeat may not make blocks shorter', () => {
    expect(ruleWith('repeat: {within: 1d, factor: 1, most: 1h}').repeat?.most).to.equal(60 * MINUTE);
    expect(mistakeWith('repeat: {within: 1d, factor: 2, most: 59m}', 'auth-failure')).to.contain(
      'is shorter than block-for; expected the longest block that the rule may start',
    );
  });
});

describe('config/fields/good-mail-fields: the time of repeat', () => {
  it('is longer than the longest block, or a block of that length would be followed by a short one', () => {
    expect(ruleWith('repeat: {within: 1441m, factor: 2, most: 1d}').repeat?.most).to.equal(DAY);
    expect(mistakeWith('repeat: {within: 1d, factor: 2, most: 1d}', 'auth-failure')).to.match(
      /: rules\.r\.repeat: has a within that is not longer than most; expected it to be longer, /,
    );
  });
});

describe('config/fields/good-mail-fields: breaker', () => {
  it('is read, and is among the terms', () => {
    const config = configOf(`${RULES}breaker: {clients: 5, share: 1%, within: 10m}\n`);
    const breaker = { clients: 5, share: 0.01, within: 10 * MINUTE };
    expect(config.breaker).to.deep.equal(breaker);
    expect(termsOf(config).breaker).to.deep.equal(breaker);
  });
});
