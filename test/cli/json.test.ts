// What a command prints with --json where it fails: one object, beside the text and with the same exit status.

import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { errorText, isJson } from '../../src/cli/json.ts';
import { COMMANDS } from '../../src/cli/reference/table.ts';
import { NoDaemon, Refused } from '../../src/cli/unanswered.ts';
import { AnsweredError, EXIT, ExitError } from '../../src/exit.ts';
import { CLI } from '../harness/daemon.ts';
import { temporaryFolder } from '../harness/folder.ts';

describe('cli/json: the object', () => {
  const table: readonly [what: string, error: unknown, code: string, message: string][] = [
    [
      'a refusal of the daemon',
      new Refused(EXIT.nothing, 'not-blocked', 'it is not blocked'),
      'not-blocked',
      'it is not blocked',
    ],
    ['no daemon', new NoDaemon(EXIT.unavailable, ['no daemon answers']), 'unavailable', 'no daemon answers'],
    ['mistakes, a line each', new ExitError(EXIT.config, ['one', 'two']), 'config', 'one\ntwo'],
    ['a status without a name', new ExitError(99, ['odd']), 'software', 'odd'],
    ['an internal error', new TypeError('x is undefined'), 'software', 'TypeError: x is undefined'],
    ['text that a terminal would obey', new ExitError(EXIT.usage, ['a\x1b[2J"']), 'usage', 'a\x1b[2J"'],
  ];
  for (const [what, error, code, message] of table) {
    it(`has the code and the message of ${what}, in one line`, () => {
      const text = errorText(error);
      expect(JSON.parse(text)).to.deep.equal({ version: 1, error: { code, message } });
      expect(text.split('\n')).to.have.length(2);
    });
  }

  it('is not printed where the answer says all', () => {
    expect(errorText(new ExitError(EXIT.nothing, []))).to.equal('');
    expect(errorText(new AnsweredError(EXIT.io, ['report.html: cannot be written']))).to.equal('');
  });

  it('is for calls with --json, also where another argument is wrong', () => {
    expect(isJson(['shwo', '--json'])).to.equal(true);
    expect(isJson(['show', '192.0.2.7'])).to.equal(false);
    expect(isJson(['show', '--', '--json'])).to.equal(false);
  });
});

describe('cli/json: the commands', () => {
  const cwd = temporaryFolder();
  const named = COMMANDS.filter(({ options }) => options.some(({ name }) => name === 'json'));
  for (const { name } of named) {
    it(`is printed by ${name}, beside the text and with the same exit status`, () => {
      const wrong = [name, '192.0.2.0/33', '--reason', 'x', '--policy', 'missing.yml'];
      const command = (...args: string[]) => {
        return spawnSync(process.execPath, [CLI, ...wrong, ...args], { cwd, encoding: 'utf8' });
      };
      const [text, json] = [command(), command('--json')];
      expect(json.status).to.equal(text.status).and.not.equal(0);
      expect(json.stderr).to.equal(text.stderr).and.not.equal('');
      expect(text.stdout).to.equal('');
      const { error } = JSON.parse(json.stdout) as { readonly error: { readonly message: string } };
      const lines = error.message.split('\n').map((line) => `postblock: ${line}\n`);
      expect(json.stderr).to.equal(lines.join(''));
    });
  }
});
