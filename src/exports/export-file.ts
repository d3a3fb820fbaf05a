// A file of an export: written beside the old one and renamed, so that its readers find one or the other, whole.

import type { Stats } from 'node:fs';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';

/** Not a device, a pipe or a socket, which other programs use. A link is replaced, and not what it leads to. */
export function isReplaceable(facts: Stats): boolean {
  return facts.isFile() || facts.isSymbolicLink();
}

/**
 * @param parts of the text; others have their turn between them
 * @throws the system's error; the old file is as it was then
 */
export async function writeExport(path: string, mode: number, parts: Iterable<string>): Promise<void> {
  const temporary = `${path}.new`;
  const facts = await lstat(path).catch(() => undefined);
  if (facts !== undefined && !isReplaceable(facts)) throw new Error(`${path} is not a regular file`);
  // A name that is a link, or left by a crash, is replaced and not written through.
  await rm(temporary, { force: true });
  let file: FileHandle | undefined;
  try {
    file = await open(temporary, 'wx', mode);
    await file.chmod(mode);
    for (const part of parts) await file.write(part);
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file?.close().catch(() => undefined);
    if (file !== undefined) await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
