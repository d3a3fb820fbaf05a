// The commands that run the daemon and check its policy: serve, check.

import { EXIT } from '../../exit.ts';
import type { Command } from './command.ts';
import { MISTAKES, WRONG_USAGE } from './exit-statuses.ts';
import { SYSTEM_POLICY } from './program.ts';

export const SERVE = {
  name: 'serve',
  summary: 'follow the mail log and answer the policy service',
  description: [
    "Follows the mail log, counts abuse per client IP and answers Postfix's policy service, in the foreground.",
  ],
  options: [],
  signals: [
    {
      term: 'HUP',
      meaning:
        'read policy.yml again and reopen the log file; if the policy has mistakes, the log has each of them, and the running policy stays',
    },
    { term: 'USR1', meaning: 'write state/snapshot.json now' },
    { term: 'TERM, INT', meaning: 'answer the requests in hand, write the snapshot and exit' },
  ],
  exits: [
    { status: EXIT.ok, meaning: 'ended by TERM or INT' },
    WRONG_USAGE,
    { status: EXIT.unavailable, meaning: 'an address of listen:, or the state directory, is in use' },
    { status: EXIT.io, meaning: 'the state directory or the log file cannot be written' },
    { status: EXIT.permission, meaning: 'no permission to open a listener' },
    MISTAKES,
  ],
  examples: [
    { term: `postblock serve --policy ${SYSTEM_POLICY}`, meaning: 'run it as the systemd unit does' },
  ],
} as const satisfies Command;

export const CHECK = {
  name: 'check',
  summary: 'check policy.yml and print every mistake in it',
  description: [
    'Reads policy.yml as serve does, and changes nothing. Each mistake is a line of standard error: FILE:LINE:COLUMN: KEY: what is wrong and what was expected.',
    'If there is none, it prints the rules, each with the options that spare good senders, and the addresses that own and mynetworks stand for under allow: on this host.',
  ],
  options: [],
  exits: [{ status: EXIT.ok, meaning: 'no mistakes' }, WRONG_USAGE, MISTAKES],
  examples: [
    {
      term: 'postblock check && systemctl reload postblock',
      meaning: 'apply a new policy, unless it has mistakes',
    },
  ],
} as const satisfies Command;
