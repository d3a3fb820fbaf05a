// Any file at all: a config, or mistakes that can be told; never anything else.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseConfig } from '../../src/config/config.ts';
import { mistakeText } from '../../src/config/yaml/mistake.ts';
import { PATH } from './text.ts';

const SHIPPED = readFileSync(fileURLToPath(new URL('../../../policy.yml', import.meta.url)), 'utf8');
const CONFIG = new URL('../../src/config/config.js', import.meta.url).href;
const WORDS = [
  'listen',
  'inet',
  'unix',
  'mode',
  'group',
  'maillog',
  'auto',
  'file',
  'files',
  'journal',
  'unit',
  'directory',
  'zone',
  'Europe/Berlin',
  'state',
  'snapshot-every',
  'ipv6-prefix',
  'nat64',
  'allow',
  'private',
  'own',
  'mynetworks',
  'max-tracked',
  'breaker',
  'clients',
  'log',
  'level',
  'format',
  'rules',
  'counts',
  'limit',
  'within',
  'block-for',
  'message',
  'enforce',
  'share',
  'forgive',
  'login',
  'passes',
  'authenticated',
  'repeat',
  'factor',
  'most',
  'off',
  '10%',
  'auth-failure',
  'r',
  '1h',
  '127.0.0.1:10040',
  '<<',
  '__proto__',
  'constructor',
];
const MARKS = [
  ': ',
  '\n',
  '\n  ',
  '\n    ',
  '- ',
  '{',
  '}',
  '[',
  ']',
  ', ',
  '? ',
  '&a ',
  '*a',
  '!!binary ',
  '!!set ',
  '!!omap ',
  '!x ',
  '%YAML 1.1\n---\n',
  '---\n',
  '...\n',
  '|\n',
  '>\n',
  '"',
  "'",
  '#',
  '\t',
  '3',
  'true',
  '~',
  '\ufeff',
  '\0',
  '\u2028',
  'é',
];

function check(text: string): void {
  const { config, mistakes } = parseConfig(text, PATH);
  if (config !== undefined) {
    expect(config.rules).not.to.have.lengthOf(0);
    expect(config.listen).not.to.have.lengthOf(0);
    return;
  }
  expect(mistakes).not.to.have.lengthOf(0);
  const lines = text.split('\n').length;
  for (const mistake of mistakes) {
    expect(mistake.line, text).to.be.within(1, lines);
    expect(mistake.column).to.be.at.least(1);
    expect(mistakeText('policy.yml', mistake)).to.match(/^policy\.yml:\d+:\d+: [\s\S]*; (?:expected|put) /);
  }
}

describe('config/any: any policy.yml', () => {
  it('made of the words and marks of policies gives a config or mistakes', () => {
    const text = fc.array(fc.constantFrom(...WORDS, ...MARKS, ...MARKS), { maxLength: 40 });
    fc.assert(
      fc.property(text, (parts) => check(parts.join(''))),
      { numRuns: 10_000 },
    );
  });

  it('of any characters or bytes gives a config or mistakes', () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array).toString());
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), bytes), (text) => check(text)),
      { numRuns: 2000 },
    );
  });

  it('with any values for its options gives a config or mistakes', () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom(...WORDS),
      fc.dictionary(fc.constantFrom(...WORDS), fc.jsonValue()),
    );
    const policy = fc.dictionary(
      fc.constantFrom(...WORDS),
      fc.oneof(value, fc.array(value), fc.dictionary(fc.constantFrom(...WORDS), value)),
    );
    fc.assert(
      fc.property(policy, (options) => check(stringify(options))),
      { numRuns: 300 },
    );
  });

  it('that is the shipped one with a part taken out, put in or doubled gives a config or mistakes', () => {
    const cut = fc.tuple(fc.nat(SHIPPED.length), fc.nat(60), fc.constantFrom('', 'x', '\n', ...MARKS));
    fc.assert(
      fc.property(cut, fc.boolean(), ([at, length, mark], isDoubled) => {
        const part = SHIPPED.slice(at, at + length);
        check(SHIPPED.slice(0, at) + mark + (isDoubled ? part + part : '') + SHIPPED.slice(at + length));
      }),
      { numRuns: 500 },
    );
  });

  // In processes of their own: deep recursion in the parser can end the process, not only throw.
  for (const mark of ['[', '{a: ', '- ', '? ', '!x ']) {
    it(`that is nested without end by ${JSON.stringify(mark)} gives mistakes`, () => {
      const script = `import { parseConfig } from ${JSON.stringify(CONFIG)};
        const all = [100, 2000, 5000].map((n) => parseConfig(${JSON.stringify(mark)}.repeat(n), '/policy.yml'));
        process.stdout.write(String(all.every(({ mistakes }) => mistakes.length > 0)));`;
      const { stdout, status, signal } = spawnSync(process.execPath, [
        '--input-type=module',
        '--eval',
        script,
      ]);
      expect({ status, signal, stdout: stdout.toString() }).to.deep.equal({
        status: 0,
        signal: null,
        stdout: 'true',
      });
    });
  }

  it('that grows by aliases of aliases gives mistakes', () => {
    const lines = Array.from(
      { length: 30 },
      (_, i) => `x${i}: &x${i} [${i === 0 ? '0' : `*x${i - 1}, *x${i - 1}`}]`,
    );
    check(`${lines.join('\n')}\nallow: *x29\n`);
    check('allow: &a [*a]\nrules: &r {r: *r}\n');
  });
});
