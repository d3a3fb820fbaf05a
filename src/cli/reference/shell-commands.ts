// The commands about the program itself: help, version, and what a system installs beside it: man, completion.

import type { Command } from './command.ts';
import { DONE, WRONG_USAGE } from './exit-statuses.ts';

export const HELP = {
  name: 'help',
  summary: 'print how to use postblock, or one of its commands',
  description: ['Prints the same as --help.'],
  operands: { argument: 'COMMAND', least: 0, most: 1, words: 'commands' },
  options: [],
  policy: false,
  exits: [DONE, WRONG_USAGE],
  examples: [{ term: 'postblock help unblock', meaning: 'read how to end a block' }],
} as const satisfies Command;

export const VERSION = {
  name: 'version',
  summary: 'print the version',
  description: ['Prints the same as --version.'],
  options: [],
  policy: false,
  exits: [DONE, WRONG_USAGE],
  examples: [{ term: 'postblock version', meaning: 'see which release is installed' }],
} as const satisfies Command;

export const MAN = {
  name: 'man',
  summary: 'print the man page',
  description: ['Prints postblock(1), with the macros of man(7).'],
  options: [],
  policy: false,
  exits: [DONE, WRONG_USAGE],
  examples: [
    { term: 'postblock man | man -l -', meaning: 'read the man page' },
    { term: 'postblock man > /usr/local/share/man/man1/postblock.1', meaning: 'install the man page' },
  ],
} as const satisfies Command;

export const COMPLETION = {
  name: 'completion',
  summary: 'print a completion script for the shell',
  description: [
    'Prints a script for bash or zsh, which the shell reads when it starts.',
    'With rules it prints the names of the rules of the policy, and with blocked the IPs that are blocked, newest first, at most 1000: the scripts complete these. It prints nothing where these are not known.',
  ],
  operands: { argument: 'SHELL', least: 1, most: 1, choices: ['bash', 'zsh', 'rules', 'blocked'] },
  options: [],
  exits: [DONE, WRONG_USAGE],
  examples: [
    { term: 'source <(postblock completion bash)', meaning: 'complete in bash: a line for ~/.bashrc' },
    {
      term: 'source <(postblock completion zsh)',
      meaning: 'complete in zsh: a line for ~/.zshrc, after compinit',
    },
  ],
} as const satisfies Command;
