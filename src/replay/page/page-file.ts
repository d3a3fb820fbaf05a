// Writes the page to a file: whole or not at all, closed to others, and never through a link.

import { lstat, open, rename, rm } from 'node:fs/promises';

/** The page contains addresses of senders and recipients. The umask may close it further. */
const MODE = 0o640;

/**
 * Replaces what is there; a browser that has the old page open keeps it.
 *
 * @throws the system's error; for a link, a pipe or a device, an error that says so
 */
export async function writePage(path: string, page: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there?.isSymbolicLink()) throw new Error('is a symbolic link; name the file that it points to');
  // rename() would replace a device by a file.
  if (there !== undefined && !there.isFile()) throw new Error('is not a regular file');
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'wx', MODE);
  try {
    await file.writeFile(page).finally(() => file.close());
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
