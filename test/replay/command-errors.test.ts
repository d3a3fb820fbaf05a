// What postblock replay refuses: calls, logs and policies that are not valid, each with its exit code.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { folderWith, run } from './replay-run.ts';

describe('replay/command-errors: postblock replay', () => {
  const wrong: readonly (readonly [what: string, args: string[], says: RegExp])[] = [
    ['no log', [], /^postblock: replay needs at least one /],
    [
      'a time that is not valid',
      ['mail.log', '--since', 'yesterday'],
      /--since: "yesterday" is not a valid time/,
    ],
    [
      'a day that does not exist',
      ['mail.log', '--until', '2026-02-30'],
      /--until: "2026-02-30" is not a valid time/,
    ],
    ['a span that is empty', ['mail.log', '--since', '1d', '--until', '2d'], /nothing is left to replay/],
    ['a setting that is not KEY=VALUE', ['mail.log', '--set', 'x'], /--set: "x" is not KEY=VALUE/],
    [
      'a sweep of what cannot be swept',
      ['mail.log', '--sweep', 'state=a,b'],
      /--sweep state: expected rules\./,
    ],
    ['an option of another command', ['mail.log', '--rule', 'x'], /--rule/],
    ['a directory', ['.'], /directory/],
    ['standard input twice', ['-', '-'], /read only once/],
  ];
  for (const [what, args, says] of wrong) {
    it(`ends with code 64 for ${what}`, () => {
      const { status, stdout, stderr } = run(folderWith(), ...args);
      expect([status, stdout]).to.deep.equal([64, '']);
      expect(stderr).to.match(says);
    });
  }

  it('ends with code 74 for logs that do not exist, and names each', () => {
    const { status, stdout, stderr } = run(folderWith(), 'mail.log', 'none.log', 'nor.log');
    expect([status, stdout]).to.deep.equal([74, '']);
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .map((text) => text.split(':')[1]?.trim()),
    ).to.deep.equal(['none.log', 'nor.log']);
  });

  it('ends with code 78 for a policy with mistakes', () => {
    const folder = folderWith();
    writeFileSync(join(folder, 'policy.yml'), 'rules: {}\n');
    const { status, stderr } = run(folder, 'mail.log');
    expect(status).to.equal(78);
    expect(stderr).to.contain('policy.yml:1:8: rules: is empty');
  });
});
