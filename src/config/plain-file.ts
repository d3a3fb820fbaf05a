// A small plain file read whole, and nothing else: what is no plain file may wait, answer or go on for ever.

import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';

/** open(2) of a pipe without a writer waits unless it is told not to; a terminal must not become the daemon's own. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * @param most bytes
 * @throws the system's error; an error that says what the path is, or that there is more
 */
export async function readPlainFile(path: string, most: number): Promise<Buffer> {
  // Before it is opened, which some devices take for a command; and then what was opened.
  demandPlain(await stat(path));
  const file = await open(path, FLAGS);
  try {
    demandPlain(await file.stat());
    return await firstBytes(file, most);
  } finally {
    await file.close();
  }
}

function demandPlain(facts: Stats): void {
  if (!facts.isFile()) throw new Error(`is ${kindOf(facts)}; expected a plain file`);
}

function kindOf(facts: Stats): string {
  if (facts.isDirectory()) return 'a directory';
  if (facts.isFIFO()) return 'a pipe';
  return facts.isSocket() ? 'a socket' : 'a device';
}

async function firstBytes(file: FileHandle, most: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(most + 1);
  let length = 0;
  while (length <= most) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length);
    if (bytesRead === 0) return bytes.subarray(0, length);
    length += bytesRead;
  }
  throw new Error(`has more than ${most} bytes`);
}
