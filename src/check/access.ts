// What this process may do with files and directories, without creating any.

import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const { R_OK, W_OK, X_OK } = constants;

/** The system's error, such as EACCES; undefined: allowed. */
export type Refusal = NodeJS.ErrnoException | undefined;

export function readable(path: string): Promise<Refusal> {
  return refusalOf(access(path, R_OK));
}

/** Whether a file can be appended to, or created. */
export async function appendable(path: string): Promise<Refusal> {
  const facts = await factsOf(path);
  if (facts === undefined) return await enterable(dirname(path));
  if (facts.isDirectory()) return failure('EISDIR', `${path} is a directory`);
  return await refusalOf(access(path, W_OK));
}

/** Whether files can be created in a directory. */
export async function enterable(directory: string): Promise<Refusal> {
  const facts = await factsOf(directory);
  if (facts === undefined) return failure('ENOENT', `there is no directory ${directory}`);
  if (!facts.isDirectory()) return failure('ENOTDIR', `${directory} is not a directory`);
  return await refusalOf(access(directory, W_OK | X_OK));
}

/** Whether a directory is there and can be written to, or can be created with those above it. */
export async function creatable(directory: string): Promise<Refusal> {
  for (let path = directory; ; path = dirname(path)) {
    if ((await factsOf(path)) !== undefined || path === dirname(path)) return await enterable(path);
  }
}

async function factsOf(path: string) {
  return await stat(path).catch(() => undefined);
}

function refusalOf(done: Promise<void>): Promise<Refusal> {
  return done.then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error,
  );
}

function failure(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}
