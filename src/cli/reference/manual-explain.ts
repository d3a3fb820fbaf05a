// The manual of explain.

import { EXIT } from '../../exit.ts';
import { type CommandManual, MISTAKES } from './manual-entry.ts';

export const EXPLAIN: CommandManual = {
  name: 'explain',
  synopsis: ['[LOG...] [--json] [--policy FILE]'],
  summary: 'tell of each log line how it is read and what counts it',
  description: [
    'Reads lines of a mail log as the daemon does, and prints of each whether a rule of the policy counts it, or why none does: the event, the rules with their limits, the client and the key under which it is counted, the entry of allow: that covers it, and the time and process that were read.',
    'LOG is a mail log as replay takes it; without one, or for -, standard input. Lines belong to sessions: give all lines of one. A dropped connection counts at the line with which its session ends, disconnect.',
    'Needs no daemon, and counts nothing itself. So it does not know whether a client was blocked when a line was written, which counts for nothing meanwhile, nor what was allowed by hand: show tells.',
  ],
  words: 'files',
  options: [{ name: 'json', meaning: 'print JSON, one object for each line' }],
  exits: [
    { status: EXIT.ok, meaning: 'done' },
    { status: EXIT.nothing, meaning: 'no line of Postfix was read' },
    { status: EXIT.usage, meaning: 'wrong usage' },
    { status: EXIT.unavailable, meaning: 'xz or zstd is not installed, and a log needs it' },
    { status: EXIT.io, meaning: 'a log cannot be read, or not to its end' },
    MISTAKES,
  ],
  examples: [
    {
      term: 'grep -F 192.0.2.7 /var/log/mail.log | postblock explain',
      meaning: 'why is this client not blocked',
    },
    {
      term: 'journalctl -o json SYSLOG_FACILITY=2 | postblock explain --json',
      meaning: 'read the journal, for a program',
    },
    { term: 'postblock explain mail.log.2.gz | less', meaning: 'look through a whole log' },
  ],
};
