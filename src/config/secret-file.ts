// A reader of files that hold a secret: a key or a password. It refuses one that all users can read.

import type { Stats } from 'node:fs';
import { readPlainFile } from './plain-file.ts';

/** Permissions of all users but the owner and the group. */
const OTHERS = 0o007;

/**
 * @param max bytes
 * @throws an error that says why the file cannot be used
 */
export async function readSecretFile(path: string, max: number): Promise<string> {
  return (await readPlainFile(path, max, checkIsClosed)).toString('utf8');
}

/** Whether users who are neither its owner nor of its group may use a file. */
export function isOpenToAll({ mode }: Pick<Stats, 'mode'>): boolean {
  return (mode & OTHERS) !== 0;
}

function checkIsClosed(facts: Stats): void {
  if (isOpenToAll(facts)) throw new Error('all users can read or write it; expected mode 0640 or 0600');
}
