// Completion: what the real shells make of what was typed.

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { completion, type Shell } from '../../../src/cli/manual/completion.ts';
import { COMMON_OPTIONS } from '../../../src/cli/reference/common-options.ts';
import { COMMANDS } from '../../../src/cli/reference/table.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { type Component, describeReal } from '../../harness/real.ts';

const ZSH: Component = {
  name: 'zsh',
  remedy: 'apt-get install zsh',
  isThere: () => spawnSync('zsh', ['--version']).status === 0,
};

const OPTIONS = COMMON_OPTIONS.map(({ name }) => `--${name}`);

/** Every command, and every option of each: what is typed all but its last letter, and what must come of it. */
const EVERY: readonly (readonly [typed: string, whole: string])[] = [
  ...COMMANDS.map(({ name }) => name),
  ...OPTIONS,
  ...COMMANDS.flatMap(({ name, options }) => {
    return [...options.map((option) => `--${option.name}`), ...OPTIONS].map((option) => `${name} ${option}`);
  }),
].map((text) => [`postblock ${text.slice(0, -1)}`, `postblock ${text}`]);

/** A program that knows rules and blocked IPs, others with another policy. */
const PROGRAM = `#!/bin/sh
case "$2 $3 $4" in
  'rules --policy policy.yml' | 'rules --policy=policy.yml ') echo other-rule ;;
  'rules  ') printf '%s\\n' auth-failures connection-spam ;;
  'blocked  ') printf '%s\\n' 192.0.2.7 198.51.100.23 2001:db8:1:2::/64 2001:db8:1:3::/64 ;;
esac
echo trouble >&2
`;

/** A folder with the script, a policy, a program, and a folder with a blank in its name. */
function folderWith(shell: Shell): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'script'), completion(shell));
  writeFileSync(join(folder, 'policy.yml'), '');
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/postblock'), PROGRAM, { mode: 0o755 });
  mkdirSync(join(folder, 'a folder'));
  return folder;
}

