// A reader of small regular files, and of nothing else: a pipe or a device may block, react or never end.

import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';

/** open(2) of a pipe without a writer blocks without O_NONBLOCK; a terminal must not become the controlling one. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * @param max bytes
 * @param check throws where the file that was opened must not be used
 * @throws the system's error; an error that says that the path is not a regular file, or larger
 */
export async function readPlainFile(
  path: string,
  max: number,
  check?: (facts: Stats) => void,
): Promise<Buffer> {
  // Before it is opened, since opening some devices acts on them; and then what was opened.
  checkIsRegular(await stat(path));
  const file = await open(path, FLAGS);
  try {
    const facts = await file.stat();
    checkIsRegular(facts);
    check?.(facts);
    return await firstBytes(file, max);
  } finally {
    await file.close();
  }
}

function checkIsRegular(facts: Stats): void {
  if (!facts.isFile()) throw new Error(`is ${kindOf(facts)}; expected a regular file`);
}

function kindOf(facts: Stats): string {
  if (facts.isDirectory()) return 'a directory';
  if (facts.isFIFO()) return 'a pipe';
  return facts.isSocket() ? 'a socket' : 'a device';
}

async function firstBytes(file: FileHandle, max: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(max + 1);
  let length = 0;
  while (length <= max) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length);
    if (bytesRead === 0) return bytes.subarray(0, length);
    length += bytesRead;
  }
  throw new Error(`is larger than ${max} bytes`);
}
