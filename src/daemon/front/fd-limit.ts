// The limit on open files, and how many sockets it leaves for policy clients.

import { readFileSync } from 'node:fs';

/** Descriptors for the log, the state directory, the control socket and journalctl. */
const OWN = 128;
const MIN_SOCKETS = 64;
/** proc_pid_limits(5): the soft limit follows this name. */
const SOFT_LIMIT = 'Max open files';

/** Sockets that may be open beside the daemon's own files; infinite where proc(5) does not show the limit. */
export function socketsAllowed(path = '/proc/self/limits'): number {
  let limits = '';
  try {
    limits = readFileSync(path, 'latin1');
  } catch {
    // Without /proc the limit is unknown, and shows only when it is reached.
  }
  const line = limits.split('\n').find((candidate) => candidate.startsWith(SOFT_LIMIT)) ?? '';
  const [soft] = line.slice(SOFT_LIMIT.length).trim().split(' ');
  const most = Number(soft === '' ? Number.NaN : soft);
  return Number.isNaN(most) ? Number.POSITIVE_INFINITY : Math.max(MIN_SOCKETS, most - OWN);
}
