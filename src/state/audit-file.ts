// audit.jsonl on disk: appended in order, opened for each write (logrotate may move it), never written twice.

import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { AuditedChange } from '../blocks/changes.ts';
import { type AuditEntry, auditEntry } from './audit.ts';
import { entriesAfter, historyIn } from './audit-lines.ts';
import { namingFile } from './snapshot/named-file.ts';

/** Bytes read at a time from the end of a file. */
const CHUNK = 1 << 16;
/** Lines that wait while the disk is full; the oldest go after that. */
const MAX_WAITING = 10_000;
/** Appends to a file of this name, or makes it; never through a link, and never to a pipe, which would wait for a reader. */
const APPEND =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

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
   * Finds the end of the trail. Removes a last line that a crash cut off: its change is written again, or was never made.
   *
   * @param snapshotSequence the last line that the snapshot includes; undefined without a snapshot
   * @returns the lines after that, or else all of them, oldest first
   */
  async open(snapshotSequence: number | undefined): Promise<readonly AuditEntry[]> {
    this.#sequence = snapshotSequence ?? 0;
    await removeTorn(this.#path);
    const later = await entriesAfter(this.#path, this.#sequence);
    this.#sequence = later.at(-1)?.sequence ?? this.#sequence;
    return later;
  }

  /** The newest lines about one of these addresses or networks, newest first. */
  async history(keys: readonly string[], most: number): Promise<readonly AuditEntry[]> {
    return await historyIn(this.#path, keys, most);
  }

  /** The lines after a number, the oldest first; of more than 64 MiB of them, the newest. */
  async entriesAfter(sequence: number): Promise<readonly AuditEntry[]> {
    return await entriesAfter(this.#path, sequence);
  }

  /** Adds a line. @param now ms since 1970; @param host that made the change; undefined for this one */
  add(change: AuditedChange, now: number, host?: string): void {
    const entry = auditEntry(change, ++this.#sequence, now, host);
    this.#waiting.push(`${JSON.stringify(entry)}\n`);
    if (this.#waiting.length > MAX_WAITING) {
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
      await namingFile(this.#path, async () => {
        await file.writeFile(text);
        await file.sync();
      });
      this.#waiting.splice(0, count - (this.#dropped - dropped));
    } catch (error) {
      // A disk that is full may have taken half a line.
      if (size !== undefined) await file.truncate(size).catch(() => undefined);
      throw error;
    } finally {
      await file.close();
    }
  }
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
