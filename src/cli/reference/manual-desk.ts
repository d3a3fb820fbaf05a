// The manual of what the support desk uses: commands that ask the daemon, or have it do something.

import { EXIT } from '../../exit.ts';
import { type CommandManual, DONE, type ExitStatus, MISTAKES, type OptionManual } from './manual-entry.ts';

const DURATION = 'numbers with s, m, h, d or w, such as 90m or 1d12h';

const JSON_OUTPUT: OptionManual = { name: 'json', meaning: 'print JSON, for programs' };
const RULE_FILTER: OptionManual = { name: 'rule', argument: 'R', meaning: 'only blocks of this rule' };
const REASON: OptionManual = {
  name: 'reason',
  argument: 'TEXT',
  meaning: 'why, for the audit trail: a ticket number, who called',
  required: true,
};

const USAGE: ExitStatus = { status: EXIT.usage, meaning: 'wrong usage, a wrong IP, an unknown rule' };
const NO_DAEMON: ExitStatus = {
  status: EXIT.unavailable,
  meaning: 'no daemon is running, or it does not answer',
};
const NOT_RECORDED: ExitStatus = { status: EXIT.io, meaning: 'what was done could not be recorded' };
const NO_PERMISSION: ExitStatus = {
  status: EXIT.permission,
  meaning: 'no permission to speak to the daemon or to read its files',
};
const NO_SNAPSHOT: ExitStatus = {
  status: EXIT.unavailable,
  meaning: 'no daemon is running, and none has left a snapshot.json',
};

const BUSY: ExitStatus = { status: EXIT.busy, meaning: 'the daemon is busy with other commands; try again' };

const DAMAGED: ExitStatus = {
  status: EXIT.io,
  meaning: 'no daemon is running, and snapshot.json is damaged',
};

const READING: readonly ExitStatus[] = [USAGE, NO_SNAPSHOT, DAMAGED, BUSY, NO_PERMISSION, MISTAKES];
const DOING: readonly ExitStatus[] = [USAGE, NO_DAEMON, NOT_RECORDED, BUSY, NO_PERMISSION, MISTAKES];

const WITHOUT_DAEMON =
  'Without a running daemon it reads snapshot.json and audit.jsonl in the state directory, and says how old that is.';
const BY_HAND =
  'Who did it is SUDO_USER, or else the name of the user that runs the command. The audit trail says who, when and why, and has it on disk before the command says done.';

