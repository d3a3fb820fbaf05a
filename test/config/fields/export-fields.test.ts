// export: in policy.yml: the forms of a file, and each mistake.

import { expect } from 'chai';
import { parseConfig } from '../../../src/config/config.ts';
import { policyChanges } from '../../../src/config/policy-changes.ts';
import { configOf } from '../text.ts';

const RULES =
  'rules: {r: {counts: auth-failure, limit: 3, within: 1h, block-for: 1h, message: Too many logins.}}\n';

function exportsIn(value: string) {
  const { config, mistakes = [] } = parseConfig(`export: ${value}\n${RULES}`, '/etc/postblock/policy.yml');
  const texts = mistakes.map(({ line, column, key, message }) => `${line}:${column}: ${key}: ${message}`);
  return { files: config?.exports, mistakes: texts };
}

describe('config/fields/export-fields: export', () => {
  it('takes all options, and paths from the directory of the policy', () => {
    const files = '[{format: plain, file: out}, {format: nft, file: /x, mode: 0644, rules: [r]}]';
    expect(exportsIn(files).files).to.deep.equal([
      { format: 'plain', file: '/etc/postblock/out', mode: 0o640 },
      { format: 'nft', file: '/x', mode: 0o644, rules: ['r'] },
    ]);
  });

  it('writes nothing where it is not set', () => {
    expect(parseConfig(RULES, '/p').config).not.to.have.property('exports');
  });

  const WRONG: readonly (readonly [string, string])[] = [
    [
      '[{}]',
      '1:10: export[0].format: is missing; expected it to be set, as in format: plain | 1:10: export[0].file: is missing; expected it to be set, as in file: /var/lib/postblock/blocked',
    ],
    [
      '[{format: ipset, file: /x}]',
      '1:19: export[0].format: "ipset" is not known; expected one of plain, postscreen, nft, haproxy',
    ],
    [
      '[{format: plain, file: /x, mode: 9}]',
      '1:42: export[0].mode: "9" is not a valid file mode; expected octal digits such as "0660"',
    ],
    [
      '[{format: plain, file: /x, rules: [q]}]',
      '1:44: export[0].rules[0]: "q" is not a rule; expected one of r',
    ],
  ];
  for (const [value, mistakes] of WRONG)
    it(`reports ${value}`, () => {
      expect(exportsIn(value).mistakes.join(' | ')).to.equal(mistakes);
    });

  it('is named where it changes', () => {
    const changes = policyChanges(configOf(RULES), configOf(`export: [{format: nft, file: /x}]\n${RULES}`));
    expect(changes).to.deep.equal(['export: +nft /x mode 0640']);
  });
});
