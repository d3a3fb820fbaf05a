// policy.yml: the shipped one to the letter, the defaults, and every form that an option may take.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { NAMES } from '../../src/blocks/events/codes.ts';
import { type Config, parseConfig } from '../../src/config/config.ts';
import { DAY, HOUR, MINUTE } from '../../src/values/duration.ts';
import { WELL_KNOWN_PREFIX } from '../../src/values/nat64.ts';
import { configOf, RULES } from './text.ts';

const SHIPPED = readFileSync(fileURLToPath(new URL('../../../policy.yml', import.meta.url)), 'utf8');

/** The config of a text that has RULES too. */
const withRules = (text: string): Config => configOf(`${text}\n${RULES}`);

const DEFAULTS: Omit<Config, 'rules'> = {
  listen: [{ type: 'inet', host: '127.0.0.1', port: 10040 }],
  maillog: { type: 'auto' },
  state: '/etc/postblock/state',
  snapshotEvery: MINUTE,
  ipv6Prefix: 64,
  nat64: [WELL_KNOWN_PREFIX],
  allow: [],
  maxTracked: 1_000_000,
  log: { level: 'info', format: 'text' },
};

describe('config/config: the shipped policy.yml', () => {
  it('has the four rules, with limits, durations, shares and texts to the letter', () => {
    const { rules } = configOf(SHIPPED);
    expect(rules).to.deep.equal([
      {
        name: 'rejected-recipients',
        counts: ['rejected-recipient'],
        limit: 100,
        within: HOUR,
        blockFor: 48 * HOUR,
        message: 'Your IP is sending excessive rejected recipients. Please contact support.',
        enforce: true,
        share: 0.1,
      },
      {
        name: 'auth-failures',
        counts: ['auth-failure'],
        limit: 30,
        within: HOUR,
        blockFor: 24 * HOUR,
        message: 'Your IP is generating excessive authentication failures. Please contact support.',
        enforce: true,
        share: 0.5,
        forgive: 'login',
        passes: 'authenticated',
      },
      {
        name: 'connection-spam',
        counts: ['dropped-connection'],
        limit: 120,
        within: 10 * MINUTE,
        blockFor: 12 * HOUR,
        message: 'Your IP address is flooding our SMTP server with abusive requests, please contact support.',
        enforce: true,
        share: 0.5,
      },
      {
        name: 'rejected-after-data',
        counts: ['rejected-message'],
        limit: 30,
        within: HOUR,
        blockFor: 24 * HOUR,
        message: 'Your IP is sending excessive rejected messages. Please contact support.',
        enforce: true,
        share: 0.2,
      },
    ]);
  });

  it('sets everything else to its default, but for the breaker, and allows only the host and who is behind it', () => {
    const { rules: _, ...rest } = configOf(SHIPPED);
    expect(rest).to.deep.equal({
      ...DEFAULTS,
      allow: [
        { keyword: 'loopback', networks: ['127.0.0.0/8', '::1'] },
        {
          keyword: 'private',
          networks: [
            '10.0.0.0/8',
            '172.16.0.0/12',
            '192.168.0.0/16',
            '100.64.0.0/10',
            '169.254.0.0/16',
            'fc00::/7',
            'fe80::/10',
          ],
        },
        { keyword: 'own', networks: [] },
      ],
      breaker: { clients: 5, share: 0.01, within: 10 * MINUTE },
      log: { ...DEFAULTS.log, file: undefined },
    });
  });

  it('is right in each default that it tells', () => {
    const defaults = [...SHIPPED.matchAll(/# Default: (.+)\n(?:(?!# ).*\n)*?([a-z0-9-]+):(.*)/g)].map(
      ([, value, key, set]) => [key, value, set?.trim()],
    );
    expect(defaults.map(([key]) => key)).to.deep.equal([
      'listen',
      'maillog',
      'state',
      'snapshot-every',
      'ipv6-prefix',
      'allow',
      'max-tracked',
      'breaker',
    ]);
    for (const [key, value, set] of defaults)
      if (set !== '' && key !== 'breaker') expect(set, key).to.equal(value);
  });

  it('stays right with each of its commented examples taken out of the comment', () => {
    for (const example of SHIPPED.matchAll(/^( *)# ((?:- )?[a-z.0-9:-]+(?:\/[0-9]+)?(?:: .*)?)$/gm)) {
      const [line, indent, option = ''] = example;
      if (!/^(?:- |mode|group|file: |enforce|repeat|zone)/.test(option) || option.startsWith('- unix'))
        continue;
      const text = SHIPPED.replace(line, `${indent}${option}`);
      expect(parseConfig(text, 'policy.yml').mistakes ?? [], option).to.deep.equal([]);
    }
    const socket = SHIPPED.replaceAll(/^( {2})# ((?:- unix| {2}mode| {2}group).*)$/gm, '$1$2');
    expect(configOf(socket).listen[1]).to.deep.equal({
      type: 'unix',
      path: '/var/spool/postfix/postblock/policy',
      mode: 0o660,
      group: 'postfix',
    });
  });

  it('names each kind and class of event, and each option of a rule', () => {
    for (const name of NAMES) expect(SHIPPED).to.match(new RegExp(`^# +${name} `, 'm'));
    for (const option of [
      'counts',
      'limit',
      'within',
      'block-for',
      'message',
      'enforce',
      'share',
      'forgive',
      'passes',
      'repeat',
    ]) {
      expect(SHIPPED).to.match(new RegExp(`^# +${option} `, 'm'));
    }
  });
});

describe('config/config: a policy', () => {
  it('needs nothing but rules: everything else has its default', () => {
    const { rules, ...rest } = configOf(RULES);
    expect(rest).to.deep.equal(DEFAULTS);
    expect(rules).to.deep.equal([
      {
        name: 'r',
        counts: ['auth-failure'],
        limit: 3,
        within: HOUR,
        blockFor: HOUR,
        message: 'No.',
        enforce: true,
      },
    ]);
  });

  it('cannot be changed once it is read', () => {
    expect(Object.isFrozen(configOf(RULES))).to.equal(true);
  });

  const forms: readonly [text: string, part: Partial<Config>, why: string][] = [
    [
      'listen: [{inet: "[::1]:25"}]',
      { listen: [{ type: 'inet', host: '::1', port: 25 }] },
      'IPv6 in brackets',
    ],
    [
      'listen: [{inet: localhost:1}]',
      { listen: [{ type: 'inet', host: 'localhost', port: 1 }] },
      'localhost',
    ],
    [
      'listen: [{unix: run/p}, {unix: /p, mode: 0666, group: mail}]',
      {
        listen: [
          { type: 'unix', path: '/etc/postblock/run/p', mode: 0o660, group: undefined },
          { type: 'unix', path: '/p', mode: 0o666, group: 'mail' },
        ],
      },
      'unix sockets, a relative path, a mode',
    ],
    [
      'listen: [{unix: /a, mode: "600"}]',
      { listen: [{ type: 'unix', path: '/a', mode: 0o600, group: undefined }] },
      'a mode of three digits',
    ],
    ['maillog: auto', { maillog: { type: 'auto' } }, 'the log that is there'],
    [
      'maillog: {file: mail.log}',
      { maillog: { type: 'files', files: ['/etc/postblock/mail.log'] } },
      'a file',
    ],
    [
      'maillog: {files: [/a, /b, /a]}',
      { maillog: { type: 'files', files: ['/a', '/b'] } },
      'files, each once',
    ],
    [
      'maillog: {journal: {}}',
      { maillog: { type: 'journal', unit: undefined, directory: undefined } },
      'the journal',
    ],
    [
      'maillog: {journal: {unit: postfix@-.service, directory: j}}',
      { maillog: { type: 'journal', unit: 'postfix@-.service', directory: '/etc/postblock/j' } },
      'a unit in a directory of journals',
    ],
    ['zone: UTC', { zone: 'UTC' }, 'UTC'],
    ['zone: America/Argentina/Ushuaia', { zone: 'America/Argentina/Ushuaia' }, 'a zone in three parts'],
    ['zone: Etc/GMT+5', { zone: 'Etc/GMT+5' }, 'a fixed offset by name'],
    [
      'maillog: {journal: {container: mail}}',
      { maillog: { type: 'journal', unit: undefined, container: 'mail', directory: undefined } },
      'a container',
    ],
    ['state: ../s', { state: '/etc/s' }, "a path from the policy's own folder"],
    ['state: /var/lib/postblock', { state: '/var/lib/postblock' }, 'an absolute path'],
    ['snapshot-every: 1s', { snapshotEvery: 1000 }, 'the least'],
    ['snapshot-every: 1d', { snapshotEvery: DAY }, 'the most'],
    ['ipv6-prefix: 1', { ipv6Prefix: 1 }, 'the least'],
    ['ipv6-prefix: 128', { ipv6Prefix: 128 }, 'the most'],
    ['nat64: []', { nat64: [WELL_KNOWN_PREFIX] }, 'the well-known prefix alone'],
    [
      'nat64: [2001:db8:64::/96, 2001:DB8::/32]',
      {
        nat64: [
          WELL_KNOWN_PREFIX,
          { groups: [0x2001, 0xdb8, 0x64, 0, 0, 0, 0, 0], bits: 96 },
          { groups: [0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], bits: 32 },
        ],
      },
      'prefixes of translators',
    ],
    ['max-tracked: 1000', { maxTracked: 1000 }, 'the least'],
    ['allow: []', { allow: [] }, 'nobody'],
    [
      'allow: [192.0.2.0/24, 2001:DB8::/32, "::1", Mail.Example.com, .example.org]',
      { allow: ['192.0.2.0/24', '2001:db8::/32', '::1', 'mail.example.com', '.example.org'] },
      'networks and names, in lower case',
    ],
    [
      'log: {level: debug, format: json, file: /l}',
      { log: { level: 'debug', format: 'json', file: '/l' } },
      'all of the log',
    ],
    ['allow: &a [192.0.2.1]', { allow: ['192.0.2.1'] }, 'an anchor'],
  ];
  for (const [text, part, why] of forms) {
    it(`may say ${text}: ${why}`, () => expect(withRules(text)).to.deep.include(part));
  }

  const ruleForms: readonly [text: string, part: Record<string, unknown>][] = [
    ['counts: [auth-failure, dropped-connection]', { counts: ['auth-failure', 'dropped-connection'] }],
    ['limit: 1', { limit: 1 }],
    ['limit: 10000', { limit: 10_000 }],
    ['within: 1h30m', { within: 90 * MINUTE }],
    ['within: 7d', { within: 7 * DAY }],
    ['block-for: 366d', { blockFor: 366 * DAY }],
    [
      'message: "Blocked {ip} by {rule} until {until}."',
      { message: 'Blocked {ip} by {rule} until {until}.' },
    ],
    [`message: ${'x'.repeat(320)}`, { message: 'x'.repeat(320) }],
    ['enforce: false', { enforce: false }],
  ];
  for (const [text, part] of ruleForms) {
    it(`may have a rule that says ${text.slice(0, 60)}`, () => {
      const [name = ''] = text.split(':', 1);
      const options = ['counts: auth-failure', 'limit: 3', 'within: 1h', 'block-for: 1h', 'message: No.'];
      const others = options.filter((option) => !option.startsWith(`${name}:`));
      const [rule] = configOf(`rules:\n  r-1_a.b: {${[...others, text].join(', ')}}`).rules;
      expect(rule).to.deep.include({ name: 'r-1_a.b', ...part });
    });
  }

  it('keeps its rules in the order in which they stand', () => {
    const rule = '{counts: auth-failure, limit: 3, within: 1h, block-for: 1h, message: No.}';
    const { rules } = configOf(`rules:\n  z: ${rule}\n  a: ${rule}\n  10: ${rule}\n  2: ${rule}\n`);
    expect(rules.map(({ name }) => name)).to.deep.equal(['z', 'a', '10', '2']);
  });

  it('may use one rule for another by an alias', () => {
    const { rules } = configOf(
      `rules:\n  a: &a {counts: auth-failure, limit: 3, within: 1h, block-for: 1h, message: No.}\n  b: *a\n`,
    );
    expect(rules.map(({ name, limit }) => [name, limit])).to.deep.equal([
      ['a', 3],
      ['b', 3],
    ]);
  });
});
