// The state directory: made and checked at the start, and the names of the files in it.

import type { Stats } from 'node:fs';
import { lstat, mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, ExitError } from '../exit.ts';

/** Bits of a file mode that let others than the owner write. */
const WRITABLE = 0o022;

/** The newest snapshot. */
export function snapshotIn(directory: string): string {
  return join(directory, 'snapshot.json');
}

/** The audit trail. */
export function trailIn(directory: string): string {
  return join(directory, 'audit.jsonl');
}

/**
 * Makes the directory where there is none.
 * @returns who else can put files into it, in words; undefined if nobody can
 * @throws ExitError 74 where it cannot be written
 */
export async function openDirectory(directory: string): Promise<string | undefined> {
  const probe = join(directory, `.probe-${process.pid}`);
  try {
    await makeDirectory(directory);
    await rm(probe, { force: true });
    // A new file or none: never what a link of this name leads to.
    await (await open(probe, 'wx', 0o600)).close();
    await rm(probe);
    return exposureOf(await stat(directory));
  } catch (error) {
    const reason = (error as Error).message;
    throw new ExitError(EXIT.io, [`the state directory ${directory} cannot be written: ${reason}`], error);
  }
}

export async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o750 });
}

/** What is read must be a file of this directory: not a link out of it, and not a pipe that never ends. */
export async function demandFile(path: string): Promise<void> {
  if ((await isFile(path)) === false) throw new Error(`${path} is not a plain file`);
}

/** @returns undefined where there is nothing of this name */
export async function isFile(path: string): Promise<boolean | undefined> {
  const facts = await lstat(path).catch(() => undefined);
  return facts?.isFile();
}

function exposureOf({ mode, uid }: Stats): string | undefined {
  const own = process.geteuid?.() ?? uid;
  if (uid !== own && uid !== 0) return `it belongs to the user ${uid}, who can put files into it`;
  const bits = `0${(mode & 0o7777).toString(8)}`;
  return (mode & WRITABLE) === 0 ? undefined : `others can put files into it (mode ${bits})`;
}
