// --help: all that the table of commands has, within 80 columns.

import { expect } from 'chai';
import { helpText } from '../../../src/cli/manual/help.ts';
import { synopsis } from '../../../src/cli/manual/synopsis.ts';
import { COMMON_OPTIONS } from '../../../src/cli/reference/common-options.ts';
import { COMMANDS } from '../../../src/cli/reference/table.ts';

/** As a reader sees it who does not mind line ends. */
function flat(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function expectFits(text: string): void {
  for (const line of text.split('\n'))
    expect(line)
      .to.match(/^.{0,80}$/)
      .and.not.to.match(/\s$/);
  expect(text).to.match(/[^\n]\n$/);
}

describe('cli/manual/help', () => {
  it('shows every command with its summary, and the common options', () => {
    const text = helpText();
    expectFits(text);
    for (const { name, summary } of COMMANDS) {
      const line = text.split('\n').find((candidate) => candidate.startsWith(`  ${name} `));
      expect(line?.trim().split(/ {2,}/)).to.deep.equal([name, summary]);
    }
    for (const { name, meaning } of COMMON_OPTIONS) {
      expect(text).to.match(new RegExp(`^  --${name}\\b`, 'm'));
      expect(flat(text)).to.contain(meaning);
    }
  });

  for (const command of COMMANDS) {
    const { name, summary, description, options, signals = [], exits, examples } = command;

    it(`of ${name} has all that the table says of it, within 80 columns`, () => {
      const text = helpText(command);
      expectFits(text);
      expect(text)
        .to.match(new RegExp(`^postblock ${name}: `))
        .and.to.contain(summary);
      for (const form of synopsis(command))
        expect(flat(text)).to.contain(`: postblock ${name} ${form}`.trimEnd());
      for (const paragraph of description) expect(flat(text)).to.contain(paragraph);
      for (const option of [...options, ...COMMON_OPTIONS]) {
        expect(text).to.match(new RegExp(`^  --${option.name} (${option.argument ?? ''}| )`, 'm'));
        expect(flat(text)).to.contain(option.meaning);
        if (option.argument === undefined) continue;
        if (option.default !== undefined) expect(flat(text)).to.contain(`(default: ${option.default})`);
        if (option.required) expect(flat(text)).to.contain(`${option.meaning} (required)`);
      }
      for (const { status, meaning } of exits) expect(flat(text)).to.contain(` ${status} ${meaning}`);
      for (const { term, meaning } of signals) expect(flat(text)).to.contain(` ${term} ${meaning}`);
      for (const { term, meaning } of examples) expect(text).to.contain(`  ${meaning}:\n    ${term}\n`);
    });
  }

  it('never breaks a line between an option and the name of its value', () => {
    for (const command of COMMANDS) {
      expect(helpText(command).split('\n\n')[1]).not.to.match(/(--[a-z]+|\[[^\]]*)$/m);
    }
  });
});
