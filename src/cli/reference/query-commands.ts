// The commands that query the daemon and change nothing: list, show, status, tail.

import { EXPORT_FORMATS } from '../../config/fields/export-formats.ts';
import { EXIT } from '../../exit.ts';
import type { Command } from './command.ts';
import { JSON_OUTPUT } from './common-options.ts';
import { BUSY, DONE, MISTAKES, NO_DAEMON, NO_PERMISSION, READING, WRONG_USAGE } from './exit-statuses.ts';

const WITHOUT_DAEMON =
  'If no daemon answers within 3 s, it reads snapshot.json and audit.jsonl in the state directory, and says how old they are.';

/** The blocks that list prints on a terminal without --limit, and at most. */
export const TERMINAL_LIMIT = 200;
const MAX_LISTED = 100_000;

export const LIST = {
  name: 'list',
  summary: 'list the blocked IPs',
  description: [
    'Prints each blocked IP with its rule, how long ago the block started, when it ends, how many mails it refused, and how long ago the last of them; in a wide terminal also the name of the client and who blocked it by hand. The last line has the totals.',
    'With --spared it prints the IPs that reached a limit and are not blocked. ABUSE is what they did within the time of the rule, OF is all that they did of that sort, PART is what the abuse is of it, and SHARE is the part from which the rule blocks. WHY is "breaker" where the IP was in good standing, and the breaker was open.',
    'With --graces it prints the IPs that are not blocked for a while because unblock --grace says so, and with --allowed the temporary allow entries: when each was made and ends, who made it, and why.',
    WITHOUT_DAEMON,
  ],
  options: [
    { name: 'rule', type: 'text', argument: 'R', meaning: 'only blocks of this rule', words: 'rules' },
    {
      name: 'network',
      type: 'text',
      argument: 'N',
      meaning: 'only IPs in this network, such as 192.0.2.0/24',
    },
    {
      name: 'sort',
      type: 'choice',
      argument: 'KEY',
      meaning:
        'by ip; since: when the block started; until: when it ends; refused: how many mails it refused. With --spared by ip or since; else the IP that is nearest to its share comes first',
      default: 'until',
      choices: ['ip', 'since', 'until', 'refused'],
    },
    {
      name: 'watching',
      type: 'flag',
      meaning:
        'list watched blocks instead: what rules with "enforce: false" would have blocked. Postfix is answered DUNNO for these',
    },
    {
      name: 'spared',
      type: 'flag',
      meaning:
        'list the IPs instead that reached a limit and are not blocked: their abuse is a small part of what they do, or the breaker is open',
    },
    { name: 'graces', type: 'flag', meaning: 'list the IPs in grace instead' },
    { name: 'allowed', type: 'flag', meaning: 'list the temporary allow entries instead' },
    {
      name: 'hosts',
      type: 'flag',
      meaning: 'list the hosts instead that share their blocks, with the release and the rules of each',
    },
    {
      name: 'limit',
      type: 'count',
      argument: 'N',
      most: MAX_LISTED,
      meaning: 'print the first N, and how many there are',
      default: `${TERMINAL_LIMIT} on a terminal, else all`,
    },
    {
      name: 'format',
      type: 'choice',
      argument: 'FORM',
      meaning:
        'print the blocked IPs for another program instead: plain, one on a line; postscreen, a cidr table; nft, a file for "nft -f"; haproxy, an ACL file. contrib/docs/exports.md says whom that can hurt',
      default: 'table',
      choices: ['table', ...EXPORT_FORMATS],
    },
    JSON_OUTPUT,
  ],
  request: {
    effect: 'read',
    fields: { watching: 'watching', spared: 'spared', graces: 'graces', allowed: 'allowed', hosts: 'hosts' },
  },
  exits: [DONE, ...READING],
  examples: [
    { term: 'postblock list --sort refused', meaning: 'see which blocks refused the most mail' },
    { term: 'postblock list --network 192.0.2.0/24', meaning: "see who is blocked in a customer's network" },
    { term: 'postblock list --format nft', meaning: 'print sets for nft with the blocked IPs' },
    { term: 'postblock list --spared', meaning: 'see which senders are near a block, and how near' },
  ],
} as const satisfies Command;

export const SHOW = {
  name: 'show',
  summary: 'show why an IP is blocked, and what mail that refused',
  description: [
    'Prints what is known of an IP, blocked or not: its block, with the rule, the text that the client reads and the time left; the events that led to the block; the mail that it refused; for each rule the count against its limit, and the part that abuse is of all against its share; the rules that spare the IP, and why; what an IP did last that is near a limit; whether it is in good standing, that is, brought accepted mail or logged in within a day; former blocks and who ended them; the allow entry that covers the IP.',
    'An IPv6 address finds the block of the network that it is counted under. For a network of many IPs, such as 192.0.2.0/24, it prints these as find does.',
    WITHOUT_DAEMON,
  ],
  operands: { argument: 'IP', least: 1, most: 1, words: 'blocked' },
  options: [
    {
      name: 'format',
      type: 'choice',
      argument: 'FORM',
      meaning:
        'xarf: print an abuse report of the block instead, for the abuse desk of the network of the client. reporter: in policy.yml says who signs it',
      default: 'text',
      choices: ['text', 'xarf'],
    },
    JSON_OUTPUT,
  ],
  request: { effect: 'read', fields: { ip: 'operand' } },
  exits: [
    { status: EXIT.ok, meaning: 'the IP is blocked' },
    { status: EXIT.nothing, meaning: 'the IP is not blocked' },
    ...READING,
  ],
  examples: [{ term: 'postblock show 192.0.2.7', meaning: 'answer a customer on the phone' }],
} as const satisfies Command;

