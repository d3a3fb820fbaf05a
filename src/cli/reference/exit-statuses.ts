// Exit statuses that several commands share.

import { EXIT } from '../../exit.ts';
import type { ExitStatus } from './command.ts';

export const DONE: ExitStatus = { status: EXIT.ok, meaning: 'done' };
export const WRONG_USAGE: ExitStatus = { status: EXIT.usage, meaning: 'wrong usage' };
export const MISTAKES: ExitStatus = {
  status: EXIT.config,
  meaning: 'policy.yml has mistakes; standard error has a line for each',
};
export const WRONG_VALUE: ExitStatus = {
  status: EXIT.usage,
  meaning: 'wrong usage, an IP that is not valid, or an unknown rule',
};
export const NO_DAEMON: ExitStatus = {
  status: EXIT.unavailable,
  meaning: 'no daemon answers within 3 s',
};
export const BUSY: ExitStatus = {
  status: EXIT.busy,
  meaning: 'the daemon is busy with other commands; try again',
};
export const NO_PERMISSION: ExitStatus = {
  status: EXIT.permission,
  meaning: 'no permission to use the control socket or to read the files of the daemon',
};

const NO_SNAPSHOT: ExitStatus = {
  status: EXIT.unavailable,
  meaning: 'no daemon answers, and there is no snapshot.json',
};
const DAMAGED: ExitStatus = {
  status: EXIT.io,
  meaning: 'no daemon answers, and snapshot.json is damaged',
};
const NOT_RECORDED: ExitStatus = {
  status: EXIT.io,
  meaning: 'the change is made, but could not be recorded in the audit trail',
};

/** Of commands that read snapshot.json if no daemon answers. */
export const READING: readonly ExitStatus[] = [
  WRONG_VALUE,
  NO_SNAPSHOT,
  DAMAGED,
  BUSY,
  NO_PERMISSION,
  MISTAKES,
];
/** Of commands that change something. */
export const CHANGING: readonly ExitStatus[] = [
  WRONG_VALUE,
  NO_DAEMON,
  NOT_RECORDED,
  BUSY,
  NO_PERMISSION,
  MISTAKES,
];
