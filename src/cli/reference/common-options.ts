// Options that all commands take, and options that several commands share.

import type { Option } from './command.ts';
import { SYSTEM_POLICY } from './program.ts';

export const COMMON_OPTIONS: readonly Option[] = [
  {
    name: 'policy',
    type: 'file',
    argument: 'FILE',
    meaning: 'the policy; it also names the state directory',
    default: `${SYSTEM_POLICY}, else ./policy.yml; in a clone, first ./policy.yml`,
  },
  {
    name: 'help',
    type: 'flag',
    short: 'h',
    meaning: 'print how to use postblock, or one of its commands; -h for short',
  },
  { name: 'version', type: 'flag', meaning: 'print the version' },
];

export const JSON_OUTPUT = {
  name: 'json',
  type: 'flag',
  meaning: 'print JSON, for programs',
} as const satisfies Option;

export const REASON = {
  name: 'reason',
  type: 'text',
  argument: 'TEXT',
  meaning: 'the reason, for the audit trail: a ticket number, or who called',
  required: true,
} as const satisfies Option;

const DURATION = 'numbers with s, m, h, d or w, such as 90m or 1d12h';

export const FOR = {
  name: 'for',
  type: 'duration',
  argument: 'DURATION',
  meaning: `how long: ${DURATION}`,
  required: true,
} as const satisfies Option;

export const GRACE = {
  name: 'grace',
  type: 'duration',
  argument: 'DURATION',
  meaning: `how long the IP is not blocked again: ${DURATION}`,
  default: 'none',
} as const satisfies Option;