export const DESK: readonly CommandManual[] = [
  {
    name: 'list',
    synopsis: [
      '[--rule R] [--network N] [--sort ip|since|until|refused] [--watching] [--json] [--policy FILE]',
    ],
    summary: 'list the blocked IPs',
    description: [
      'Prints each blocked IP with its rule, since when, when the block ends, and how much mail was refused because of it.',
      WITHOUT_DAEMON,
    ],
    options: [
      RULE_FILTER,
      { name: 'network', argument: 'N', meaning: 'only IPs in this network, such as 192.0.2.0/24' },
      {
        name: 'sort',
        argument: 'KEY',
        meaning: 'by ip; since: when the block began; until: when it ends; refused: how much mail it refused',
        default: 'until',
        choices: ['ip', 'since', 'until', 'refused'],
      },
      {
        name: 'watching',
        meaning: 'instead, what rules with "enforce: false" would have blocked; Postfix is answered DUNNO',
      },
      JSON_OUTPUT,
    ],
    exits: [DONE, ...READING],
    examples: [
      { term: 'postblock list --sort refused', meaning: 'which blocks refused how much mail' },
      { term: 'postblock list --network 192.0.2.0/24', meaning: 'who is blocked in a customer network' },
    ],
  },
  {
    name: 'show',
    synopsis: ['IP [--json] [--policy FILE]'],
    summary: 'show why an IP is blocked, and what mail that cost',
    description: [
      'Prints all there is to know of an IP, blocked or not: the block, its rule and the text that the client reads; what led to it; the mail that was refused because of it; the time left; all counts against their limits; former blocks and who ended them; the entry of the allow list that covers it.',
      'An IPv6 address finds the block of the network that it is counted by.',
      WITHOUT_DAEMON,
    ],
    options: [JSON_OUTPUT],
    exits: [
      { status: EXIT.ok, meaning: 'the IP is blocked' },
      { status: EXIT.nothing, meaning: 'the IP is not blocked' },
      ...READING,
    ],
    examples: [{ term: 'postblock show 192.0.2.7', meaning: 'the answer for a customer on the phone' }],
  },
  {
    name: 'status',
    synopsis: ['[--json] [--policy FILE]'],
    summary: 'tell how the daemon is, for monitoring',
    description: [
      'Prints what troubles the daemon, and below that since when it runs, which logs it reads and how far it has come, what it answered Postfix, how many IPs it tracks, and its last snapshot. Numbers count from its start.',
      'It is in trouble where it cannot read the log, where Postfix asks about messages that the log does not tell of or tells of in words that are not understood, where what it reads is late, and where it cannot write its files. The log of the daemon says the same when it begins, every hour, and when it is over.',
    ],
    options: [JSON_OUTPUT],
    exits: [
      { status: EXIT.ok, meaning: 'all is well' },
      { status: EXIT.nothing, meaning: 'the daemon is in trouble' },
      { status: EXIT.usage, meaning: 'wrong usage' },
      NO_DAEMON,
      BUSY,
      NO_PERMISSION,
      MISTAKES,
    ],
    examples: [
      {
        term: 'postblock status || logger -p mail.alert "postblock is in trouble"',
        meaning: 'a check for cron, or for a monitoring system that minds the exit status',
      },
    ],
  },
  {
    name: 'unblock',
    synopsis: [
      'IP... --reason TEXT [--grace DURATION] [--json] [--policy FILE]',
      '--all --rule R --reason TEXT [--yes] [--grace DURATION] [--json] [--policy FILE]',
    ],
    summary: 'end the block of an IP',
    description: [
      'Ends the block at once. The counts of the IP are zero then, and what it did before that moment never counts, even where the mail log is read later.',
      'Who goes on as before is blocked again. With --grace the IP is counted but not blocked for a while: time for the customer to clean up.',
      BY_HAND,
    ],
    options: [
      REASON,
      {
        name: 'grace',
        argument: 'DURATION',
        meaning: `how long the IP is not to be blocked again: ${DURATION}`,
        default: 'none',
      },
      { name: 'all', meaning: 'every IP that the rule of --rule blocks; asks first' },
      { name: 'rule', argument: 'R', meaning: 'with --all: the rule' },
      { name: 'yes', meaning: 'with --all: do not ask' },
      JSON_OUTPUT,
    ],
    exits: [
      DONE,
      { status: EXIT.nothing, meaning: 'an IP was not blocked, or there was nothing to do' },
      ...DOING,
    ],
    examples: [
      {
        term: 'postblock unblock 192.0.2.7 --reason "ticket 4711" --grace 2h',
        meaning: 'let a customer send again, and not block him for two hours',
      },
      {
        term: 'postblock unblock --all --rule connection-spam --reason "bad limit"',
        meaning: 'take back all that a rule has blocked',
      },
    ],
  },
  {
    name: 'block',
    synopsis: ['IP --rule R --for DURATION --reason TEXT [--json] [--policy FILE]'],
    summary: 'block an IP by hand',
    description: [
      "Blocks the IP at once; the client reads the rule's text. The allow list wins over it. An IPv6 address blocks the network that it is counted by.",
      BY_HAND,
    ],
    options: [
      { name: 'rule', argument: 'R', meaning: 'the rule whose text the client reads', required: true },
      { name: 'for', argument: 'DURATION', meaning: `how long: ${DURATION}`, required: true },
      REASON,
      JSON_OUTPUT,
    ],
    exits: [
      DONE,
      { status: EXIT.nothing, meaning: 'the IP is blocked already, or on the allow list' },
      ...DOING,
    ],
    examples: [
      {
        term: 'postblock block 192.0.2.7 --rule auth-failures --for 2h --reason bots',
        meaning: 'stop a client that stays below the limits',
      },
    ],
  },
  {
    name: 'allow',
    synopsis: ['NETWORK --for DURATION --reason TEXT [--json] [--policy FILE]'],
    summary: 'never count or block a network, for a time',
    description: [
      'Makes an entry of the allow list beside those of policy.yml, with an end: until then the network is neither counted nor blocked. NETWORK is an address or a network, such as 192.0.2.0/24.',
      BY_HAND,
    ],
    options: [
      { name: 'for', argument: 'DURATION', meaning: `how long: ${DURATION}`, required: true },
      REASON,
      JSON_OUTPUT,
    ],
    exits: [DONE, { status: EXIT.nothing, meaning: 'there are too many such entries already' }, ...DOING],
    examples: [
      {
        term: 'postblock allow 192.0.2.0/24 --for 7d --reason migration',
        meaning: 'let a customer move his mail',
      },
    ],
  },
  {
    name: 'disallow',
    synopsis: ['NETWORK --reason TEXT [--json] [--policy FILE]'],
    summary: 'take back what allow did',
    description: [
      'Ends an entry that allow made. Those of policy.yml are changed there, and taken up at HUP.',
      BY_HAND,
    ],
    options: [REASON, JSON_OUTPUT],
    exits: [DONE, { status: EXIT.nothing, meaning: 'allow made no such entry' }, ...DOING],
    examples: [
      { term: 'postblock disallow 192.0.2.0/24 --reason done', meaning: 'end that before its time' },
    ],
  },
  {
    name: 'tail',
    synopsis: ['[--json] [--policy FILE]'],
    summary: 'print blocks, ends and refused mail as they happen',
    description: [
      'Prints a line for each block, each end of one and each refused mail, until it is interrupted.',
      'Where more happens than is read, a line says how many changes were missed. A tail that reads nothing while changes are missed is closed after a minute.',
    ],
    options: [{ name: 'json', meaning: 'print JSON, one object a line, for programs' }],
    exits: [
      { status: EXIT.ok, meaning: 'interrupted' },
      USAGE,
      { status: EXIT.unavailable, meaning: 'no daemon is running, or it has ended' },
      { status: EXIT.busy, meaning: '32 others follow already' },
      NO_PERMISSION,
      MISTAKES,
    ],
    examples: [{ term: 'postblock tail | grep 192.0.2.7', meaning: 'wait for a client to try again' }],
  },
];
