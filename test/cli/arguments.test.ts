// Arguments: what was typed, as the table of commands understands it, or what is wrong with it.

import { expect } from 'chai';
import { firstLook, parseCall } from '../../src/cli/arguments.ts';
import { type CommandName, commandNamed } from '../../src/cli/reference/table.ts';
import { EXIT, ExitError } from '../../src/exit.ts';
import { HOUR } from '../../src/values/duration.ts';

function call(name: CommandName, ...args: readonly string[]) {
  const command = commandNamed(name);
  if (command === undefined) throw new Error(name);
  return parseCall([name, ...args], command, 'default.yml');
}

function refusal(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof ExitError)) throw error;
    expect(error.status).to.equal(EXIT.usage);
    return error.lines[0] ?? '';
  }
  throw new Error('accepted');
}

describe('cli/arguments', () => {
  it('gives a command its own options and the policy', () => {
    expect(call('list', '--policy', 'p.yml', '--sort=ip', '--json', '--watching')).to.deep.equal({
      name: 'list',
      policy: 'p.yml',
      values: {
        rule: undefined,
        allowed: false,
        graces: false,
        format: 'table',
        hosts: false,
        limit: undefined,
        network: undefined,
        sort: 'ip',
        watching: true,
        spared: false,
        json: true,
      },
      operands: [],
    });
  });

  it('gives the default of an option', () => {
    const { policy, values } = call('list');
    expect(policy).to.equal('default.yml');
    expect(values).to.include({ sort: 'until', watching: false, json: false });
    expect(call('replay', 'LOG').values).to.deep.include({ set: [], sweep: [], since: undefined });
  });

  it('parses durations to ms', () => {
    expect(call('unblock', 'IP', '--reason', 'r', '--grace', '2h').values).to.include({ grace: 2 * HOUR });
    expect(call('unblock', 'IP', '--reason', 'r').values).to.include({ grace: undefined });
  });

  it('gives every value of an option that may be repeated, and the table says that it may', () => {
    const { values } = call('replay', 'LOG', '--set', 'a=1', '--sweep', 'b=1,2', '--set=c=2');
    expect(values).to.deep.include({ set: ['a=1', 'c=2'], sweep: ['b=1,2'] });
    const repeated = commandNamed('replay')?.options.filter(({ meaning }) =>
      meaning.includes('may be repeated'),
    );
    expect(repeated?.map(({ name }) => name)).to.deep.equal(['set', 'sweep']);
  });

  it('finds the command after the options of any command', () => {
    const { command, isHelp } = firstLook(['--help', '--rule', 'a', 'block', '--for', '2h', '192.0.2.7']);
    expect(command?.name).to.equal('block');
    expect(isHelp).to.equal(true);
    expect(firstLook(['--version', 'sevre'])).to.include({ command: undefined, isVersion: true });
  });

  const refused: readonly (readonly [name: CommandName, args: readonly string[], message: string])[] = [
    ['show', [], 'show needs IP'],
    ['show', ['a', 'b'], 'unexpected argument "b"'],
    ['tail', ['x'], 'unexpected argument "x"'],
    ['completion', ['fish'], 'completion takes bash or zsh or rules or blocked'],
    ['block', ['IP', '--rule', 'R', '--reason', 'r'], 'block needs --for DURATION'],
    ['block', ['IP', '--rule', '', '--for', '1h', '--reason', 'r'], 'block needs --rule R'],
    [
      'allow',
      ['IP', '--for', '1 hour', '--reason', 'r'],
      '--for: "1 hour" is not a valid duration; expected one such as 90s, 1h or 2d',
    ],
    [
      'allow',
      ['IP', '--for', '0s', '--reason', 'r'],
      '--for: "0s" is not a valid duration; expected one such as 90s, 1h or 2d',
    ],
    ['list', ['--sort', 'age'], '--sort: "age" is not known; expected one of ip, since, until, refused'],
    ['unblock', ['--reason', 'r'], 'unblock needs at least one IP, or --all'],
    ['unblock', ['--all', '--reason', 'r'], '--all needs --rule'],
    ['unblock', ['--all', '--rule', 'R', '--reason', 'r', 'IP'], 'unexpected argument "IP"'],
    ['unblock', ['--all', '--rule', 'R'], 'unblock needs --reason TEXT'],
  ];
  for (const [name, args, message] of refused) {
    it(`refuses ${[name, ...args].join(' ')}`, () => {
      expect(refusal(() => call(name, ...args))).to.equal(message);
    });
  }

  for (const [args, message] of [
    [['--polcy', 'x'], 'unknown option "--polcy"'],
    [['-x'], 'unknown option "-x"'],
    [['--reason', 'x'], 'unknown option "--reason"'],
    [['--json=x'], '--json takes no value'],
    [['--help=x'], '--help takes no value'],
    [['--rule'], '--rule needs R; write --rule=R where it begins with "-"'],
    [['--rule', '--json'], '--rule needs R; write --rule=R where it begins with "-"'],
  ] as const) {
    it(`says what is wrong with list ${args.join(' ')}`, () => {
      expect(refusal(() => call('list', ...args))).to.equal(message);
    });
  }

  it('refuses the options of other commands, and options without their value', () => {
    for (const wrong of [['--reason', 'x'], ['--yes'], ['--sort'], ['--json=x'], ['--polcy', 'x']])
      refusal(() => call('list', ...wrong));
    refusal(() => firstLook(['--polcy', 'list']));
  });
});
