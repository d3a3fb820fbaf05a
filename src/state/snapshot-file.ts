// snapshot.json on disk: written beside the verdicts in small steps, replaced whole, read at start.

import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { Blocks } from '../blocks/blocks.ts';
import { fileStamp } from '../values/iso-time.ts';
import { recordLine } from './client-line.ts';
import { headLine, type SnapshotHead, tailLine } from './snapshot.ts';
import { SnapshotReading } from './snapshot-reading.ts';

/** Records a step: a step must be short beside the 10 ms that a verdict may wait. */
const STEP = 250;
/** Bytes read at a time: some thousand records; nobody waits for a verdict while a snapshot is read. */
const READ = 1 << 18;
/** Characters gathered before a write; V8 lays out longer texts in new pages of the system's, ten times as slowly. */
const CHUNK = 1 << 16;

export interface WriteOptions {
  /** runs before anything is written, on what was known when the call came */
  readonly prepare?: () => Promise<void>;
  /** runs before the new file takes the place of the old one; if it fails, so does the snapshot */
  readonly before?: () => Promise<void>;
  /** gives up at the next step */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes the blocks as they are at this moment to `path`, by way of a temporary file, fsync and rename.
 *
 * @returns the number of clients written
 * @throws the system's error; the file that was there before is untouched then
 */
export async function writeSnapshot(
  path: string,
  head: SnapshotHead,
  blocks: Blocks,
  { prepare, before, signal }: WriteOptions = {},
): Promise<number> {
  const temporary = `${path}.new`;
  let text = headLine(head);
  let count = 0;
  let sum = 0;
  const summed = (lines: string) => {
    const bytes = Buffer.from(lines);
    sum = crc32(bytes, sum);
    return bytes;
  };
  const walk = blocks.table.walk((record) => {
    text += count++ === 0 ? recordLine(record) : `,\n${recordLine(record)}`;
  });
  let file: FileHandle | undefined;
  try {
    await prepare?.();
    // A new file or none: never what a link of this name leads to.
    await rm(temporary, { force: true });
    file = await open(temporary, 'wx', 0o640);
    while (walk.step(STEP, () => text.length >= CHUNK)) {
      signal?.throwIfAborted();
      if (text.length >= CHUNK) {
        const chunk = text;
        text = '';
        await file.writeFile(summed(chunk));
      } else await setImmediate();
    }
    await file.writeFile(summed(`${text}\n`));
    await file.writeFile(tailLine({ tracked: count, crc32: sum }));
    await file.sync();
    await file.close();
    file = undefined;
    await before?.();
    await rename(temporary, path);
    await syncDirectory(dirname(path));
    return count;
  } catch (error) {
    walk.abandon();
    await file?.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Reads a snapshot into `blocks`, in steps.
 *
 * @param isWanted which clients' lines to read; default: all
 *
 * @returns the head, or undefined where there is no file
 * @throws SnapshotDamage where the file is not a whole snapshot of this version; `blocks` may hold a part of it then
 */
export async function readSnapshot(
  path: string,
  blocks: Blocks,
  isWanted?: (line: string) => boolean,
): Promise<SnapshotHead | undefined> {
  const reading = new SnapshotReading(blocks, isWanted);
  const stream = createReadStream(path, { highWaterMark: READ });
  try {
    for await (const bytes of stream) {
      reading.push(bytes);
      await setImmediate();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  } finally {
    stream.destroy();
  }
  return reading.end();
}

/** Puts an unusable snapshot out of the way, where it can be looked at; @returns its new name */
export async function setAside(path: string, why: string, now: number): Promise<string> {
  const name = `${path}.${why}-${fileStamp(now)}`;
  await rename(path, name);
  return name;
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
