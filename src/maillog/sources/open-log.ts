// An open log file: its next lines, its end, and whether it was truncated.

import { constants, type FileHandle, open } from 'node:fs/promises';
import { FileBatch, MARK_BYTES, type Surroundings } from './file-batch.ts';

/**
 * Bytes of a piece: about 100 lines, which stay in the processor's first cache while they are read. With pieces of
 * 64 KiB a line takes 5 % more instructions, with pieces of 4 KiB, 9 %.
 */
const PIECE = 1 << 14;
/** Bytes per read: reading one piece takes the system nearly as long as reading all of them. */
const READ = 64 * PIECE;

const NOTHING = Buffer.alloc(0);

/** The result of a read: lines, an overlong line, nothing new, or content that differs from before. */
export type Piece = FileBatch | 'overlong' | 'end' | 'truncated';

export class OpenLog {
  readonly path: string;
  readonly inode: number;
  readonly #handle: FileHandle;
  /**
   * The buffer of the next read, and that of the lines handed out last: their positions are requested while the next
   * ones are read. Copying them out of a single buffer took a tenth of the time of their lines.
   */
  #spare = Buffer.allocUnsafe(MARK_BYTES + READ);
  #inUse = Buffer.allocUnsafe(MARK_BYTES + READ);
  /** the bytes read last, and their offset; the lines after #offset are handed out before the next read */
  #chunk = NOTHING;
  #chunkAt = 0;
  #offset: number;
  /** the batch handed out last: the next read takes the bytes before the offset from it */
  #last: FileBatch | undefined;
  /** the bytes before the offset, where no batch was handed out yet */
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
   * @param offset where to start; undefined for the end
   * @throws the system's error, or one for a path that is not a file
   */
  static async open(path: string, offset: number | undefined): Promise<OpenLog> {
    // O_NONBLOCK: do not wait for the writer of a FIFO.
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

  /** The system's number of the open file. */
  get descriptor(): number {
    return this.#handle.fd;
  }

  get isAtStart(): boolean {
    return this.#offset === 0;
  }

  /** The empty batch at the current offset. */
  here(around: Surroundings): FileBatch {
    const before = this.#takeBefore();
    const start = this.#offset - before.length;
    return new FileBatch(before, start, this.#offset, { ...around, inode: this.inode });
  }

  /** The next piece. Its positions can be requested until the piece after it has been read. */
  async read(around: Surroundings): Promise<Piece> {
    const batch = this.#nextInChunk(around);
    if (batch !== undefined) return batch;
    const before = this.#takeBefore();
    const length = before.length + READ;
    const start = this.#offset - before.length;
    const buffer = this.#spare;
    this.#chunk = NOTHING;
    const { bytesRead } = await this.#handle.read(buffer, 0, length, start);
    // The bytes before the offset are read again: only they show that a file was truncated and has grown since.
    if (!buffer.subarray(0, Math.min(bytesRead, before.length)).equals(before)) return 'truncated';
    if (bytesRead === before.length) return 'end';
    this.#chunk = buffer.subarray(0, bytesRead);
    this.#chunkAt = start;
    return this.#firstInChunk(
      { ...around, isWhole: around.isWhole && bytesRead < length },
      bytesRead < length,
    );
  }

  /** When the file was last written to, in ns since 1970. */
  async modified(): Promise<bigint> {
    return (await this.#handle.stat({ bigint: true })).mtimeNs;
  }

  async close(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }

  /** The first lines of what was just read, or why there are none. */
  #firstInChunk(around: Surroundings, isToEnd: boolean): Piece {
    const first = this.#skip(this.#chunk, this.#chunkAt);
    const next = this.#nextInChunk(around, first);
    if (next !== undefined) return next;
    const batch = new FileBatch(this.#chunk, this.#chunkAt, first, { ...around, inode: this.inode });
    if (batch.end > this.#offset) return this.#advance(batch);
    if (isToEnd) return 'end';
    // A line longer than a whole read is not a record of Postfix.
    this.#isSkipping = true;
    const end = this.#chunkAt + this.#chunk.length;
    this.#advance(new FileBatch(this.#chunk, this.#chunkAt, end, { ...around, inode: this.inode }));
    return 'overlong';
  }

  /** The next piece of the bytes read, from offset `first`; undefined where no complete line is left in them. */
  #nextInChunk(around: Surroundings, first = this.#offset): FileBatch | undefined {
    const from = first - this.#chunkAt;
    const end = pieceEnd(this.#chunk, from);
    if (end <= from) return undefined;
    const begin = Math.max(0, from - MARK_BYTES);
    const bytes = this.#chunk.subarray(begin, end);
    const batch = new FileBatch(bytes, this.#chunkAt + begin, first, {
      ...around,
      isWhole: false,
      inode: this.inode,
    });
    return this.#advance(batch);
  }

  #advance(batch: FileBatch): FileBatch {
    if (this.#chunk.buffer === this.#spare.buffer) [this.#spare, this.#inUse] = [this.#inUse, this.#spare];
    this.#offset = batch.end;
    this.#last = batch;
    return batch;
  }

  /** Called before the buffer of the last batch is overwritten. */
  #takeBefore(): Buffer {
    if (this.#last !== undefined) this.#before = this.#last.carry;
    this.#last = undefined;
    return this.#before;
  }

  /** The start of the first line: after the rest of an overlong line, if one is being skipped. */
  #skip(bytes: Buffer, start: number): number {
    if (!this.#isSkipping) return this.#offset;
    const newline = bytes.indexOf(10, this.#offset - start);
    if (newline < 0) return start + bytes.length;
    this.#isSkipping = false;
    return start + newline + 1;
  }
}

/** The end of the last line that ends within a piece, or else of the first that ends later; 0 where none does. */
function pieceEnd(bytes: Buffer, from: number): number {
  const last = bytes.lastIndexOf(10, from + PIECE - 1);
  return (last >= from ? last : bytes.indexOf(10, from)) + 1;
}

/** Up to MARK_BYTES bytes before an offset; fewer where the file is shorter. */
export async function bytesBefore(file: FileHandle, offset: number): Promise<Buffer> {
  const length = Math.min(MARK_BYTES, offset);
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, offset - length);
  return bytes.subarray(0, bytesRead);
}

/** The offset after the last newline, or the size where none is near the end. */
async function lastLineEnd(handle: FileHandle, size: number): Promise<number> {
  const length = Math.min(size, PIECE);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
  const newline = buffer.subarray(0, bytesRead).lastIndexOf(10);
  return newline < 0 ? size : size - length + newline + 1;
}
