// The groups that policy.yml names: of the control socket, and of unix sockets.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Config } from '../config/config.ts';
import { EXIT, exitStatusOf } from '../exit.ts';
import { groupId, groupMembers } from '../net/groups.ts';
import type { ListenSpec } from '../net/listen.ts';
import type { Problem } from './problem.ts';

/** ms that getent(1) may take for all users */
const LOOKUP = 5000;

export async function groupProblems({
  listen,
  controlGroup,
}: Pick<Config, 'listen' | 'controlGroup'>): Promise<readonly Problem[]> {
  const control = controlGroup === undefined ? [] : [groupProblem('control-group', controlGroup)];
  const found = await Promise.all([...listen.map(socketGroupProblem), ...control]);
  return found.filter((problem) => problem !== undefined);
}

/** @returns what is wrong with the group of a socket */
export async function socketGroupProblem(spec: ListenSpec): Promise<Problem | undefined> {
  if (spec.type === 'inet' || spec.group === undefined) return undefined;
  return await groupProblem('listen', spec.group);
}

async function groupProblem(about: string, name: string): Promise<Problem | undefined> {
  let id: number;
  try {
    id = await groupId(name);
  } catch (error) {
    const { message } = error as Error;
    const status = exitStatusOf(error as NodeJS.ErrnoException);
    const remedy = `Create it (addgroup --system ${name}), or name another`;
    return { weight: 'error', about: [about], problem: message, remedy, status };
  }
  // chown(2): a user can give a socket only to groups of its own.
  if (process.geteuid?.() !== 0 && ![process.getegid?.(), ...(process.getgroups?.() ?? [])].includes(id))
    return {
      weight: 'error',
      about: [about],
      problem: `the user who runs this is not a member of the group ${name}`,
      remedy: `Add the daemon's user to it: adduser USER ${name}, or SupplementaryGroups=${name} in the unit`,
      status: EXIT.permission,
      isPermission: true,
    };
  if (about !== 'control-group' || (await hasMembers(name, id))) return undefined;
  return {
    weight: 'warning',
    about: [about],
    problem: `the group ${name} has no members: only root can use the commands`,
    remedy: `Add those of support: adduser USER ${name}`,
  };
}

/** True if it cannot be known. */
async function hasMembers(name: string, id: number): Promise<boolean> {
  if ((await groupMembers(name)).length > 0) return true;
  const users = await promisify(execFile)('getent', ['passwd'], { timeout: LOOKUP }).catch(() => undefined);
  return users === undefined || users.stdout.split('\n').some((line) => line.split(':')[3] === String(id));
}
