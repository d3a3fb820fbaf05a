// Follows a log file through rename-and-recreate, copytruncate, half-written lines and times without any file.

import { type FileHandle, open, stat } from 'node:fs/promises';
import { FileBatch, MARK_BYTES } from './lines.ts';
import { bytesBefore, type Finished, finishedAt, locate, successors } from './rotation.ts';
import type { Batch, FilePosition, LogSource, Notice, Position } from './source.ts';
import { StampReader } from './stamp.ts';

/** Bytes a read: about 1,500 lines, a few ms of work. */
const CHUNK = 1 << 18;

/** The inode of a position in a file that is still awaited. */
const NOT_YET = 0;

interface OpenFile {
  readonly handle: FileHandle;
  readonly path: string;
  readonly inode: number;
}

export class FileSource implements LogSource {
  readonly name: string;
  readonly #notify: (notice: Notice) => void;
  readonly #stamps = new StampReader();
  readonly #buffer = Buffer.allocUnsafe(MARK_BYTES + CHUNK);
  #file: OpenFile | undefined;
  #batch: FileBatch | undefined;
  /** where to find the place again when no file is open */
  #position: FilePosition | undefined;
  /** the file that was read to its end, where its successor has still to be opened */
  #finished: Finished | undefined;
  /** the open file has a successor: what it holds by the next read is all that it will hold */
  #isFinishing = false;
  #isSkipping = false;
  #beginAtEnd = false;
  #lost: string | undefined;
  #hasGap = false;

  constructor(path: string, notify: (notice: Notice) => void) {
    this.name = path;
    this.#notify = notify;
  }

  async start(position: Position | undefined): Promise<void> {
    if (position?.type === 'file' && position.path === this.name) this.#position = position;
    else if (await isFile(this.name)) this.#beginAtEnd = true;
    // Everything that a file not yet there will hold is new, also after a restart.
    else this.#position = { type: 'file', path: this.name, inode: NOT_YET, offset: 0, mark: '' };
  }

  async read(now: number): Promise<Batch> {
    try {
      const batch = await this.#read(this.#file ?? (await this.#open()), now);
      this.#recovered();
      if (batch !== undefined) {
        this.#batch = batch;
        this.#position = batch.positionAfter(batch.records.length);
        return batch;
      }
    } catch (error) {
      await this.#close();
      this.#lose((error as Error).message);
    }
    const position = this.#position;
    const isAtEnd = !this.#isFinishing && this.#finished === undefined;
    return { records: [], isAtEnd, positionAfter: () => position };
  }

  async stop(): Promise<void> {
    await this.#close();
  }

  async #read(file: OpenFile, now: number): Promise<FileBatch | undefined> {
    const before = this.#batch?.carry ?? Buffer.alloc(0);
    const offset = this.#batch?.end ?? 0;
    const start = offset - before.length;
    const { bytesRead } = await file.handle.read(this.#buffer, 0, before.length + CHUNK, start);
    // The bytes read before are read again: only that tells a file that was truncated and has grown since.
    if (!this.#buffer.subarray(0, Math.min(bytesRead, before.length)).equals(before))
      return this.#truncated();
    if (bytesRead === before.length) return this.#atEnd(file);
    const isFull = bytesRead === before.length + CHUNK;
    // The buffer is used again; a batch keeps its bytes for the marks of its positions.
    const bytes = Buffer.from(this.#buffer.subarray(0, bytesRead));
    const batch = this.#cut(
      file,
      bytes,
      start,
      this.#skip(bytes, start, offset),
      now,
      this.#isFinishing && !isFull,
    );
    this.#tellGap(batch);
    if (batch.end > offset) return batch;
    return isFull ? this.#overlong(file, bytes, start, now) : this.#atEnd(file);
  }

  #cut(
    file: OpenFile,
    bytes: Buffer,
    start: number,
    first: number,
    now: number,
    isWhole: boolean,
  ): FileBatch {
    const read = { stamps: this.#stamps, now, isWhole, lastAt: this.#position?.at };
    // A position names the log, not the name it may have been rotated to: the mark finds it under any.
    return new FileBatch({ path: this.name, inode: file.inode }, bytes, start, first, read);
  }

  /** Where the first line begins: behind the rest of an overlong line, if one is being skipped. */
  #skip(bytes: Buffer, start: number, offset: number): number {
    if (!this.#isSkipping) return offset;
    const newline = bytes.indexOf(10, offset - start);
    if (newline < 0) return start + bytes.length;
    this.#isSkipping = false;
    return start + newline + 1;
  }

  /** A line longer than a whole read is no record of Postfix's: the rest of it is skipped. */
  #overlong(file: OpenFile, bytes: Buffer, start: number, now: number): FileBatch {
    this.#notify({ type: 'overlong', source: file.path });
    this.#isSkipping = true;
    return this.#cut(file, bytes, start, start + bytes.length, now, false);
  }

