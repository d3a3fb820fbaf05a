// The connection of a command to the daemon: which path of the control socket leads to it, and why none does.

import { lstatSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { controlPaths } from '../desk/control-paths.ts';
import { EXIT, ExitError } from '../exit.ts';
import { groupName } from '../net/groups.ts';
import { NoDaemon, SilentDaemon } from './unanswered.ts';

interface Failure {
  readonly path: string;
  readonly error: NodeJS.ErrnoException;
}

/**
 * @param state the state directory
 * @throws NoDaemon, SilentDaemon; ExitError where the socket may not be used
 */
export async function connected(state: string): Promise<Socket> {
  const failures: Failure[] = [];
  for (const path of controlPaths(state)) {
    const socket = connect(path);
    const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) =>
      socket.once('connect', () => resolve(undefined)).once('error', resolve),
    );
    if (error === undefined) return socket;
    // unix(7): the backlog is full; the daemon is stopped, or too busy to accept.
    if (error.code === 'EAGAIN') throw new SilentDaemon(EXIT.busy, ['the daemon is too busy; try again']);
    failures.push({ path, error });
  }
  throw await unconnected(failures);
}

async function unconnected(failures: readonly Failure[]): Promise<ExitError> {
  const other = failures.find(({ error }) => !isAbsent(error) && error.code !== 'EACCES');
  if (other !== undefined) {
    const text = `the control socket cannot be used: ${other.error.message}`;
    return new ExitError(EXIT.permission, [text], other.error);
  }
  const closed = failures.filter(({ error }) => !isAbsent(error));
  const absent = failures.filter(({ error }) => isAbsent(error));
  const advice = await accessAdvice(closed.map(({ path }) => path));
  const last = absent.at(-1);
  // The unit opens the second path for all who may not enter the state directory: if it is absent, so is the daemon.
  if (last !== undefined && failures.at(-1) === last) {
    const paths = absent.map(({ path }) => path).join(' or ');
    return new NoDaemon(EXIT.unavailable, [...advice, `no daemon answers on ${paths}`], last.error);
  }
  return new ExitError(EXIT.permission, advice, closed[0]?.error);
}

function isAbsent({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}

/** Says how the user gets access to these sockets; nothing where there is none. */
async function accessAdvice(paths: readonly string[]): Promise<readonly string[]> {
  const path = paths.at(-1);
  if (path === undefined) return [];
  const group = await groupOf(path);
  const members =
    group === undefined ? 'as a member of its control-group' : `as a member of the group ${group}`;
  return [
    `no permission to use ${paths.join(' or ')}`,
    `run the command with sudo, or ${members} (a new member logs in again)`,
  ];
}

/** Undefined where the user may not enter its directory. */
async function groupOf(path: string): Promise<string | undefined> {
  try {
    return await groupName(lstatSync(path).gid);
  } catch {
    return undefined;
  }
}
