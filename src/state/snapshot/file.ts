// snapshot.json on disk: written beside the verdicts in small steps, replaced whole, read at start.

import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Blocks } from '../../blocks/blocks.ts';
import { fileStamp } from '../../values/iso-time.ts';
import { partField } from './blocked-part.ts';
import { addRecordLine } from './client-line.ts';
import { addSingleEventLine } from './counted-line.ts';
import { addGoodLine } from './good-line.ts';
import {
  GOOD_LINE,
  HEAD_START,
  headLine,
  parseTail,
  type SnapshotHead,
  type SnapshotTail,
  tailLine,
} from './head-tail.ts';
import { SnapshotLines } from './lines.ts';
import { namingFile } from './named-file.ts';
import { SnapshotReading } from './reading.ts';
import { SnapshotSums } from './sums.ts';

/** Records a step: a step must be short beside the 10 ms that a verdict may wait. */
const STEP = 250;
/** Bytes read at a time: some hundred records, since verdicts are answered while a snapshot is read. */
const READ = 1 << 16;

/** Bytes of the last line, and more. */
const MAX_LAST = 256;

export interface WriteOptions {
  /** runs before anything is written, on what was known when the call came */
  readonly prepare?: () => Promise<void>;
  /** runs before the new file takes the place of the old one; if it fails, so does the snapshot */
  readonly before?: () => Promise<void>;
  /** gives up at the next step */
  readonly signal?: AbortSignal | undefined;
}

export interface ReadOptions {
  /** which clients' lines to read; default: all */
  readonly isWanted?: (line: string) => boolean;
  /** gives up at the next step, and throws its reason */
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
  // Both walks begin within this call: the file describes one moment.
  let blockedBytes: number | undefined;
  const clients = new SnapshotLines((lines) =>
    blocks.table.walk(
      (record) => addRecordLine(record, lines),
      (client) => addSingleEventLine(client, lines),
      () => {
        blockedBytes = lines.length;
      },
    ),
  );
  const good = new SnapshotLines((lines) => blocks.good.walk((client) => addGoodLine(client, lines)));
  let file: FileHandle | undefined;
  try {
    await prepare?.();
    // A new file or none: never what a link of this name leads to.
    await rm(temporary, { force: true });
    const opened = await open(temporary, 'wx', 0o640);
    file = opened;
    await namingFile(temporary, async () => {
      await fill(opened, head, { clients, good, blockedBytes: () => blockedBytes }, signal);
      await opened.sync();
      await opened.close();
    });
    file = undefined;
    await before?.();
    await rename(temporary, path);
    await syncDirectory(dirname(path));
    return clients.count;
  } catch (error) {
    clients.abandon();
    good.abandon();
    await file?.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** The lines of a snapshot. */
interface Content {
  readonly clients: SnapshotLines;
  readonly good: SnapshotLines;
  /** Bytes up to the end of the last blocked client's line; undefined until all of these have come. */
  blockedBytes(): number | undefined;
}

async function fill(
  file: FileHandle,
  head: SnapshotHead,
  { clients, good, blockedBytes }: Content,
  signal: AbortSignal | undefined,
): Promise<void> {
  const sums = new SnapshotSums();
  const line = Buffer.from(headLine(head).slice(HEAD_START.length));
  const write = async (bytes: Buffer) => {
    const blocked = blockedBytes();
    sums.add(bytes, blocked === undefined ? undefined : line.length + blocked);
    await file.writeFile(bytes);
  };
  await file.writeFile(partField(sums.part));
  await write(line);
  await writeLines(clients, write, signal);
  await write(Buffer.from(`${GOOD_LINE}\n`));
  await writeLines(good, write, signal);
  const { whole: crc32 } = sums;
  await file.writeFile(tailLine({ tracked: clients.count, trackedGood: good.count, crc32 }));
  // Its numbers are known now; they take as many bytes as before.
  await file.write(partField(sums.part), 0);
}

/** Writes lines as they come, in small steps. */
async function writeLines(
  lines: SnapshotLines,
  write: (bytes: Buffer) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  while (lines.gather(STEP)) {
    signal?.throwIfAborted();
    if (!(await lines.writeChunk(write))) await setImmediate();
  }
  signal?.throwIfAborted();
  await lines.writeRest(write);
}

/**
 * Reads a snapshot into `blocks`, in steps.
 *
 * @returns the head, or undefined where there is no file
 * @throws SnapshotDamage where the file is not a whole snapshot of this version; `blocks` may hold a part of it then
 */
export async function readSnapshot(
  path: string,
  blocks: Blocks,
  { isWanted, signal }: ReadOptions = {},
): Promise<SnapshotHead | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const expected = isWanted === undefined ? await lastLine(file) : undefined;
    const reading = new SnapshotReading(blocks, isWanted, expected?.trackedGood);
    await readPieces(file, async (bytes) => {
      signal?.throwIfAborted();
      reading.push(bytes);
      await setImmediate();
    });
    return await reading.end();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  } finally {
    await file?.close();
  }
}

/** What the last line says; undefined where it is not one. The reading of the whole reports it. */
async function lastLine(file: FileHandle): Promise<SnapshotTail | undefined> {
  const { size } = await file.stat();
  const end = Buffer.alloc(Math.min(size, MAX_LAST));
  await file.read(end, 0, end.length, size - end.length);
  const line = end.toString('latin1').trimEnd();
  try {
    return parseTail(line.slice(line.lastIndexOf('\n') + 1), 0);
  } catch {
    return undefined;
  }
}

/**
 * Reads a file into two buffers in turn, one while the other is taken: they leave no garbage.
 * @param take must not keep the bytes
 */
async function readPieces(file: FileHandle, take: (bytes: Buffer) => Promise<void>): Promise<void> {
  let [next, other] = [Buffer.allocUnsafeSlow(READ), Buffer.allocUnsafeSlow(READ)];
  for (let reading = file.read(next, 0, READ); ; ) {
    const { bytesRead } = await reading;
    if (bytesRead === 0) return;
    const bytes = next.subarray(0, bytesRead);
    [next, other] = [other, next];
    reading = file.read(next, 0, READ);
    // It is awaited later: until then, nobody else takes its error.
    reading.catch(() => undefined);
    await take(bytes);
  }
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
