// The paths of the control socket: where the daemon opens it, and where a command looks for it.

import { basename, dirname, join } from 'node:path';

const FILE = 'control.sock';

/** Where systemd keeps the directories of StateDirectory= and RuntimeDirectory= (systemd.exec(5)). */
const STATE_ROOT = '/var/lib';
const RUNTIME_ROOT = '/run';

/** The paths that lead to the daemon with this state directory, in the order in which a command tries them. */
export function controlPaths(state: string): readonly [string, ...string[]] {
  const runtime = runtimeDirectory(state);
  return [join(state, FILE), ...(runtime === undefined ? [] : [join(runtime, FILE)])];
}

/**
 * The paths that the daemon opens. The one in the state directory locks it: two daemons with one state would ruin it.
 * The other one is for users who may not enter the state directory.
 *
 * @param given RUNTIME_DIRECTORY, which systemd sets: directories separated by colons
 */
export function ownControlPaths(state: string, given = ''): readonly [string, ...string[]] {
  const [lock, runtime] = controlPaths(state);
  if (runtime === undefined || !given.split(':').includes(dirname(runtime))) return [lock];
  return [lock, runtime];
}

/**
 * The unit names its state and its runtime directory alike, as in /var/lib/postblock and /run/postblock. So a state
 * directory in another place, as that of a clone, has no runtime directory, and never leads to the daemon of the unit.
 */
function runtimeDirectory(state: string): string | undefined {
  return dirname(state) === STATE_ROOT ? join(RUNTIME_ROOT, basename(state)) : undefined;
}
