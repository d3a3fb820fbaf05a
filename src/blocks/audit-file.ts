// audit.jsonl on disk: appended in order, opened for each write (logrotate may move it), never written twice.

import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type AuditEntry, auditEntry, parseAuditLine } from './audit.ts';
import type { AuditedChange } from './changes.ts';

/** Bytes read at a time from the end of a file. */
const CHUNK = 1 << 16;
/** Characters of a line: its texts are bounded. What is longer is damage, such as zeros after a loss of power. */
const MOST_LINE = 1 << 16;
/** Most bytes looked at for lines newer than the snapshot. */
const MOST_READ = 1 << 26;
/** Bytes looked through for the history of one client: some 20,000 lines, and less than 100 ms. */
const MOST_HISTORY = 1 << 22;
/** Lines that wait while the disk is full; the oldest go after that. */
const MOST_WAITING = 10_000;
/** Appends to a file of this name, or makes it; never through a link, and never to a pipe, which would wait for a reader. */
const APPEND =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const COMPRESSED = /\.(?:gz|xz|bz2|zst|lz4)$/;

export class AuditFile {
  readonly #path: string;
  #sequence = 0;
  #waiting: string[] = [];
  #dropped = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Number of the last line, written or waiting. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Lines that were lost because the file could not be written for long. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Finds where the trail ended. A last line that a crash cut off is removed: what it told will be told again, or was never done.
   *
   * @param snapshotSequence the last line that the snapshot includes; undefined without a snapshot
   * @returns the lines after that, oldest first
   */
  async open(snapshotSequence: number | undefined): Promise<readonly AuditEntry[]> {
    this.#sequence = snapshotSequence ?? 0;
    await removeTorn(this.#path);
    const newest = await newestEntries(await this.#files(), snapshotSequence ?? Number.POSITIVE_INFINITY);
    this.#sequence = Math.max(snapshotSequence ?? 0, newest[0]?.sequence ?? 0);
    if (snapshotSequence === undefined) return [];
    return newest.filter((entry) => entry.sequence > snapshotSequence).reverse();
  }

  /** The newest lines that tell of one of these addresses or networks, newest first. */
  async history(keys: readonly string[], most: number): Promise<readonly AuditEntry[]> {
    return await historyIn(await this.#files(), keys, most);
  }

  /** Adds a line. @param now ms since 1970 */
  add(change: AuditedChange, now: number): void {
    const entry = auditEntry(change, ++this.#sequence, now);
    this.#waiting.push(`${JSON.stringify(entry)}\n`);
    if (this.#waiting.length > MOST_WAITING) {
      this.#waiting.shift();
      this.#dropped++;
    }
  }

  /** Writes and fsyncs what waits. @throws the system's error; the lines go on waiting then */
  flush(): Promise<void> {
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const count = this.#waiting.length;
    if (count === 0) return;
    const text = this.#waiting.slice(0, count).join('');
    const dropped = this.#dropped;
    const file = await open(this.#path, APPEND, 0o640);
    let size: number | undefined;
    try {
      size = (await file.stat()).size;
      await file.writeFile(text);
      await file.sync();
      this.#waiting.splice(0, count - (this.#dropped - dropped));
    } catch (error) {
      // A disk that is full may have taken half a line.
      if (size !== undefined) await file.truncate(size).catch(() => undefined);
      throw error;
    } finally {
      await file.close();
    }
  }

  #files(): Promise<string[]> {
    return auditFiles(this.#path);
  }
}

/** The trail and its rotated files that are not compressed, newest first. */
export async function auditFiles(path: string): Promise<string[]> {
  const folder = dirname(path);
  const stem = basename(path);
  const names = (await readdir(folder)).filter((name) => name.startsWith(stem) && !COMPRESSED.test(name));
  const facts = await Promise.all(
    // One that is gone by now, or was never more than a link, is none.
    names.map(async (name) => ({ name, stats: await lstat(join(folder, name)).catch(() => undefined) })),
  );
  const times = facts.flatMap(({ name, stats }) => (stats?.isFile() ? { name, time: stats.mtimeMs } : []));
  times.sort((a, b) => Number(b.name === stem) - Number(a.name === stem) || b.time - a.time);
  return times.map(({ name }) => join(folder, name));
}

/** Entries from the newest back to the first that is not newer than `sequence`; at least the newest. */
async function newestEntries(files: readonly string[], sequence: number): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  let left = MOST_READ;
  for (const path of files) {
    for await (const line of linesFromEnd(path)) {
      left -= line.length;
      const entry = parseAuditLine(line);
      if (entry === undefined) continue;
      entries.push(entry);
      if (entry.sequence <= sequence || left < 0) return entries;
    }
  }
  return entries;
}

/** The lines after a sequence number, oldest first. @param files newest first */
export async function entriesAfter(
  files: readonly string[],
  sequence: number,
): Promise<readonly AuditEntry[]> {
  return (await newestEntries(files, sequence)).filter((entry) => entry.sequence > sequence).reverse();
}

/** Looks through audit files from the newest line back; @param files newest first */
export async function historyIn(files: readonly string[], keys: readonly string[], most: number) {
  const found: AuditEntry[] = [];
  let left = MOST_HISTORY;
  for (const path of files) {
    for await (const line of linesFromEnd(path)) {
      left -= line.length;
      if (left < 0 || found.length >= most) return found;
      if (!keys.some((key) => line.includes(key))) continue;
      const entry = parseAuditLine(line);
      if (entry !== undefined && keys.includes(entry.ip)) found.push(entry);
    }
  }
  return found;
}

async function removeTorn(path: string): Promise<void> {
  const size = await stat(path).then(
    (facts) => facts.size,
    () => 0,
  );
  if (size === 0) return;
  const file = await open(path, 'r+');
  try {
    const end = await lastLineEnd(file, size);
    if (end < size) await file.truncate(end);
  } finally {
    await file.close();
  }
}

/** The offset behind the last newline; 0 where there is none. */
async function lastLineEnd(file: FileHandle, size: number): Promise<number> {
  for (let end = size; end > 0; end -= CHUNK) {
    const start = Math.max(0, end - CHUNK);
    const { buffer } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
    const newline = buffer.lastIndexOf(10);
    if (newline >= 0) return start + newline + 1;
  }
  return 0;
}

async function* linesFromEnd(path: string): AsyncGenerator<string> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    let { size: end } = await file.stat();
    let rest = '';
    while (end > 0) {
      const length = Math.min(end, CHUNK);
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, end - length);
      end -= length;
      const lines = (buffer.toString('latin1') + rest).split('\n');
      rest = (lines.shift() ?? '').slice(0, MOST_LINE);
      for (const line of lines.reverse()) if (line !== '') yield textOf(line);
    }
    if (rest !== '') yield textOf(rest);
  } finally {
    await file?.close();
  }
}

/** A line read as latin1, so that no character was cut in two at a chunk's border. */
function textOf(line: string): string {
  return Buffer.from(line, 'latin1').toString('utf8');
}
