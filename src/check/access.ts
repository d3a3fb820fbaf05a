// What this process may do with files and directories, without creating any.

import { constants, type Stats } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const { R_OK, W_OK, X_OK } = constants;
/** Errors of stat(2) for what does not exist. */
const NOTHING = ['ENOENT', 'ENOTDIR'];

/** The system's error, such as EACCES; undefined: allowed. */
export type Refusal = NodeJS.ErrnoException | undefined;

export function readable(path: string): Promise<Refusal> {
  return refusalOf(access(path, R_OK));
}

/** Whether a program can be run. */
export async function runnable(path: string): Promise<Refusal> {
  const facts = await factsOf(path);
  if (isFacts(facts) && !facts.isFile()) return failure('ENOEXEC', `${path} is not a file`);
  return await refusalOf(access(path, X_OK));
}

/** Whether a socket can be connected to: connect(2) of unix(7) needs permission to write. */
export async function connectable(path: string): Promise<Refusal> {
  return await refusalOf(access(path, W_OK));
}

/** Whether a file can be created in its directory, and put in the place of the one that is there. */
export async function replaceable(path: string): Promise<Refusal> {
  const facts = await factsOf(path);
  if (isFacts(facts) && facts.isDirectory()) return isDirectory(path);
  if (isFacts(facts) && !facts.isFile()) return failure('EEXIST', `${path} is not a regular file`);
  return await enterable(dirname(path));
}

/** Whether a file can be appended to, or created. */
export async function appendable(path: string): Promise<Refusal> {
  const facts = await factsOf(path);
  if (facts === undefined) return await enterable(dirname(path));
  if (!isFacts(facts)) return facts;
  if (facts.isDirectory()) return isDirectory(path);
  return await refusalOf(access(path, W_OK));
}

/** Whether files can be created in a directory. */
export async function enterable(directory: string): Promise<Refusal> {
  const facts = await factsOf(directory);
  if (facts === undefined) return failure('ENOENT', `there is no directory ${directory}`);
  if (!isFacts(facts)) return facts;
  if (!facts.isDirectory()) return failure('ENOTDIR', `${directory} is not a directory`);
  return await refusalOf(access(directory, W_OK | X_OK));
}

/** Whether a directory is there and can be written to, or can be created with those above it. */
export async function creatable(directory: string): Promise<Refusal> {
  for (let path = directory; ; path = dirname(path)) {
    if ((await factsOf(path)) !== undefined || path === dirname(path)) return await enterable(path);
  }
}

/** Undefined where there is nothing; the error where it may not be looked at. */
async function factsOf(path: string): Promise<Stats | NodeJS.ErrnoException | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return NOTHING.includes(code) ? undefined : (error as NodeJS.ErrnoException);
  }
}

function isFacts(facts: Stats | NodeJS.ErrnoException | undefined): facts is Stats {
  return facts !== undefined && !(facts instanceof Error);
}

function refusalOf(done: Promise<void>): Promise<Refusal> {
  return done.then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error,
  );
}

function isDirectory(path: string): NodeJS.ErrnoException {
  return failure('EISDIR', `${path} is a directory`);
}

function failure(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}
