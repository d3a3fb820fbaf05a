// The manual's table: complete, at one with itself, and what parseArgs needs.

import { parseArgs } from 'node:util';
import { expect } from 'chai';
import { COMMANDS, COMMON_OPTIONS, manualOf, optionsOf } from '../../../src/cli/reference/manual.ts';
import type { CommandManual } from '../../../src/cli/reference/manual-entry.ts';

function parsed(args: readonly string[], command?: CommandManual) {
  return parseArgs({ args: [...args], allowPositionals: true, options: optionsOf(command) });
}

describe('manual', () => {
  it('has every command once', () => {
    const names = COMMANDS.map(({ name }) => name);
    const expected =
      'serve check list show status unblock block allow disallow tail explain replay man completion';
    expect(names.join(' ')).to.equal(expected);
  });

  it('finds a command by its name, and nothing by the name of something else', () => {
    for (const command of COMMANDS) expect(manualOf(command.name)).to.equal(command);
    for (const name of ['constructor', 'sevre', '']) expect(manualOf(name)).to.equal(undefined);
  });

  for (const command of COMMANDS) {
    const { name, synopsis, summary, description, options, exits, examples } = command;

    describe(name, () => {
      it('says what it is, and gives examples of itself', () => {
        expect(summary)
          .to.match(/^\S.*[^.\s]$/)
          .and.to.have.lengthOf.below(65);
        expect(description).not.to.have.lengthOf(0);
        expect(examples).not.to.have.lengthOf(0);
        for (const { term } of examples) expect(term).to.contain(`postblock ${name}`);
      });

      it('has each of its options in the synopsis, in brackets unless it is required', () => {
        const known = [...options, ...COMMON_OPTIONS].map((option) => `--${option.name}`);
        const shown = synopsis.join(' ').match(/--[a-z]+/g) ?? [];
        expect(known).to.include.members(shown);
        for (const option of options) {
          expect(shown).to.include(`--${option.name}`);
          const isRequired = option.argument !== undefined && option.required === true;
          const isAlone = synopsis.every((text) => text.replace(/\[.*?\]/g, '').includes(`--${option.name}`));
          expect(isAlone, option.name).to.equal(isRequired);
        }
      });

      it('has examples that its options accept, with all that is required', () => {
        for (const { term } of examples) {
          const called = term.slice(term.indexOf(`postblock ${name}`)).split(/ [|>&]|\)/)[0] ?? '';
          const words = called.match(/"[^"]*"|\S+/g) ?? [];
          const { values } = parsed(words.slice(1), command);
          for (const option of options) {
            if (option.argument !== undefined && option.required)
              expect(values).to.have.property(option.name);
          }
        }
      });

      it('has its exit statuses in order, each once', () => {
        const statuses = exits.map(({ status }) => status);
        expect(statuses).to.deep.equal([...new Set(statuses)].sort((a, b) => a - b));
        expect(statuses).to.include.members([0, 64]);
      });

      it('is written in ASCII, so that every terminal shows it', () => {
        expect(JSON.stringify(command)).to.match(/^[\x20-\x7e]*$/);
      });
    });
  }

  it('gives parseArgs the options of a command and the common ones, and no others', () => {
    const list = manualOf('list');
    const { values, positionals } = parsed(
      ['--policy', 'p.yml', 'list', '--sort=ip', '--json', '--watching'],
      list,
    );
    const expected = { policy: 'p.yml', sort: 'ip', json: true, watching: true };
    expect({ ...values }).to.deep.equal(expected);
    expect(positionals).to.deep.equal(['list']);
    for (const wrong of [['--reason', 'x'], ['--yes'], ['--sort'], ['--json=x'], ['--polcy', 'x']]) {
      expect(() => parsed(wrong, list), wrong.join(' ')).to.throw(TypeError);
    }
  });

  it('gives parseArgs the options of all commands where the command is not known yet', () => {
    const { values, positionals } = parsed(['--help', '--rule', 'a', 'block', '--for', '2h', '192.0.2.7']);
    expect({ ...values }).to.deep.equal({ help: true, rule: 'a', for: '2h' });
    expect(positionals).to.deep.equal(['block', '192.0.2.7']);
  });

  it('gives parseArgs every value of an option that may be repeated, and says of it that it may', () => {
    const replay = manualOf('replay');
    const { values } = parsed(['replay', 'LOG', '--set', 'a=1', '--sweep', 'b=1,2', '--set=c=2'], replay);
    expect({ ...values }).to.deep.equal({ set: ['a=1', 'c=2'], sweep: ['b=1,2'] });
    const repeated = replay?.options.filter(({ meaning }) => meaning.includes('may be repeated'));
    expect(repeated?.map(({ name }) => name)).to.deep.equal(['set', 'sweep']);
  });

  it('means the same kind of value by an option in every command', () => {
    const kinds = new Map<string, string>();
    for (const { name, argument } of [...COMMON_OPTIONS, ...COMMANDS.flatMap(({ options }) => options)]) {
      const kind = argument ?? 'none';
      expect(kinds.get(name) ?? kind, name).to.equal(kind);
      kinds.set(name, kind);
    }
  });
});
