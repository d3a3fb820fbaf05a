// The commands by which an administrator changes something by hand: unblock, block, allow, disallow, resume.

import { EXIT } from '../../exit.ts';
import type { Command } from './command.ts';
import { FOR, GRACE, JSON_OUTPUT, REASON } from './common-options.ts';
import { CHANGING, DONE } from './exit-statuses.ts';

const RECORDED =
  'The audit trail records who did it, when and why: the name is the user that runs the command, or for root the user that called sudo (SUDO_USER). The daemon cannot verify it: whoever may use the control socket can send another name. The record is on disk before the command prints its answer.';

export const UNBLOCK = {
  name: 'unblock',
  summary: 'end the block of an IP',
  description: [
    'Ends the block at once and sets the counts of the IP to zero. What the IP did before never counts again, even if the mail log is read later.',
    'In the place of an IP, a network such as 192.0.2.0/24 ends the blocks of all IPs in it. It asks for confirmation, as --all does.',
    'A client that continues is blocked again. With --grace the IP is counted but not blocked for a while, to give the customer time to clean up.',
    RECORDED,
  ],
  operands: { argument: 'IP', least: 1, most: 1000, words: 'blocked' },
  options: [
    REASON,
    GRACE,
    {
      name: 'all',
      type: 'flag',
      meaning: 'every IP that the rule of --rule blocks; asks for confirmation',
      bulk: 'required',
    },
    {
      name: 'rule',
      type: 'text',
      argument: 'R',
      meaning: 'with --all: the rule',
      bulk: 'required',
      words: 'rules',
    },
    { name: 'yes', type: 'flag', meaning: 'do not ask before many blocks are ended' },
    JSON_OUTPUT,
  ],
  request: { effect: 'change', fields: { ip: 'operand', duration: 'grace' } },
  exits: [
    DONE,
    { status: EXIT.nothing, meaning: 'an IP was not blocked, or there was nothing to do' },
    ...CHANGING,
  ],
  examples: [
    {
      term: 'postblock unblock 192.0.2.7 --reason "ticket 4711" --grace 2h',
      meaning: 'let customers send again, and do not block them for two hours',
    },
    {
      term: 'postblock unblock --all --rule connection-spam --reason "bad limit"',
      meaning: 'end all blocks of a rule',
    },
  ],
} as const satisfies Command;

export const BLOCK = {
  name: 'block',
  summary: 'block an IP by hand',
  description: [
    "Blocks the IP at once; the client reads the rule's text. An IP on the allow list is not blocked. An IPv6 address blocks the network that it is counted under.",
    RECORDED,
  ],
  operands: { argument: 'IP', least: 1, most: 1 },
  options: [
    {
      name: 'rule',
      type: 'text',
      argument: 'R',
      meaning: 'the rule whose text the client reads',
      required: true,
      words: 'rules',
    },
    FOR,
    REASON,
    JSON_OUTPUT,
  ],
  request: { effect: 'change', fields: { ip: 'operand', rule: 'rule', duration: 'for' } },
  exits: [
    DONE,
    { status: EXIT.nothing, meaning: 'the IP is blocked already, or is on the allow list' },
    ...CHANGING,
  ],
  examples: [
    {
      term: 'postblock block 192.0.2.7 --rule auth-failures --for 2h --reason bots',
      meaning: 'stop a client that stays below the limits',
    },
  ],
} as const satisfies Command;

const NETWORK = { argument: 'NETWORK', least: 1, most: 1 } as const;

export const ALLOW = {
  name: 'allow',
  summary: 'put a network on the allow list for a time',
  description: [
    'Makes a temporary allow entry beside the entries of policy.yml: until it ends, the network is neither counted nor blocked. NETWORK is an address or a network, such as 192.0.2.0/24. For one that is larger than an IPv4 /8 or an IPv6 /19, allow asks for confirmation.',
    RECORDED,
  ],
  operands: NETWORK,
  options: [
    FOR,
    REASON,
    { name: 'yes', type: 'flag', meaning: 'do not ask, however large the network is' },
    JSON_OUTPUT,
  ],
  request: { effect: 'change', fields: { ip: 'operand', duration: 'for' } },
  exits: [
    DONE,
    { status: EXIT.nothing, meaning: 'there are too many temporary entries, or it was not confirmed' },
    ...CHANGING,
  ],
  examples: [
    {
      term: 'postblock allow 192.0.2.0/24 --for 7d --reason migration',
      meaning: 'let customers migrate their mail',
    },
  ],
} as const satisfies Command;

export const DISALLOW = {
  name: 'disallow',
  summary: 'remove a temporary entry from the allow list',
  description: [
    'Removes an entry that allow made. To remove an entry of policy.yml, edit the file and reload the daemon with HUP.',
    RECORDED,
  ],
  operands: NETWORK,
  options: [REASON, JSON_OUTPUT],
  request: { effect: 'change', fields: { ip: 'operand' } },
  exits: [DONE, { status: EXIT.nothing, meaning: 'there is no such temporary entry' }, ...CHANGING],
  examples: [
    {
      term: 'postblock disallow 192.0.2.0/24 --reason done',
      meaning: 'end a temporary entry early',
    },
  ],
} as const satisfies Command;

export const RESUME = {
  name: 'resume',
  summary: 'close the breaker, so that every client can be blocked again',
  description: [
    'The breaker opens if more clients in good standing reach a limit in a short time than the policy expects: then the cause is probably on this host, such as an expired certificate or a user database that is down. While it is open, clients in good standing are not blocked; all others are. It closes by itself if it had to spare no client for an hour.',
    'When the cause is repaired, resume closes it at once. A client that goes on with its abuse is then blocked. Blocks that started before the breaker opened stay. resume prints those of clients in good standing, still-blocked, so that unblock can end them.',
    RECORDED,
  ],
  options: [REASON, JSON_OUTPUT],
  request: { effect: 'change', fields: {} },
  exits: [DONE, { status: EXIT.nothing, meaning: 'the breaker is not open' }, ...CHANGING],
  examples: [
    {
      term: 'postblock resume --reason "new certificate"',
      meaning: 'block as before, once the cause is repaired',
    },
  ],
} as const satisfies Command;
