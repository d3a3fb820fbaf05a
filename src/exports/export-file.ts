// A file of an export: written beside the old one and renamed, so that its readers find one or the other, whole.

import type { Stats } from 'node:fs';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';

/** Not a device, a pipe or a socket, which other programs use. A link is replaced, and not what it leads to. */
export function isReplaceable(facts: Stats): boolean {
  return facts.isFile() || facts.isSymbolicLink();
}

/** Characters that are written at once. */
const CHUNK = 1 << 16;

/**
 * @param parts of the text, none of them long
 * @param isNew asked when all is written: whether the file replaces the old one, else it is removed
 * @throws the system's error, or that of `parts`; the old file is as it was then
 */
export async function writeExport(
  path: string,
  mode: number,
  parts: Iterable<string> | AsyncIterable<string>,
  isNew: () => boolean = () => true,
): Promise<void> {
  const temporary = `${path}.new`;
  const facts = await lstat(path).catch(() => undefined);
  if (facts !== undefined && !isReplaceable(facts)) throw new Error(`${path} is not a regular file`);
  // A name that is a link, or left by a crash, is replaced and not written through.
  await rm(temporary, { force: true });
  let file: FileHandle | undefined;
  try {
    file = await open(temporary, 'wx', mode);
    await file.chmod(mode);
    await writeParts(file, parts);
    await file.close();
    if (isNew()) await rename(temporary, path);
    else await rm(temporary, { force: true });
  } catch (error) {
    await file?.close().catch(() => undefined);
    if (file !== undefined) await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function writeParts(file: FileHandle, parts: Iterable<string> | AsyncIterable<string>): Promise<void> {
  let text = '';
  for await (const part of parts) {
    text += part;
    if (text.length < CHUNK) continue;
    await file.write(text);
    text = '';
  }
  await file.write(text);
}
