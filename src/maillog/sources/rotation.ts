// Rotated log files: the file that a position lies in now, and the files that come after it.

import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Finished, markOf } from './file-batch.ts';
import { bytesBefore } from './open-log.ts';
import type { FilePosition } from './source.ts';

const COMPRESSED = /\.(?:gz|xz|bz2|zst|lz4|Z)$/;

/** A file of the log's family: the log itself, or `mail.log.1`, `mail.log-20261123` beside it. */
export interface Relative {
  readonly path: string;
  readonly inode: number;
  readonly modified: bigint;
  readonly isCompressed: boolean;
  /** the log itself, not one of its rotated files */
  readonly isLog: boolean;
}

/**
 * The log and its rotated files, the one written longest ago first; the log itself always last.
 *
 * A compressed file is left out while its source stands beside it: it is still being written, and looks new although its
 * lines are old. logrotate (compressLogFile in logrotate.c), gzip(1), xz(1) and zstd(1) give it the time of
 * its source before they remove that.
 */
export async function family(path: string): Promise<Relative[]> {
  const folder = dirname(path);
  const stem = basename(path);
  const names = await readdir(folder).catch((): string[] => []);
  const relatives: Relative[] = [];
  for (const name of names) {
    const isRelative = name === stem || (name.startsWith(stem) && /^[.-]/.test(name.slice(stem.length)));
    const isCompressed = COMPRESSED.test(name);
    const source = name.replace(COMPRESSED, '');
    if (!isRelative || (isCompressed && source !== stem && names.includes(source))) continue;
    const file = join(folder, name);
    const facts = await stat(file, { bigint: true }).catch(() => undefined);
    if (!facts?.isFile()) continue;
    relatives.push({
      path: file,
      inode: Number(facts.ino),
      modified: facts.mtimeNs,
      isCompressed,
      isLog: name === stem,
    });
  }
  return relatives.sort((a, b) => Number(a.isLog) - Number(b.isLog) || compare(a.modified, b.modified));
}

/**
 * The file in which a position lies now, after a rename, a copytruncate, or both, however often.
 *
 * @throws where the position's own file exists but cannot be read now
 */
export async function locate(path: string, position: FilePosition): Promise<Relative | undefined> {
  const relatives = (await family(path)).filter((relative) => !relative.isCompressed);
  const isSame = (relative: Relative) => Number(relative.inode === position.inode);
  for (const relative of relatives.sort((a, b) => isSame(b) - isSame(a))) {
    if (await fits(relative, position)) return relative;
  }
  return undefined;
}

/** The finished file of a position whose file is gone: files written to after its last record follow it. */
export function finishedAt({ at, after }: FilePosition): Finished {
  if (after !== undefined) return { inode: after.inode, modified: BigInt(after.modified) };
  return { inode: -1, modified: at === undefined ? undefined : BigInt(Date.parse(at)) * 1_000_000n };
}

/** The files that come after a finished one, in order; the log itself is the last. */
export async function successors(path: string, { inode, modified }: Finished): Promise<Relative[]> {
  const isLater = (relative: Relative) => modified !== undefined && relative.modified > modified;
  return (await family(path)).filter(
    (relative) => relative.inode !== inode && (relative.isLog || isLater(relative)),
  );
}

/** Whether the file holds, at the position's offset, what had been read there. */
async function fits(relative: Relative, position: FilePosition): Promise<boolean> {
  if (position.offset === 0) return relative.inode === position.inode;
  let file: FileHandle | undefined;
  try {
    file = await open(relative.path, 'r');
    return markOf(await bytesBefore(file, position.offset)) === position.mark;
  } catch (error) {
    if (relative.inode === position.inode) throw error;
    return false;
  } finally {
    await file?.close();
  }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
