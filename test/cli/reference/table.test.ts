// The table of commands: complete, consistent, and what help and the control protocol need.

import { expect } from 'chai';
import { parseCall } from '../../../src/cli/arguments.ts';
import { synopsis } from '../../../src/cli/manual/synopsis.ts';
import { COMMON_OPTIONS } from '../../../src/cli/reference/common-options.ts';
import { COMMANDS, commandNamed, REQUEST_TYPES } from '../../../src/cli/reference/table.ts';

describe('cli/reference/table', () => {
  it('has every command once', () => {
    const names = COMMANDS.map(({ name }) => name);
    const expected =
      'serve check reload list show find status unblock block allow disallow resume tail explain replay help version man completion';
    expect(names.join(' ')).to.equal(expected);
  });

  it('finds a command by its name, and nothing by the name of something else', () => {
    for (const command of COMMANDS) expect(commandNamed(command.name)).to.equal(command);
    for (const name of ['constructor', 'sevre', '']) expect(commandNamed(name)).to.equal(undefined);
  });

  for (const command of COMMANDS) {
    const { name, summary, description, options, exits, examples } = command;

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
        const shown =
          synopsis(command)
            .join(' ')
            .match(/--[a-z]+/g) ?? [];
        expect(known).to.include.members(shown);
        for (const option of options) {
          expect(shown).to.include(`--${option.name}`);
          const isRequired = option.argument !== undefined && option.required === true;
          const isAlone = synopsis(command).every((text) =>
            text.replace(/\[.*?\]/g, '').includes(`--${option.name}`),
          );
          expect(isAlone, option.name).to.equal(isRequired);
        }
      });

      it('has examples that its options accept, with all that is required', () => {
        for (const { term } of examples) {
          const called = term.slice(term.indexOf(`postblock ${name}`)).split(/ [|>&]|\)/)[0] ?? '';
          const words = called.match(/"[^"]*"|\S+/g) ?? [];
          const { values } = parseCall(
            words.slice(1).map((word) => word.replaceAll('"', '')),
            command,
            'policy.yml',
          );
          for (const option of options) {
            if (option.required) expect(values).to.have.property(option.name).that.is.not.equal(undefined);
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

  it('means the same kind of value by an option in every command', () => {
    const kinds = new Map<string, string>();
    for (const { name, argument } of [...COMMON_OPTIONS, ...COMMANDS.flatMap(({ options }) => options)]) {
      const kind = argument ?? 'none';
      expect(kinds.get(name) ?? kind, name).to.equal(kind);
      kinds.set(name, kind);
    }
  });

  it('has a type for each field of a control request, the same in every command', () => {
    const types = new Map<string, string>();
    for (const { options, request } of COMMANDS) {
      for (const [field, source] of Object.entries(request?.fields ?? {})) {
        const option = options.find(({ name }) => name === source);
        expect(source === 'operand' || option !== undefined, source).to.equal(true);
        const type = option?.type ?? 'text';
        expect(types.get(field) ?? type, field).to.equal(type);
        types.set(field, type);
      }
    }
    expect(REQUEST_TYPES).to.deep.equal({
      allowed: 'boolean',
      command: 'string',
      graces: 'boolean',
      ip: 'string',
      rule: 'string',
      duration: 'number',
      by: 'string',
      reason: 'string',
      text: 'string',
      limit: 'number',
      watching: 'boolean',
      spared: 'boolean',
      hosts: 'boolean',
    });
  });

  it('records who asks and why for every command that changes something', () => {
    for (const { name, options, request } of COMMANDS) {
      const reason = options.find((option) => option.name === 'reason');
      expect(reason?.required ?? false, name).to.equal(request?.effect === 'change');
    }
  });
});
