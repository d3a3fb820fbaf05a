// The file of the page: written whole or not at all, closed to others, and never through a link.

import { lstat, open, rename, rm } from 'node:fs/promises';

/** It holds addresses of senders and recipients; the umask may close it further. */
const MODE = 0o640;

/**
 * Puts the page in the place of what was there; a browser that has that open keeps it.
 * @throws the system's error; where the path is a link, a pipe or a device, an error that says so
 */
export async function writePage(path: string, page: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there?.isSymbolicLink()) throw new Error('is a link; expected the file that it leads to');
  // rename() would put a file in the place of a device.
  if (there !== undefined && !there.isFile()) throw new Error('is no file');
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