/** Clients that find prints. */
export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1000;

export const FIND = {
  name: 'find',
  summary: 'find the IPs of a person, a name or a network',
  description: [
    'Prints the IPs of which something contains TEXT, in capitals or not: the client name, the sender, the recipient, the HELO name or the SASL user of what led to a block and of the mail that it refused, also of an IP that is spared or near a limit; the reason of a manual action, and who did it; or a part of the IP itself. TEXT has 3 to 256 characters. For each IP it prints its newest match, the newest first, and whether it is blocked now.',
    'If TEXT is an address or a network, such as 192.0.2.0/24, it prints the IPs in it that are blocked, watched, spared, in grace, allowed by hand or near a limit, and those that the audit trail names.',
    'Where hosts share their blocks, it asks the others too, for 0.8 s at most, and prints what each has found in its evidence, in the mail that it refused and in its watched blocks; the rest is the same on all. It says which hosts have not answered.',
    'It looks at what postblock keeps: the evidence of running blocks and of IPs near a limit, and the audit trail with its rotated files. A search takes 2 s at most, and verdicts are answered in the meantime; the last lines say what was left out.',
    WITHOUT_DAEMON,
  ],
  operands: { argument: 'TEXT', least: 1, most: 1 },
  options: [
    {
      name: 'limit',
      type: 'count',
      argument: 'N',
      most: MAX_LIMIT,
      meaning: `print at most N IPs, up to ${MAX_LIMIT}`,
      default: `${DEFAULT_LIMIT}`,
    },
    JSON_OUTPUT,
  ],
  request: { effect: 'read', fields: { text: 'operand', limit: 'limit' } },
  exits: [
    { status: EXIT.ok, meaning: 'something was found' },
    { status: EXIT.nothing, meaning: 'nothing was found' },
    ...READING,
  ],
  examples: [
    { term: 'postblock find bob@customer.example', meaning: 'learn from which IPs a customer sends' },
    { term: 'postblock find 192.0.2.0/24', meaning: "see what happened to a customer's network" },
  ],
} as const satisfies Command;

export const STATUS = {
  name: 'status',
  summary: 'print the health of the daemon, for monitoring',
  description: [
    'Prints the troubles of the daemon, and then since when it runs, which logs it reads and up to when, what it answered Postfix, how many clients it tracks, and its last snapshot. Numbers count from its start.',
    'There is trouble if the daemon cannot read the log, if Postfix asks about messages of which the log has nothing, or nothing that is understood, if what it reads is late, or if it cannot write its files; also if customers fail all at once, so that the breaker is open, or if Postfix sees a proxy instead of the clients. The log of the daemon reports a trouble when it begins, every hour, and when it is over.',
  ],
  options: [JSON_OUTPUT],
  request: { effect: 'read', fields: {} },
  exits: [
    { status: EXIT.ok, meaning: 'all is well' },
    { status: EXIT.nothing, meaning: 'the daemon is in trouble' },
    WRONG_USAGE,
    NO_DAEMON,
    BUSY,
    NO_PERMISSION,
    MISTAKES,
  ],
  examples: [
    {
      term: 'postblock status || logger -p mail.alert "postblock is in trouble"',
      meaning: 'check it from cron, or from a monitoring system that uses the exit status',
    },
  ],
} as const satisfies Command;

export const TAIL = {
  name: 'tail',
  summary: 'print changes of blocks and refused mail as they happen',
  description: [
    'Prints a line for each block that starts, each that ends, each client that reaches a limit and is spared, and each refused mail, until it is interrupted.',
    'If changes come faster than they are read, a line says how many were missed. The daemon closes a tail that reads nothing for a minute while changes are missed.',
  ],
  options: [{ ...JSON_OUTPUT, meaning: 'print JSON, one object a line, for programs' }],
  request: { effect: 'follow', fields: {} },
  exits: [
    { status: EXIT.ok, meaning: 'interrupted' },
    WRONG_USAGE,
    { status: EXIT.unavailable, meaning: 'no daemon answers within 3 s, or it has ended' },
    { status: EXIT.busy, meaning: '32 others follow already' },
    NO_PERMISSION,
    MISTAKES,
  ],
  examples: [{ term: 'postblock tail | grep 192.0.2.7', meaning: 'wait until a client tries again' }],
} as const satisfies Command;
