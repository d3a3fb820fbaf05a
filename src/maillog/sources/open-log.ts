// One log file that is open: its next lines, its end, and whether it was truncated under our eyes.

import { constants, type FileHandle, open } from 'node:fs/promises';
import { FileBatch, MARK_BYTES, type Surroundings } from './file-batch.ts';

/**
 * Bytes of a piece: about 100 lines, which lie in the processor's nearest memory while they are read. In pieces of
 * 64 KiB a line takes 5 % more instructions, in pieces of 4 KiB, 9 %.
 */
const PIECE = 1 << 14;
/** Bytes a read: to ask the system for one piece takes nearly as long as for all of them. */
const READ = 64 * PIECE;

const NOTHING = Buffer.alloc(0);

/** What a read found: lines, a line too long to be one, nothing new, or another content than before. */
export type Piece = FileBatch | 'overlong' | 'end' | 'truncated';

export class OpenLog {
  readonly path: string;
  readonly inode: number;
  readonly #handle: FileHandle;
  /**
   * Where the next read goes, and where the lines lie that were handed out last: their positions are asked for while
   * the next are read. To copy them out of one buffer took a tenth of the time of their lines.
   */
  #spare = Buffer.allocUnsafe(MARK_BYTES + READ);
  #lent = Buffer.allocUnsafe(MARK_BYTES + READ);
  /** what was read last, and its offset; the lines in it that follow the offset are handed out before the next read */
  #held = NOTHING;
  #heldAt = 0;
  #offset: number;
  /** what was handed out last: the bytes before the offset are made of it where the next read asks for them */
  #last: FileBatch | undefined;
  /** the bytes before the offset, where nothing was handed out yet */
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
    const before = this.#takeBefore();
    const start = this.#offset - before.length;
    return new FileBatch(before, start, this.#offset, { ...around, inode: this.inode });
  }

  /** The next piece, of which positions can be asked until the piece after it has been read. */
  async read(around: Surroundings): Promise<Piece> {
    const held = this.#nextHeld(around);
    if (held !== undefined) return held;
    const before = this.#takeBefore();
    const length = before.length + READ;
    const start = this.#offset - before.length;
    const buffer = this.#spare;
    this.#held = NOTHING;
    const { bytesRead } = await this.#handle.read(buffer, 0, length, start);
    // The bytes read before are read again: only that tells a file that was truncated and has grown since.
    if (!buffer.subarray(0, Math.min(bytesRead, before.length)).equals(before)) return 'truncated';
    if (bytesRead === before.length) return 'end';
    this.#held = buffer.subarray(0, bytesRead);
    this.#heldAt = start;
    return this.#firstHeld({ ...around, isWhole: around.isWhole && bytesRead < length }, bytesRead < length);
  }

  /** When the file was last written to, in ns since 1970. */
  async modified(): Promise<bigint> {
    return (await this.#handle.stat({ bigint: true })).mtimeNs;
  }

  async close(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }

  /** The first lines of what was just read, or why there are none. */
  #firstHeld(around: Surroundings, isToEnd: boolean): Piece {
    const first = this.#skip(this.#held, this.#heldAt);
    const next = first === this.#offset ? this.#nextHeld(around) : undefined;
    if (next !== undefined) return next;
    const batch = new FileBatch(this.#held, this.#heldAt, first, { ...around, inode: this.inode });
    if (batch.end > this.#offset) return this.#advance(batch);
    if (isToEnd) return 'end';
    // A line longer than a whole read is no record of Postfix's.
    this.#isSkipping = true;
    const end = this.#heldAt + this.#held.length;
    this.#advance(new FileBatch(this.#held, this.#heldAt, end, { ...around, inode: this.inode }));
    return 'overlong';
  }

  /** The next piece of what was read; undefined where no complete line is left in it. */
  #nextHeld(around: Surroundings): FileBatch | undefined {
    const from = this.#offset - this.#heldAt;
    const end = pieceEnd(this.#held, from);
    if (end <= from) return undefined;
    const begin = Math.max(0, from - MARK_BYTES);
    const bytes = this.#held.subarray(begin, end);
    const batch = new FileBatch(bytes, this.#heldAt + begin, this.#offset, {
      ...around,
      isWhole: false,
      inode: this.inode,
    });
    return this.#advance(batch);
  }

  #advance(batch: FileBatch): FileBatch {
    if (this.#held.buffer === this.#spare.buffer) [this.#spare, this.#lent] = [this.#lent, this.#spare];
    this.#offset = batch.end;
    this.#last = batch;
    return batch;
  }

  /** Before its buffer is read into again. */
  #takeBefore(): Buffer {
    if (this.#last !== undefined) this.#before = this.#last.carry;
    this.#last = undefined;
    return this.#before;
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

/** Behind the last line that ends within a piece, or else behind the first that ends later; 0 where none does. */
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

/** The offset behind the last newline, or the size where none is near the end. */
async function lastLineEnd(handle: FileHandle, size: number): Promise<number> {
  const length = Math.min(size, PIECE);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
  const newline = buffer.subarray(0, bytesRead).lastIndexOf(10);
  return newline < 0 ? size : size - length + newline + 1;
}
