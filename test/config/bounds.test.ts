// How much a policy.yml may cost, whatever was put into it: a policy or plain mistakes, and soon.

import { expect } from 'chai';
import { parseConfig } from '../../src/config/config.ts';
import { configOf, mistakesOf, PATH, RULES } from './text.ts';

const RULE = '{counts: auth-failure, limit: 3, within: 1h, block-for: 1h, message: No.}';

/** As many repetitions as the greatest file holds. */
function filled(text: string, more = RULES): string {
  return `${text.repeat(Math.floor(((1 << 20) - more.length) / text.length))}${more}`;
}

describe('config/bounds: a policy.yml without measure', () => {
  it('may have an allow list as long as the file can be', () => {
    const entries = 80_000;
    const text = `${RULES}allow:\n${'  - 1.2.3.4\n'.repeat(entries)}`;
    expect(configOf(text).allow).to.have.lengthOf(entries);
  });

  it('may have 50,000 aliases, each of which stands for its anchor', () => {
    const { allow, rules } = configOf(
      `rules: {a: &a ${RULE}, b: *a}\nallow: [&b 192.0.2.1${', *b'.repeat(50_000)}, &b 192.0.2.2, *b]\n`,
    );
    expect(allow).to.have.lengthOf(50_003);
    expect(allow.at(-3)).to.equal('192.0.2.1');
    expect(allow.at(-1)).to.equal('192.0.2.2');
    expect(rules.map(({ limit }) => limit)).to.deep.equal([3, 3]);
  });

  it('has a mistake where its aliases stand for more than a policy has', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `  r${i}: *r\n`).join('');
    const counts = `[${'auth-failure, '.repeat(20_000)}auth-failure]`;
    const [mistake, ...others] = mistakesOf(
      `rules:\n  r: &r ${RULE.replace('auth-failure', counts)}\n${names}`,
    );
    expect(others).to.deep.equal([]);
    expect(mistake).to.match(/^2:18: rules\.r\d+\.counts: has too many values; expected /);
  });

  for (const heap of ['- x\n', '"",', '!!x y ', '&a x,', '# x\n', '\t\n', '? a\n', '%x\n', 'x: [{}]\n']) {
    it(`has mistakes, and not many, where it is filled with ${JSON.stringify(heap)}`, () => {
      expect(mistakesOf(filled(heap, ''))).to.have.lengthOf.within(1, 201);
    });
  }

  for (const [what, text] of [
    ['of YAML', '- @\n'.repeat(30_000)],
    ['of brackets', ']\n'.repeat(30_000)],
    ['of options', `${'x: 1\n'.repeat(30_000)}${RULES}`],
    ['of entries', `${RULES}allow:\n${'- 7\n'.repeat(30_000)}`],
  ] as const) {
    it(`tells the first 200 of many mistakes ${what}, in the order of their places, and that there are more`, () => {
      const { mistakes = [] } = parseConfig(text, PATH);
      expect(mistakes).to.have.lengthOf(201);
      const lines = mistakes.map(({ line }) => line);
      expect(lines).to.deep.equal(lines.toSorted((a, b) => a - b));
      expect(mistakes.at(-1)?.message).to.equal('there are more than 200 mistakes; expected a policy');
    });
  }
});
