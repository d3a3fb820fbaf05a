// What every command is, takes and answers: the one source of parseArgs, --help, the man page and the completions.

import { EXIT } from '../../exit.ts';
import { DESK } from './manual-desk.ts';
import {
  type CommandManual,
  DONE,
  type ExitStatus,
  type FlagName,
  type ListName,
  MISTAKES,
  type OptionManual,
  type Term,
  type ValueName,
} from './manual-entry.ts';
import { EXPLAIN } from './manual-explain.ts';
import { REPLAY } from './manual-replay.ts';

/** What postblock is. */
export const SUMMARY = 'temporary SMTP blocks for Postfix';

export const SYSTEM_POLICY = '/etc/postblock/policy.yml';

export const SHELLS = ['bash', 'zsh'] as const;
export type Shell = (typeof SHELLS)[number];

export const COMMON_OPTIONS: readonly OptionManual[] = [
  {
    name: 'policy',
    argument: 'FILE',
    meaning: 'the policy, which also says where the state directory is',
    default: `./policy.yml, else ${SYSTEM_POLICY}`,
    choices: 'files',
  },
  { name: 'help', meaning: 'how to use postblock or one of its commands' },
  { name: 'version', meaning: 'the version' },
];

export const FILES: readonly Term[] = [
  { term: './policy.yml', meaning: 'the policy, where there is one in the current directory' },
  { term: SYSTEM_POLICY, meaning: 'the policy otherwise' },
  {
    term: 'state/control.sock',
    meaning:
      'where the daemon takes commands, mode 0660; state is the directory that the policy names as such',
  },
  { term: 'state/snapshot.json', meaning: 'every block and count, one IP a line' },
  {
    term: 'state/audit.jsonl',
    meaning: 'every block, every end of one, and what was done by hand, one a line',
  },
];

const WRONG_USAGE: ExitStatus = { status: EXIT.usage, meaning: 'wrong usage' };

export const COMMANDS: readonly CommandManual[] = [
  {
    name: 'serve',
    synopsis: ['[--policy FILE]'],
    summary: 'follow the mail log and answer the policy service',
    description: [
      "Follows the mail log, counts abuse per client IP and answers Postfix's policy service, in the foreground.",
    ],
    options: [],
    signals: [
      {
        term: 'HUP',
        meaning:
          'read policy.yml again and reopen the log file; a policy with mistakes changes nothing, and the log says each of them',
      },
      { term: 'USR1', meaning: 'write state/snapshot.json now' },
      { term: 'TERM, INT', meaning: 'answer the requests in hand, write the snapshot, end' },
    ],
    exits: [
      { status: EXIT.ok, meaning: 'ended by TERM or INT' },
      WRONG_USAGE,
      { status: EXIT.unavailable, meaning: 'an address of listen:, or the state directory, is in use' },
      { status: EXIT.io, meaning: 'the state directory or the log file cannot be written' },
      { status: EXIT.permission, meaning: 'no permission to open a listener' },
      MISTAKES,
    ],
    examples: [{ term: `postblock serve --policy ${SYSTEM_POLICY}`, meaning: 'as the systemd unit does' }],
  },
  {
    name: 'check',
    synopsis: ['[--policy FILE]'],
    summary: 'check policy.yml and say every mistake in it',
    description: [
      'Reads policy.yml as serve would, and changes nothing. Each mistake is a line of standard error: FILE:LINE:COLUMN: KEY: what is wrong and what was expected.',
    ],
    options: [],
    exits: [{ status: EXIT.ok, meaning: 'no mistakes' }, WRONG_USAGE, MISTAKES],
    examples: [
      {
        term: 'postblock check && systemctl reload postblock',
        meaning: 'put a new policy to work, unless it has mistakes',
      },
    ],
  },
  ...DESK,
  EXPLAIN,
  REPLAY,
  {
    name: 'man',
    synopsis: [''],
    summary: 'print the man page',
    description: ['Prints postblock(1), with the macros of man(7).'],
    options: [],
    exits: [DONE, WRONG_USAGE],
    examples: [
      { term: 'postblock man | man -l -', meaning: 'read the man page' },
      { term: 'postblock man > /usr/local/share/man/man1/postblock.1', meaning: 'install the man page' },
    ],
  },
  {
    name: 'completion',
    synopsis: [SHELLS.join('|')],
    summary: 'print what makes the shell complete commands and options',
    description: ['Prints a script for bash or zsh, to be read by the shell at its start.'],
    options: [],
    words: SHELLS,
    exits: [DONE, WRONG_USAGE],
    examples: [
      { term: 'source <(postblock completion bash)', meaning: 'complete in bash, a line for ~/.bashrc' },
      {
        term: 'source <(postblock completion zsh)',
        meaning: 'complete in zsh, a line for ~/.zshrc, after compinit',
      },
    ],
  },
];

export function manualOf(name: string): CommandManual | undefined {
  return COMMANDS.find((command) => command.name === name);
}

const LISTS: readonly string[] = ['set', 'sweep'] satisfies readonly ListName[];

/** Whether an option may be given more than once. */
export function isList({ name }: OptionManual): boolean {
  return LISTS.includes(name);
}

type ParseOptions = { readonly [name in FlagName]: { readonly type: 'boolean' } } & {
  readonly [name in ValueName]: { readonly type: 'string' };
} & { readonly [name in ListName]: { readonly type: 'string'; readonly multiple: true } };

/**
 * The options of parseArgs: those of a command and the common ones; without a command those of all, to find the
 * command by. parseArgs gives each value as optional, so the type may name those that other commands have.
 */
export function optionsOf(command?: CommandManual): ParseOptions {
  const own = command === undefined ? COMMANDS.flatMap(({ options }) => options) : command.options;
  const entries = [...COMMON_OPTIONS, ...own].map((option) => {
    const type = option.argument === undefined ? 'boolean' : 'string';
    return [option.name, isList(option) ? { type, multiple: true } : { type }] as const;
  });
  return Object.fromEntries(entries) as ParseOptions;
}