describe('cli/manual/completion', () => {
  describe('in bash', () => {
    const folder = folderWith('bash');

    /** What bash offers for the last of the words. */
    function offered(...words: readonly string[]): string[] {
      return offeredIn('', ...words);
    }

    /** @param line as it was typed */
    function offeredIn(line: string, ...words: readonly string[]): string[] {
      const typed = line === '' ? '' : `COMP_LINE='${line}' COMP_POINT=${line.length}`;
      const script = `source ./script; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); ${typed} _postblock; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const args = ['--norc', '-uc', script, 'bash', ...words];
      const { stdout, stderr } = spawnSync('bash', args, { cwd: folder, encoding: 'utf8' });
      expect(stderr).to.equal('');
      return stdout.split('\n').filter((line) => line !== '');
    }

    it('is registered for postblock', () => {
      const { stdout } = spawnSync('bash', ['--norc', '-c', 'source ./script; complete -p postblock'], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(stdout).to.equal('complete -F _postblock postblock\n');
    });

    it('offers every command and the common options first', () => {
      const names = COMMANDS.map(({ name }) => name);
      expect(offered('postblock', '')).to.have.members([...names, ...OPTIONS]);
    });

    it('offers the options of a command, and no others', () => {
      for (const { name, options } of COMMANDS) {
        const expected = [...options.map((option) => `--${option.name}`), ...OPTIONS];
        expect(offered('postblock', name, '--'), name).to.have.members(expected);
      }
    });

    it('completes every command and every option', () => {
      for (const [typed, whole] of EVERY) {
        expect(offered(...typed.split(' ')), typed).to.deep.equal([whole.split(' ').at(-1)]);
      }
    });

    it('offers the possible values', () => {
      expect(offered('postblock', 'list', '--sort', '')).to.deep.equal(['ip', 'since', 'until', 'refused']);
      expect(offered('postblock', 'list', '--sort', '=', 'u')).to.deep.equal(['until']);
      expect(offered('postblock', 'list', '--sort', '=')).to.have.lengthOf(4);
      expect(offered('postblock', 'completion', 'z')).to.deep.equal(['zsh']);
      expect(offered('postblock', '--policy', 'pol')).to.deep.equal(['policy.yml']);
      expect(offered('postblock', 'serve', '--policy', 'a')).to.deep.equal(['a folder']);
    });

    it('offers the logs of a replay, and its options again where they may be repeated', () => {
      expect(offered('postblock', 'replay', 'pol')).to.deep.equal(['policy.yml']);
      expect(offered('postblock', 'replay', 'policy.yml', 'a')).to.deep.equal(['a folder']);
      expect(offered('postblock', 'replay', '--set', 'a=1', '--se')).to.deep.equal(['--set']);
      expect(offered('postblock', 'replay', '--html', 'pol')).to.deep.equal(['policy.yml']);
      expect(offered('postblock', 'replay', '')).to.include.members(['policy.yml', 'a folder', '--sweep']);
      expect(offered('postblock', 'show', 'pol')).to.deep.equal([]);
    });

    it('offers the rules of the policy, the IPs that are blocked, and the commands after help', () => {
      const program = 'bin/postblock';
      expect(offered(program, 'list', '--rule', '')).to.deep.equal(['auth-failures', 'connection-spam']);
      expect(offered(program, 'block', '192.0.2.7', '--rule', '=', 'c')).to.deep.equal(['connection-spam']);
      const other = [program, '--policy', 'policy.yml', 'list', '--rule'];
      expect(offered(...other, '')).to.deep.equal(['other-rule']);
      expect(offered(program, '--policy', '=', 'policy.yml', 'list', '--rule', '')).to.deep.equal([
        'other-rule',
      ]);
      expect(offered(program, 'show', '19')).to.deep.equal(['192.0.2.7', '198.51.100.23']);
      expect(offered(program, 'unblock', '192.0.2.7', '198')).to.deep.equal(['198.51.100.23']);
      expect(offered(program, 'unblock', '--reason', '19')).to.deep.equal([]);
      expect(offered(program, 'help', 'unb')).to.deep.equal(['unblock']);
    });

    it('offers the rest of a blocked IPv6 network, of which bash makes several words', () => {
      const words = ['bin/postblock', 'show', '2001', ':', 'db8', ':', '1', ':'];
      expect(offeredIn('bin/postblock show 2001:db8:1:', ...words)).to.deep.equal(['2::/64', '3::/64']);
      const more = [...words, '3'];
      expect(offeredIn('bin/postblock show 2001:db8:1:3', ...more)).to.deep.equal(['3::/64']);
    });

    it('offers nothing for a value that only the user knows, or that nobody knows', () => {
      for (const option of ['--rule', '--reason', '--for']) {
        expect(offered('postblock', 'block', '192.0.2.7', option, '')).to.deep.equal([]);
      }
      expect(offered('postblock', 'sevre', '')).to.deep.equal([]);
    });

    it('finds the command after options that take a value', () => {
      expect(offered('postblock', '--policy', 'list', 'tai')).to.deep.equal(['tail']);
      expect(offered('postblock', '--policy', '=', 'show', 'unblock', '--gr')).to.deep.equal(['--grace']);
    });
  });

  describeReal('in zsh', ZSH, () => {
    const folder = folderWith('zsh');

    /** What stands in the line editor of an interactive zsh after TAB, for each of the lines typed. */
    function completed(lines: readonly string[], zshrc = ZSHRC): string[] {
      writeFileSync(join(folder, '.zshrc'), zshrc);
      const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', DRIVER, 'zsh', ...lines], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, ZDOTDIR: folder, TERM: 'dumb' },
        timeout: 20_000,
      });
      expect(stderr).to.equal('');
      return stdout.split('\n').slice(0, -1);
    }

    it('completes every command and every option', () => {
      const lines = completed(EVERY.map(([typed]) => typed));
      expect(lines.map((line) => line.replace(/[ =]$/, ''))).to.deep.equal(EVERY.map(([, whole]) => whole));
    });

    it('completes the possible values', () => {
      const typed = ['list --sort u', 'list --sort=r', 'completion z', '--policy pol', 'serve --policy=pol'];
      const whole = [
        'list --sort until',
        'list --sort=refused',
        'completion zsh',
        '--policy policy.yml',
        'serve --policy=policy.yml',
      ];
      const lines = completed(typed.map((text) => `postblock ${text}`));
      expect(lines.map((line) => line.trimEnd())).to.deep.equal(whole.map((text) => `postblock ${text}`));
    });

    it('completes the logs of a replay, and its options again where they may be repeated', () => {
      const typed = [
        'replay pol',
        'replay policy.yml sc',
        'replay --set a=1 --se',
        'replay --since 7d --sinc',
      ];
      const whole = [
        'replay policy.yml',
        'replay policy.yml script',
        'replay --set a=1 --set=',
        'replay --since 7d --sinc',
      ];
      const lines = completed(typed.map((text) => `postblock ${text}`));
      expect(lines.map((line) => line.trimEnd())).to.deep.equal(whole.map((text) => `postblock ${text}`));
    });

    it('completes rules of the policy, blocked IPs, and commands after help', () => {
      const typed = ['list --rule au', 'block x --rule=c', 'show 198', 'unblock 2001:db8:1:3', 'help unb'];
      const whole = [
        'list --rule auth-failures',
        'block x --rule=connection-spam',
        'show 198.51.100.23',
        'unblock 2001:db8:1:3::/64',
        'help unblock',
      ];
      const lines = completed(typed.map((text) => `bin/postblock ${text}`));
      expect(lines.map((line) => line.trimEnd())).to.deep.equal(whole.map((text) => `bin/postblock ${text}`));
      const other = ['--policy policy.yml list --rule o', '--policy=policy.yml list --rule o'];
      const found = completed(other.map((text) => `bin/postblock ${text}`));
      expect(found.map((line) => line.trimEnd())).to.deep.equal(
        other.map((text) => `bin/postblock ${text}ther-rule`),
      );
    });

    it('completes no option of another command, and no value that only the user knows', () => {
      const typed = ['list --reaso', 'tail --rul', 'block --rule au', 'sevre --polic'].map(
        (text) => `postblock ${text}`,
      );
      expect(completed(typed)).to.deep.equal(typed);
    });

    it('finds the command after options that take a value', () => {
      const lines = completed(['postblock --policy list tai', 'postblock --policy=show unblock --gr']);
      expect(lines).to.deep.equal([
        'postblock --policy list tail ',
        'postblock --policy=show unblock --grace=',
      ]);
    });

    it('works as a file of fpath, too', () => {
      writeFileSync(join(folder, '_postblock'), completion('zsh'));
      const lines = completed(['postblock ser', 'postblock list --wat'], ZSHRC_WITH_FPATH);
      expect(lines).to.deep.equal(['postblock serve ', 'postblock list --watching ']);
    });
  });
});

/** Control-] prints the line as it stands between brackets, and empties it. */
const KEYS = `
PROMPT=''
bindkey -e
say() { print -rn -- "<<<$BUFFER>>>"; BUFFER='' }
zle -N say
bindkey '^]' say
`;
const COMPINIT = 'autoload -Uz compinit; compinit -u -D';
const ZSHRC = `${KEYS}\n${COMPINIT}\nsource ./script\n`;
const ZSHRC_WITH_FPATH = `${KEYS}\nfpath=($PWD $fpath)\n${COMPINIT}\n`;

const DRIVER = `
zmodload zsh/zpty
zpty shell zsh -d -i
for line; do
  zpty -n -w shell "$line"$'\\t\\x1d'
  zpty -r shell answer '*<<<*>>>'
  answer=\${answer##*<<<}
  print -r -- "\${answer%>>>*}"
done
zpty -d shell
`;
