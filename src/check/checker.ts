// The user who runs the check, compared with the daemon's: what it may do says nothing of what the daemon may do.

import { type Stats, statSync } from 'node:fs';
import type { Config } from '../config/config.ts';

/** daemon: its user, as far as can be known; root: for a daemon of another user; other: neither */
export type Checker = 'daemon' | 'root' | 'other';

/** The owner of the state directory is the daemon's user. Before the first start, whoever runs this is. */
export function checkerOf({ state }: Pick<Config, 'state'>): Checker {
  const owner = factsOf(state)?.uid;
  const user = process.geteuid?.();
  if (owner === undefined || owner === user) return 'daemon';
  return user === 0 ? 'root' : 'other';
}

function factsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
