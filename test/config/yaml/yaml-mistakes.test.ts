// What an administrator reads where policy.yml is not YAML, or holds a value that people often write.

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { configOf, mistakesOf, RULES } from '../text.ts';

const SHIPPED = readFileSync(new URL('../../../../policy.yml', import.meta.url), 'utf8');
/** The messages of the shipped rules, each in quotes. */
const QUOTED = SHIPPED.replace(/^( +message: )(\S.*)$/gm, '$1"$2"');
const COLON = 'the text has a colon in it; put the whole text in quotes';
const MESSAGE = 'rules:\n  r:\n    limit: 3\n    message: ';

describe('config/yaml/yaml-mistakes: a text that is not YAML', () => {
  const texts: readonly (readonly [what: string, text: string, mistakes: readonly string[]])[] = [
    ['a colon in a text', `${MESSAGE}Sorry: you are blocked\n`, [`4:14: ${COLON}`]],
    ['two colons in a text', `${MESSAGE}Sorry: try: later\n`, [`4:14: ${COLON}`]],
    [
      'a colon in each of two texts',
      `${MESSAGE}Sorry: no\n  s:\n    message: No: no\n`,
      [`4:14: ${COLON}`, `6:14: ${COLON}`],
    ],
    [
      'a placeholder that begins a text',
      `${MESSAGE}{ip} is blocked\n`,
      ['4:19: the value ends with the } before this; put the whole value in quotes'],
    ],
    [
      'an IPv6 listener without quotes',
      `listen:\n  - inet: [::1]:10040\n${RULES}`,
      ['2:16: the value ends with the ] before this; put the whole value in quotes'],
    ],
    [
      'a reserved sign',
      `state: @x\n${RULES}`,
      ['1:8: a text cannot start with @; put the whole text in quotes'],
    ],
    ['a list that is not closed', `allow: [a.example\n${RULES}`, ['1:8: the [ is not closed; expected ]']],
    ['a mapping that is not closed', `log: {level: info\n${RULES}`, ['1:6: the { is not closed; expected }']],
    ['a tab', `log:\n\tlevel: info\n${RULES}`, ['2:1: the line is indented with a tab; expected blanks']],
    [
      'a line that is indented further',
      `log:\n  level: info\n\n   # why\n   format: text\n${RULES}`,
      ['5:4: the line is not indented like the option above it; expected the same indentation'],
    ],
    [
      'no blank behind a colon',
      `state:x\n${RULES}`,
      ['1:7: no blank follows the colon; expected OPTION: VALUE'],
    ],
    [
      'an option without a colon',
      `state\n${RULES}`,
      ['1:1: the option has no colon; expected OPTION: VALUE'],
    ],
  ];
  for (const [what, text, mistakes] of texts) {
    it(`has ${what} reported in plain words, once`, () => expect(mistakesOf(text)).to.deep.equal(mistakes));
  }

  for (const quote of ['"', "'"]) {
    it(`has one missing ${quote} reported once, where the text starts`, () => {
      const policy = QUOTED.replaceAll('"', quote);
      for (const [line, text] of policy.split('\n').entries()) {
        if (!/^ +message: /.test(text)) continue;
        const lines = policy.split('\n');
        lines[line] = text.slice(0, -1);
        expect(mistakesOf(lines.join('\n')), text).to.deep.equal([
          `${line + 1}:14: the ${quote} is not closed on this line; expected another ${quote} at the end`,
        ]);
      }
    });
  }

  it('has the mistakes before a missing quote reported too, and a quote that is closed on a later line not', () => {
    expect(mistakesOf(`state: a: b\nlog: {file: "x}\n${RULES}`)).to.deep.equal([
      `1:8: ${COLON}`,
      '2:13: the " is not closed on this line; expected another " at the end',
    ]);
    expect(mistakesOf(`state: "a\n  b"\nlog: {file: a: b}\n${RULES}`).join()).not.to.contain('not closed');
  });

  it('is refused with few mistakes, however many errors one line has', () => {
    for (const text of [`[${','.repeat(50_000)}`, `a: ${'b: '.repeat(20_000)}`, '- "\\\n'.repeat(20_000)])
      expect(mistakesOf(text)).to.have.length(1);
  });
});

describe('config/yaml/yaml-mistakes: a value that people often write', () => {
  it('means what it names: a path for a log, and journal', () => {
    const log = (text: string) => configOf(`maillog: ${text}\n${RULES}`).maillog;
    expect(log('/var/log/mail.log')).to.deep.equal(log('{file: /var/log/mail.log}'));
    expect(log('./mail.log')).to.deep.equal({ type: 'files', files: ['/etc/postblock/mail.log'] });
    expect(log('journal')).to.deep.equal({ type: 'journal' });
    expect(log('{journal: }')).to.deep.equal({ type: 'journal' });
  });

  const values: readonly (readonly [text: string, mistake: string])[] = [
    ['enforce: no', 'rules.r.enforce: "no" is not valid; expected true or false'],
    [
      'maillog: syslog',
      'maillog: "syslog" is not a log; expected auto, journal, a path such as /var/log/mail.log, ',
    ],
    [
      'limits: 3',
      'rules.r.limits: is not a known option (did you mean limit?); expected one of counts, limit, ',
    ],
    ['allow: [*.example.com]', 'allow[0]: *.example.com without quotes is not text; expected an address'],
  ];
  for (const [text, mistake] of values) {
    it(`has what is expected in its place: ${text}`, () => {
      const isTop = /^(?:maillog|allow)/.test(text);
      const policy = isTop ? `${text}\n${RULES}` : RULES.replace('{counts', `{${text}, counts`);
      expect(mistakesOf(policy)).to.have.length(1);
      expect(
        mistakesOf(policy)[0]
          ?.replace(/^[\d:]+ /, '')
          .startsWith(mistake),
        mistakesOf(policy)[0],
      ).to.equal(true);
    });
  }

  it('has an example of each option that is missing', () => {
    expect(mistakesOf('rules: {r: {}}\n').map((line) => line.replace(/^[\d:]+ /, ''))).to.deep.equal([
      'rules.r.counts: is missing; expected it to be set, as in counts: auth-failure',
      'rules.r.limit: is missing; expected it to be set, as in limit: 100',
      'rules.r.within: is missing; expected it to be set, as in within: 1h',
      'rules.r.block-for: is missing; expected it to be set, as in block-for: 24h',
      'rules.r.message: is missing; expected it to be set, as in message: Your IP is blocked.',
    ]);
  });
});
