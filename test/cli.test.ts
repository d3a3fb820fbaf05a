// The door: help, version, check, exit codes, and plain lines on the right stream.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { CLI, SMALL_RULES } from './harness/daemon.ts';
import { temporaryFolder } from './harness/folder.ts';

/** The repository, seen from the built test. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A listener and a log that are the test's own. */
const HOST = 'listen: [{unix: policy.sock}]\nmaillog: ./mail.log\n';

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], cwd = temporaryFolder()): Run {
  return spawnSync(process.execPath, [CLI, ...args], { cwd, encoding: 'utf8', timeout: 20_000 });
}

function folderWith(policy: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'policy.yml'), policy);
  return folder;
}

describe('cli', () => {
  it('--help shows every command with a summary, and the options', () => {
    const { status, stdout, stderr } = run(['--help']);
    expect(status).to.equal(0);
    expect(stderr).to.equal('');
    expect(stdout).to.match(/^ {2}serve {2,}\S/m);
    expect(stdout).to.match(/^ {2}check {2,}\S/m);
    for (const option of ['--policy FILE', '--help', '--version']) expect(stdout).to.contain(option);
  });

  for (const [command, words] of [
    ['serve', ['HUP', 'USR1', 'TERM', '69', '74', '77', '78']],
    ['check', ['78', 'FILE:LINE:COLUMN']],
  ] as const) {
    it(`${command} --help tells more of it, and does nothing`, () => {
      for (const args of [
        [command, '--help'],
        ['--help', command],
      ]) {
        const { status, stdout, stderr } = run(args);
        expect(status).to.equal(0);
        expect(stderr).to.equal('');
        expect(stdout).to.contain(`Usage: postblock ${command} [--p`);
        for (const word of words) expect(stdout).to.contain(word);
      }
    });
  }

  it('completion prints the script of the shell that is named, and knows no other', () => {
    const bash = run(['completion', 'bash']);
    expect(bash).to.include({ status: 0, stderr: '' });
    expect(bash.stdout).to.match(/^# bash completion for postblock: /);
    expect(spawnSync('bash', ['-n'], { input: bash.stdout }).status).to.equal(0);
    const zsh = run(['completion', 'zsh']);
    expect(zsh).to.include({ status: 0, stderr: '' });
    expect(zsh.stdout).to.match(/^#compdef postblock\n/);
    for (const shell of ['fish', 'BASH', '']) {
      const { status, stdout, stderr } = run(['completion', shell]);
      expect({ status, stdout }, shell).to.deep.equal({ status: 64, stdout: '' });
      expect(stderr).to.contain('completion takes bash or zsh');
    }
  });

  it('--version is that of the package', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(run(['--version'])).to.include({ status: 0, stdout: `postblock ${version}\n`, stderr: '' });
    expect(run(['serve', '--version'])).to.include({ status: 0, stdout: `postblock ${version}\n` });
  });

  it('help, -h and version print the same as --help and --version', () => {
    for (const [words, same] of [
      [['help'], ['--help']],
      [['-h'], ['--help']],
      [
        ['help', 'list'],
        ['list', '--help'],
      ],
      [
        ['list', '-h'],
        ['list', '--help'],
      ],
      [['version'], ['--version']],
    ] as const)
      expect(run(words), words.join(' ')).to.include({ status: 0, stderr: '', stdout: run(same).stdout });
    const { status, stderr } = run(['help', 'sevre']);
    expect(status).to.equal(64);
    expect(stderr).to.match(/^postblock: unknown command "sevre"\n/);
  });

  describe('ends with code 64 and a plain word, and points to the help,', () => {
    const bad: readonly (readonly [what: string, args: readonly string[], said: RegExp])[] = [
      ['without a command', [], /no command given/],
      ['for an unknown command', ['sevre'], /unknown command "sevre"/],
      ['for the name of something else', ['constructor'], /unknown command "constructor"/],
      ['for an unknown option', ['serve', '--polcy', 'x'], /--polcy/],
      ['for a policy without its file', ['check', '--policy'], /--policy/],
      [
        'for words that a command does not take',
        ['check', 'policy.yml'],
        /unexpected argument "policy\.yml"/,
      ],
    ];
    for (const [what, args, said] of bad) {
      it(what, () => {
        const { status, stdout, stderr } = run(args);
        expect(status).to.equal(64);
        expect(stdout).to.equal('');
        expect(stderr).to.match(said).and.to.contain('postblock --help');
        for (const line of stderr.trimEnd().split('\n')) expect(line).to.match(/^postblock: \S/);
      });
    }
  });

  describe('check', () => {
    it('says that there are no mistakes, and which rules there are', () => {
      const rules = SMALL_RULES.replace('counts: auth-failure', 'enforce: false, counts: auth-failure');
      const folder = folderWith(`${HOST}rules:${rules}`);
      writeFileSync(join(folder, 'mail.log'), '');
      const { status, stdout, stderr } = run(['check'], folder);
      expect(status).to.equal(0);
      expect(stderr).to.equal('');
      const names = 'rejected-recipients, auth-failures (watched only), connection-spam, rejected-after-data';
      expect(stdout).to.equal(`${join(folder, 'policy.yml')}: no mistakes; rules: ${names}\n`);
    });

    it('finds none in the policy that is shipped', () => {
      const folder = temporaryFolder();
      const shipped = readFileSync(join(ROOT, 'policy.yml'), 'utf8');
      // The address may be in use on the host that runs the tests.
      writeFileSync(
        join(folder, 'policy.yml'),
        shipped.replace('- inet: 127.0.0.1:10040', '- unix: policy.sock'),
      );
      expect(run(['check'], folder)).to.include({ status: 0, stderr: '' });
    });

    it('ends with code 78 and says every mistake, each on a line of standard error', () => {
      const folder = folderWith('listen: here\nsnapshot-every: 1 minute\nrules:\n  a: {limit: many}\n');
      const { status, stdout, stderr } = run(['check'], folder);
      expect(status).to.equal(78);
      expect(stdout).to.equal('');
      const lines = stderr.trimEnd().split('\n');
      const start = `postblock: ${join(folder, 'policy.yml')}:`;
      for (const line of lines) expect(line.startsWith(start), line).to.equal(true);
      const places = lines.map((line) => line.slice(start.length).split(': ').slice(0, 2).join(' '));
      expect(places.sort()).to.deep.equal(
        [
          '1:9 listen',
          '2:17 snapshot-every',
          '4:6 rules.a.block-for',
          '4:6 rules.a.counts',
          '4:6 rules.a.message',
          '4:6 rules.a.within',
          '4:14 rules.a.limit',
        ].sort(),
      );
    });

    it('reads the policy that is named, from wherever it is called', () => {
      const folder = folderWith(`${HOST}rules:${SMALL_RULES}`);
      expect(run(['check', '--policy', join(folder, 'policy.yml')])).to.include({ status: 0 });
      expect(run(['check', '--policy=policy.yml'], folder)).to.include({ status: 0 });
      expect(run(['--policy', 'policy.yml', 'check'], folder)).to.include({ status: 0 });
    });

    it('ends with code 78 and one line for a policy that cannot be read', () => {
      const folder = temporaryFolder();
      for (const path of ['none.yml', '.']) {
        const { status, stderr } = run(['check', '--policy', path], folder);
        expect(status).to.equal(78);
        expect(stderr).to.match(/^postblock: \/\S+: cannot be read: [^\n]+\n$/);
      }
    });
  });
});
