// The program itself: its description, and the files that it uses.

import type { Term } from './command.ts';

export const SUMMARY = 'temporary SMTP blocks for Postfix';

export const SYSTEM_POLICY = '/etc/postblock/policy.yml';

export const FILES: readonly Term[] = [
  { term: SYSTEM_POLICY, meaning: 'the policy' },
  {
    term: './policy.yml',
    meaning: `the policy where there is no ${SYSTEM_POLICY}. A command that is not installed, in /usr or a directory node_modules, but run from a clone, uses it first`,
  },
  {
    term: 'state/control.sock',
    meaning:
      'the control socket, mode 0660, on which the daemon takes commands; state is the directory that the policy names with state:',
  },
  {
    term: '/run/postblock/control.sock',
    meaning:
      'the same of the systemd unit, for members of the control-group, who may not enter /var/lib/postblock',
  },
  { term: 'state/snapshot.json', meaning: 'every block and count, one IP a line' },
  {
    term: 'state/audit.jsonl',
    meaning:
      'the audit trail: every start and end of a block, every spared client and every action by hand, one a line',
  },
];
