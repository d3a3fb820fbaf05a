// The differences between two policies as the log names them at a reload.

import { expect } from 'chai';
import { parseConfig } from '../../src/config/config.ts';
import { policyChanges } from '../../src/config/policy-changes.ts';
import { configOf, PATH } from './text.ts';

const RULE = 'counts: auth-failure, limit: 3, within: 1h, block-for: 1d, message: No.';

function policy(head = '', rule = RULE, more = ''): string {
  return `${head}rules: {r: {${rule}}${more}}\n`;
}

function changed(before: string, after: string): readonly string[] {
  return policyChanges(configOf(before), configOf(after));
}

describe('config/policy-changes: what a reload changes', () => {
  const cases: readonly (readonly [what: string, before: string, after: string, changes: string[]])[] = [
    ['nothing', policy('zone: UTC\n'), policy('zone: UTC\n'), []],
    ['nothing, where a default is written', policy(), policy('max-tracked: 1000000\n'), []],
    [
      'nothing, where a list has another order',
      policy('allow: [a.b, c.d]\n'),
      policy('allow: [c.d, a.b]\n'),
      [],
    ],
    ['a number', policy('max-tracked: 2000\n'), policy('max-tracked: 3000\n'), ['max-tracked: 2000 -> 3000']],
    ['a duration', policy(), policy('snapshot-every: 90s\n'), ['snapshot-every: 1m -> 1m 30s']],
    ['an option that was not set', policy(), policy('zone: UTC\n'), ['zone: not set -> UTC']],
    ['an option that is no longer set', policy('zone: UTC\n'), policy(), ['zone: UTC -> not set']],
    ['a part of an option', policy(), policy('log: {level: debug}\n'), ['log.level: info -> debug']],
    [
      'the breaker',
      policy('breaker: {clients: 5, share: 1%, within: 10m}\n'),
      policy('breaker: {clients: 5, share: 2.5%, within: 1h}\n'),
      ['breaker.share: 1% -> 2.5%', 'breaker.within: 10m -> 1h'],
    ],
    [
      'another kind of log',
      policy(),
      policy('maillog: {files: [/a, /b]}\n'),
      ['maillog.type: auto -> files', 'maillog.files: +/a +/b'],
    ],
    [
      'listeners',
      policy('listen: [{inet: "127.0.0.1:1"}]\n'),
      policy('listen: [{unix: /x, mode: 0660}]\n'),
      ['listen: +unix:/x mode 0660 -inet:127.0.0.1:1'],
    ],
    [
      'the allow list',
      policy('allow: [192.0.2.1, 192.0.2.2]\n'),
      policy('allow: [192.0.2.2, loopback]\n'),
      ['allow: +loopback -192.0.2.1'],
    ],
    ['a limit', policy(), policy('', RULE.replace('3', '4')), ['rules.r.limit: 3 -> 4']],
    [
      'the duration of blocks',
      policy(),
      policy('', RULE.replace('1d', '2d')),
      ['rules.r.block-for: 1d -> 2d'],
    ],
    [
      'what a rule counts',
      policy(),
      policy('', RULE.replace('auth-failure', '[probe]')),
      ['rules.r.counts: +probe -auth-failure'],
    ],
    [
      'a share, and what a rule forgives',
      policy(),
      policy('', `${RULE}, share: 50%, forgive: login`),
      ['rules.r.share: not set -> 50%', 'rules.r.forgive: not set -> login'],
    ],
    ['a rule that is new', policy(), policy('', RULE, `, s: {${RULE}}`), ['rules: +s']],
    ['a rule that is gone', policy('', RULE, `, s: {${RULE}}`), policy(), ['rules: -s']],
    [
      'the order of rules',
      policy('', RULE, `, s: {${RULE}}`),
      `rules: {s: {${RULE}}, r: {${RULE}}}\n`,
      ['rules: in the order s, r'],
    ],
    [
      'what takes effect at the next start',
      policy('state: /a\n'),
      policy('state: /b\ncontrol-group: adm\nshare-state: {url: "redis://a", host: mx1}\n'),
      [
        'state: /a -> /b at the next start',
        'control-group: not set -> adm at the next start',
        'share-state: not set -> host=mx1 url=redis://a prefix=postblock timeout=1s',
      ],
    ],
  ];
  for (const [what, before, after, changes] of cases)
    it(what, () => expect([...changed(before, after)].sort()).to.deep.equal(changes.sort()));

  it('what a keyword of the allow list stands for, where the host has other addresses', () => {
    const on = (...networks: string[]) => {
      const { config } = parseConfig(policy('allow: [own]\n'), PATH, [], { own: { networks } });
      if (config === undefined) throw new Error('the policy has mistakes');
      return config;
    };
    const changes = policyChanges(on('192.0.2.1', '192.0.2.2'), on('192.0.2.2', '192.0.2.3'));
    expect(changes).to.deep.equal(['allow.own: +192.0.2.3 -192.0.2.1']);
  });

  it('names few of many changes, and few characters of a long value', () => {
    const allow = Array.from({ length: 20_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`).join(', ');
    const rules = Array.from({ length: 50 }, (_, i) => `r${i}: {${RULE}}`).join(', ');
    const before = `allow: [${allow}]\nrules: {${rules}}\n`;
    const after = `rules: {${rules.replaceAll('No.', 'x'.repeat(300)).replaceAll('limit: 3', 'limit: 4')}}\n`;
    const changes = changed(before, after);
    expect(changes).to.have.length(13);
    expect(changes[0]).to.equal('allow: -10.0.0.0 -10.0.0.1 -10.0.0.2 -10.0.0.3 -(19996 more)');
    expect(changes[12]).to.equal('89 more');
    expect(changes.join().length).to.be.below(2500);
  });
});
