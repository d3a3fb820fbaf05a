// The commands that run the daemon, and check and reload its policy: serve, check, reload.

import { EXIT } from '../../exit.ts';
import type { Command } from './command.ts';
import { JSON_OUTPUT } from './common-options.ts';
import { BUSY, MISTAKES, NO_PERMISSION, WRONG_USAGE } from './exit-statuses.ts';
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

export const RELOAD = {
  name: 'reload',
  summary: 'have the daemon read policy.yml again, and wait for it',
  description: [
    'Does what HUP does: the daemon reads its policy.yml again. Unlike HUP, reload ends when the new policy runs, or when it is refused: then standard error has a line for each mistake, and the running policy stays. Counts, blocks and the open connections of Postfix stay in both cases.',
    'The daemon reads the file that it was started with. --policy only names the state directory, where its control socket is.',
  ],
  options: [],
  request: { effect: 'read', fields: {} },
  exits: [
    { status: EXIT.ok, meaning: 'the new policy runs' },
    WRONG_USAGE,
    { status: EXIT.unavailable, meaning: 'no daemon answers' },
    BUSY,
    NO_PERMISSION,
    { status: EXIT.config, meaning: 'the new policy is refused; standard error has a line for each mistake' },
  ],
  examples: [{ term: 'postblock reload', meaning: 'take up a change of policy.yml' }],
} as const satisfies Command;

export const CHECK = {
  name: 'check',
  summary: 'check policy.yml, this host, and the wiring of Postfix',
  description: [
    'Reads policy.yml as serve does, and changes nothing. Each mistake is a line of standard error: FILE:LINE:COLUMN: KEY: what is wrong and what was expected.',
    'If there is none, it prints the rules, each with the options that spare good senders, and the addresses that own and mynetworks stand for under allow: on this host. Then it prints what it finds on this host, a line each. An error is what serve would end with: a group that does not exist, an address that another process uses, a state directory that cannot be written, a password of share-state: that all users can read. A warning is what serve would run with: a mail log that is not there or cannot be read, a listener that is open to other hosts, a control-group: without members, a command of on-block: that cannot be run, a key of a webhook that all users can read, a file of export: that cannot be written. A note is what the user who runs it may not look at. Each line says what to do.',
    "Permissions are those of the user who runs it. Root has all of them, so run it as the daemon's user: runuser -u postblock -G adm -G systemd-journal -- postblock check.",
    'With --postfix it also reads main.cf and master.cf with postconf(1). For each smtpd service it prints at which stages Postfix asks postblock, in order. An error is what makes a block not hold or lets good mail suffer: a service that never asks, a request that is never reached, a service that offers AUTH but does not ask at CONNECT, a default_action that refuses mail. A warning is what hides some clients, such as permit_mynetworks in front of the request.',
  ],
  options: [
    { name: 'postfix', type: 'flag', meaning: 'check the configuration of Postfix too' },
    {
      name: 'config',
      type: 'file',
      short: 'c',
      argument: 'DIR',
      meaning: 'with --postfix: the directory of main.cf and master.cf; -c for short',
      default: "that of the system's Postfix",
    },
    { name: 'strict', type: 'flag', meaning: 'end with status 1 for a warning too' },
    JSON_OUTPUT,
  ],
  exits: [
    { status: EXIT.ok, meaning: 'no mistakes and no errors' },
    {
      status: EXIT.nothing,
      meaning: 'serve would run, but Postfix is not wired as it should be; with --strict, there is a warning',
    },
    WRONG_USAGE,
    {
      status: EXIT.unavailable,
      meaning: 'serve could not open an address of listen:; or postconf cannot be run',
    },
    { status: EXIT.io, meaning: 'serve could not write the state directory or the log file' },
    { status: EXIT.permission, meaning: 'serve would have no permission to open a listener' },
    {
      status: EXIT.config,
      meaning:
        'policy.yml has mistakes, each a line of standard error, or names a group that does not exist, or a file of share-state: that cannot be used',
    },
  ],
  examples: [
    {
      term: 'postblock check && systemctl reload postblock',
      meaning: 'apply a new policy, unless it has mistakes',
    },
    { term: 'postblock check --postfix', meaning: 'see whether Postfix asks, for each of its services' },
  ],
} as const satisfies Command;
