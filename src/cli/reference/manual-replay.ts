// The manual of replay.

import { EXIT } from '../../exit.ts';
import { type CommandManual, MISTAKES } from './manual-entry.ts';

const MOMENT = 'a moment such as 2026-11-01 or 2026-11-01T12:00, or how long ago, such as 7d';

export const REPLAY: CommandManual = {
  name: 'replay',
  synopsis: [
    'LOG... [--set KEY=VALUE]... [--sweep KEY=VALUE,VALUE...]... [--since TIME] [--until TIME] [--json] [--html FILE] [--policy FILE]',
  ],
  summary: 'tell what the policy would have done to old mail logs',
  description: [
    'Reads mail logs in order of time through the code that serves, and prints what would have been blocked, and which mail that Postfix accepted would have been lost. Reads and writes nothing of the running daemon or its state.',
    'LOG is a mail log, plain or compressed by gzip, xz or zstd, what "journalctl -o json" or "journalctl -o export" printed, or - for standard input. Times without a year are taken from the date of the file.',
    'A line that several logs hold counts once, if time, host, process and text are the same. Within ten seconds of where one log ends and another begins equal lines count in both, since the one may continue the other. The report names the logs that share lines.',
    'A log that was written while postblock refused mail shows less abuse and less mail than there would have been; the report says so.',
    'On a terminal standard error shows how far it is. An interrupt (Ctrl-C) ends reading, and prints what there is.',
  ],
  words: 'files',
  options: [
    {
      name: 'set',
      argument: 'KEY=VALUE',
      meaning: 'try another value of policy.yml, such as rules.auth-failures.limit=20; may be repeated',
    },
    {
      name: 'sweep',
      argument: 'KEY=VALUES',
      meaning:
        'try several values, parted by commas, of the limit, within or block-for of a rule side by side; may be repeated',
    },
    { name: 'since', argument: 'TIME', meaning: `leave out what is older: ${MOMENT}` },
    { name: 'until', argument: 'TIME', meaning: `leave out what is as old or newer: ${MOMENT}` },
    {
      name: 'json',
      meaning:
        'print JSON, one object a line: each block and each end as audit.jsonl has it, and the report as the last',
    },
    {
      name: 'html',
      argument: 'FILE',
      meaning:
        'also write the report as a page with charts, which needs no network; it has the mode 0640, and a link in its place is not followed',
      choices: 'files',
    },
  ],
  exits: [
    { status: EXIT.ok, meaning: 'done' },
    { status: EXIT.nothing, meaning: 'no line of Postfix was read' },
    { status: EXIT.usage, meaning: 'wrong usage' },
    { status: EXIT.unavailable, meaning: 'xz or zstd is not installed, and a log needs it' },
    { status: EXIT.io, meaning: 'a log cannot be read, or FILE cannot be written' },
    MISTAKES,
    { status: EXIT.interrupted, meaning: 'interrupted; the report covers what was read before' },
  ],
  examples: [
    { term: 'postblock replay /var/log/mail.log*', meaning: 'what the policy would have done lately' },
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
};