  /** Nothing more to read now: is there a file that comes after this one? */
  async #atEnd(file: OpenFile): Promise<undefined> {
    const log = await stat(this.name).catch(() => undefined);
    if (log === undefined || !log.isFile() || log.ino === file.inode) return;
    const { mtimeNs: modified } = await file.handle.stat({ bigint: true });
    const finished = { inode: file.inode, modified };
    // While the new log is empty, its writer may not have let go of the old one yet.
    if (log.size === 0 && (await successors(this.name, finished)).length < 2) return;
    if (!this.#isFinishing) {
      this.#isFinishing = true;
      return;
    }
    await this.#close();
    this.#finished = finished;
  }

  async #truncated(): Promise<undefined> {
    this.#notify({ type: 'truncated', source: this.name });
    await this.#close();
  }

  /** The file after the finished one; else the file in which the position lies; else the log itself. */
  async #open(): Promise<OpenFile> {
    if (this.#finished === undefined && this.#position !== undefined && this.#position.inode !== NOT_YET) {
      const found = await locate(this.name, this.#position);
      if (found !== undefined) return await this.#openAt(found.path, this.#position.offset);
      this.#hasGap = true;
      this.#finished = finishedAt(this.#position);
    }
    if (this.#finished !== undefined) return await this.#openSuccessor(this.#finished);
    const file = await this.#openAt(this.name, this.#beginAtEnd ? undefined : 0);
    this.#beginAtEnd = false;
    return file;
  }

  async #openSuccessor(finished: Finished): Promise<OpenFile> {
    const later = await successors(this.name, finished);
    const next = later.find((relative) => !relative.isCompressed);
    this.#hasGap ||= later[0]?.isCompressed ?? false;
    const file = await this.#openAt(next?.path ?? this.name, 0);
    // Rotated once more between the look and the opening: this is another file than the one meant.
    if (next !== undefined && file.inode !== next.inode) {
      await this.#close();
      return await this.#openSuccessor(finished);
    }
    this.#finished = undefined;
    this.#notify({ type: 'rotated', source: this.name, next: file.path });
    return file;
  }

  /** @param offset where to begin; undefined for the end */
  async #openAt(path: string, offset: number | undefined): Promise<OpenFile> {
    const handle = await open(path, 'r');
    try {
      const facts = await handle.stat();
      if (!facts.isFile()) throw new Error(`${path} is not a file`);
      const file = { handle, path, inode: facts.ino };
      const from = offset ?? (await lastLineEnd(handle, facts.size));
      const bytes = await bytesBefore(handle, from);
      this.#batch = this.#cut(file, bytes, from - bytes.length, from, 0, false);
      this.#position = this.#batch.positionAfter(0);
      this.#isFinishing = false;
      this.#isSkipping = false;
      this.#file = file;
      return file;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#batch = undefined;
    await file?.handle.close().catch(() => undefined);
  }

  #lose(reason: string): void {
    if (this.#lost === reason) return;
    this.#lost = reason;
    this.#notify({ type: 'lost', source: this.name, reason });
  }

  #recovered(): void {
    if (this.#lost === undefined || this.#file === undefined) return;
    this.#lost = undefined;
    this.#notify({ type: 'found', source: this.name });
  }

  /** Said with the first record behind the gap, because only that tells how long it was. */
  #tellGap(batch: FileBatch): void {
    const first = batch.records[0];
    if (!this.#hasGap || first === undefined) return;
    this.#hasGap = false;
    const at = batch.positionAfter(0).at;
    this.#notify({
      type: 'gap',
      source: this.name,
      since: at === undefined ? undefined : Date.parse(at),
      until: first.at,
    });
  }
}

export async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}

/** The offset behind the last newline, or the size where none is near the end. */
async function lastLineEnd(handle: FileHandle, size: number): Promise<number> {
  const length = Math.min(size, CHUNK);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
  const newline = buffer.subarray(0, bytesRead).lastIndexOf(10);
  return newline < 0 ? size : size - length + newline + 1;
}
