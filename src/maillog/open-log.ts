// One log file that is open: its next lines, its end, and whether it was truncated under our eyes.

import { constants, type FileHandle, open } from 'node:fs/promises';
import { FileBatch, MARK_BYTES, type Surroundings } from './lines.ts';

/**
 * Bytes a read: about 400 lines, a ms of work. V8 lays out strings of up to about 128 KiB in memory that it uses again
 * and again; for longer ones the system hands out new pages each time, which takes ten times as long.
 */
const CHUNK = 1 << 16;

/** What a read found: lines, a line too long to be one, nothing new, or another content than before. */
export type Piece = FileBatch | 'overlong' | 'end' | 'truncated';

export class OpenLog {
  readonly path: string;
  readonly inode: number;
  readonly #handle: FileHandle;
  readonly #buffer = Buffer.allocUnsafe(MARK_BYTES + CHUNK);
  #offset: number;
  /** the bytes before the offset */
  #before: Buffer;
  #isSkipping = false;

  private constructor(path: string, handle: FileHandle, inode: number, offset: number, before: Buffer) {
    this.path = path;
    this.inode = inode;
    this.#handle = handle;
    this.#offset = offset;
    this.#before = before;
  }

  /**
   * @param offset where to begin; undefined for the end
   * @throws the system's error, or one that says that this is no file
   */
  static async open(path: string, offset: number | undefined): Promise<OpenLog> {
    // Not to wait for the writer of a FIFO.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const facts = await handle.stat();
      if (!facts.isFile()) throw new Error(`${path} is not a file`);
      const from = offset ?? (await lastLineEnd(handle, facts.size));
      return new OpenLog(path, handle, facts.ino, from, await bytesBefore(handle, from));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get isAtStart(): boolean {
    return this.#offset === 0;
  }

  /** The batch of no lines at the place where reading goes on. */
  here(around: Surroundings): FileBatch {
    const start = this.#offset - this.#before.length;
    return new FileBatch(this.#before, start, this.#offset, { ...around, inode: this.inode });
  }

  async read(around: Surroundings): Promise<Piece> {
    const length = this.#before.length + CHUNK;
    const start = this.#offset - this.#before.length;
    const { bytesRead } = await this.#handle.read(this.#buffer, 0, length, start);
    // The bytes read before are read again: only that tells a file that was truncated and has grown since.
    if (!this.#buffer.subarray(0, Math.min(bytesRead, this.#before.length)).equals(this.#before))
      return 'truncated';
    if (bytesRead === this.#before.length) return 'end';
    // The buffer is used again; a batch keeps its bytes for the marks of its positions.
    const bytes = Buffer.from(this.#buffer.subarray(0, bytesRead));
    const isWhole = around.isWhole && bytesRead < length;
    const batch = new FileBatch(bytes, start, this.#skip(bytes, start), {
      ...around,
      isWhole,
      inode: this.inode,
    });
    if (batch.end > this.#offset) return this.#advance(batch);
    if (bytesRead < length) return 'end';
    // A line longer than a whole read is no record of Postfix's.
    this.#isSkipping = true;
    this.#advance(new FileBatch(bytes, start, start + bytesRead, { ...around, inode: this.inode }));
    return 'overlong';
  }

  /** When the file was last written to, in ns since 1970. */
  async modified(): Promise<bigint> {
    return (await this.#handle.stat({ bigint: true })).mtimeNs;
  }

  async close(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }

  #advance(batch: FileBatch): FileBatch {
    this.#offset = batch.end;
    this.#before = batch.carry;
    return batch;
  }

  /** Where the first line begins: behind the rest of an overlong line, if one is being skipped. */
  #skip(bytes: Buffer, start: number): number {
    if (!this.#isSkipping) return this.#offset;
    const newline = bytes.indexOf(10, this.#offset - start);
    if (newline < 0) return start + bytes.length;
    this.#isSkipping = false;
    return start + newline + 1;
  }
}

/** Up to MARK_BYTES bytes before an offset; fewer where the file is shorter. */
export async function bytesBefore(file: FileHandle, offset: number): Promise<Buffer> {
  const length = Math.min(MARK_BYTES, offset);
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, offset - length);
  return bytes.subarray(0, bytesRead);
}

/** The offset behind the last newline, or the size where none is near the end. */
async function lastLineEnd(handle: FileHandle, size: number): Promise<number> {
  const length = Math.min(size, CHUNK);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
  const newline = buffer.subarray(0, bytesRead).lastIndexOf(10);
  return newline < 0 ? size : size - length + newline + 1;
}
