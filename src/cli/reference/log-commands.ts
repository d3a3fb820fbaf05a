// The commands that read old mail logs and do not need the daemon: explain, replay.

import { EXIT } from '../../exit.ts';
import type { Command, ExitStatus } from './command.ts';
import { JSON_OUTPUT } from './common-options.ts';
import { DONE, MISTAKES, WRONG_USAGE } from './exit-statuses.ts';

const TIME = 'a time such as 2026-11-01 or 2026-11-01T12:00, or how long ago, such as 7d';

const NO_LINE: ExitStatus = { status: EXIT.nothing, meaning: 'the logs have no line of Postfix' };
const NO_PROGRAM: ExitStatus = {
  status: EXIT.unavailable,
  meaning: 'a log is compressed by xz or zstd, and that program is not installed',
};

export const EXPLAIN = {
  name: 'explain',
  summary: 'explain how each log line is read and which rule counts it',
  description: [
    'Reads lines of a mail log as the daemon does. For each line it prints whether a rule of the policy counts it, or why none does: the event, the rules with their limits, the client and the key that it is counted under, the allow entry that covers it, and the time and process of the line.',
    'LOG is a mail log, as for replay; without LOG, or for -, it reads standard input. Lines belong to sessions: pass all lines of a session. A dropped connection is counted at the last line of its session, disconnect.',
    'It needs no daemon and has no state. It does not know whether a client was blocked when a line was written, in which case the line counts for nothing, nor which temporary allow entries there were: use show for that.',
  ],
  operands: { argument: 'LOG', least: 0, most: 10_000, choices: 'files' },
  options: [{ ...JSON_OUTPUT, meaning: 'print JSON, one object for each line' }],
  exits: [
    DONE,
    NO_LINE,
    WRONG_USAGE,
    NO_PROGRAM,
    { status: EXIT.io, meaning: 'a log cannot be read, or not to its end' },
    MISTAKES,
  ],
  examples: [
    {
      term: 'grep -F 192.0.2.7 /var/log/mail.log | postblock explain',
      meaning: 'find out why a client is not blocked',
    },
    {
      term: 'journalctl -o json SYSLOG_FACILITY=2 | postblock explain --json',
      meaning: 'read the journal, for a program',
    },
    { term: 'postblock explain mail.log.2.gz | less', meaning: 'look through a whole log' },
  ],
} as const satisfies Command;

export const REPLAY = {
  name: 'replay',
  summary: 'report what the policy would have done to old mail logs',
  description: [
    'Reads mail logs in order of time with the code of the daemon. It reports which clients would have been blocked, and which mail that Postfix accepted would have been lost. It neither reads nor writes anything of the running daemon or its state.',
    'LOG is a mail log, plain or compressed by gzip, xz or zstd; the output of "journalctl -o json" or "journalctl -o export"; or - for standard input. Times without a year are taken from the date of the file.',
    'A line that stands in several logs counts once, if time, host, process and text are the same. Within ten seconds of the place where one log ends and another begins, equal lines count in both, since one may continue the other. The report names the logs that share lines.',
    'A log that was written while postblock refused mail shows less abuse and less mail than there would have been; the report says so.',
    'On a terminal, standard error shows the progress. An interrupt (Ctrl-C) ends reading and prints the report of what was read.',
  ],
  operands: { argument: 'LOG', least: 1, most: 10_000, choices: 'files' },
  options: [
    {
      name: 'set',
      type: 'list',
      argument: 'KEY=VALUE',
      meaning: 'try another value of policy.yml, such as rules.auth-failures.limit=20; may be repeated',
    },
    {
      name: 'sweep',
      type: 'list',
      argument: 'KEY=VALUES',
      meaning:
        'try several values, separated by commas, of the limit, within, block-for or share of a rule side by side; may be repeated',
    },
    { name: 'since', type: 'text', argument: 'TIME', meaning: `leave out what is older: ${TIME}` },
    { name: 'until', type: 'text', argument: 'TIME', meaning: `leave out what is as old or newer: ${TIME}` },
    {
      ...JSON_OUTPUT,
      meaning:
        'print JSON, one object a line: each block, its end and each spared client as audit.jsonl has it, and the report last',
    },
    {
      name: 'html',
      type: 'file',
      argument: 'FILE',
      meaning:
        'also write the report as a page with charts, which needs no network. The file has the mode 0640, and must not be a symbolic link',
    },
  ],
  exits: [
    DONE,
    NO_LINE,
    WRONG_USAGE,
    NO_PROGRAM,
    { status: EXIT.io, meaning: 'a log cannot be read, or FILE cannot be written' },
    MISTAKES,
    { status: EXIT.interrupted, meaning: 'interrupted; the report covers what was read until then' },
  ],
  examples: [
    {
      term: 'postblock replay /var/log/mail.log*',
      meaning: 'see what the policy would have done recently',
    },
    {
      term: 'postblock replay mail.log* --sweep rules.auth-failures.limit=10,30,90',
      meaning: 'find the limit that stops abuse and costs no mail',
    },
    {
      term: 'postblock replay /var/log/mail.log* --since 30d --html report.html',
      meaning: 'look at the last month in a browser',
    },
    {
      term: 'journalctl -o json SYSLOG_FACILITY=2 | postblock replay - --since 7d',
      meaning: 'read the journal',
    },
  ],
} as const satisfies Command;
