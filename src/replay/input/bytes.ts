// The bytes of an input in pieces, whether they come from a file or a stream.

import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';

/** Most bytes of a piece: V8 lays out strings of that length in memory that it has at hand. */
export const PIECE = 1 << 16;
/** Bytes that tell what an input is: longer than any magic number or name of a field. */
const HEAD = 512;
/** Bytes asked of a file at once. */
const READ = 4 * PIECE;

export interface ByteSource {
  /** bytes taken so far, as they stand on disk */
  readonly bytesRead: number;
  /**
   * At most PIECE bytes, which hold until the next call; undefined at the end.
   *
   * @throws where the rest cannot be read
   */
  read(): Promise<Buffer | undefined>;
  close(): Promise<void>;
}

/** Cuts what comes in pieces of any size. */
abstract class Cut implements ByteSource {
  bytesRead = 0;
  #bytes: Buffer | undefined;

  async read(): Promise<Buffer | undefined> {
    if (this.#bytes === undefined || this.#bytes.length === 0) this.#bytes = await this.more();
    const piece = this.#bytes?.subarray(0, PIECE);
    if (piece === undefined) return undefined;
    this.#bytes = this.#bytes?.subarray(piece.length);
    this.bytesRead += piece.length;
    return piece;
  }

  abstract close(): Promise<void>;

  protected abstract more(): Promise<Buffer | undefined>;
}

/** Reads ahead: while one buffer is being worked on, the system fills the other. */
export class FileBytes extends Cut {
  readonly #handle: FileHandle;
  #idle = Buffer.allocUnsafe(READ);
  #filling = Buffer.allocUnsafe(READ);
  #ahead: Promise<number> | undefined;

  constructor(handle: FileHandle) {
    super();
    this.#handle = handle;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  protected async more(): Promise<Buffer | undefined> {
    const bytesRead = await (this.#ahead ?? this.#fill());
    if (bytesRead === 0) return undefined;
    const filled = this.#filling;
    this.#filling = this.#idle;
    this.#idle = filled;
    this.#ahead = this.#fill();
    // Its failure is told to whoever reads on, if anybody does.
    this.#ahead.catch(() => undefined);
    return filled.subarray(0, bytesRead);
  }

  async #fill(): Promise<number> {
    const { bytesRead } = await this.#handle.read(this.#filling, 0, READ, null);
    return bytesRead;
  }
}

export class StreamBytes extends Cut {
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<Buffer | string>;

  constructor(stream: Readable) {
    super();
    this.#stream = stream;
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  async close(): Promise<void> {
    this.#stream.destroy();
  }

  protected async more(): Promise<Buffer | undefined> {
    for (;;) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return undefined;
      const bytes = typeof value === 'string' ? Buffer.from(value) : value;
      if (bytes.length > 0) return bytes;
    }
  }
}

const NEWLINE = 10;

/** Whether a line that is not empty ends within these bytes. */
function hasLine(head: Buffer): boolean {
  const begin = head.findIndex((byte) => byte !== NEWLINE);
  return begin >= 0 && head.includes(NEWLINE, begin);
}

/** Bytes whose beginning can be looked at before they are read. */
export class Peekable implements ByteSource {
  readonly #source: ByteSource;
  readonly #looked: Buffer[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get bytesRead(): number {
    return this.#source.bytesRead;
  }

  /**
   * The first bytes: a whole line, or HEAD of them where there are so many. A stream that stays open may have no more.
   * A failure behind them waits until it is read.
   */
  async peek(): Promise<Buffer> {
    let head = Buffer.concat(this.#looked);
    while (head.length < HEAD && !hasLine(head)) {
      const piece = await this.#attempt();
      if (piece === undefined) break;
      this.#looked.push(Buffer.from(piece));
      head = Buffer.concat(this.#looked);
    }
    return head;
  }

  async read(): Promise<Buffer | undefined> {
    const looked = this.#looked.shift();
    if (looked !== undefined) return looked;
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#source.read();
  }

  async close(): Promise<void> {
    await this.#source.close();
  }

  async #attempt(): Promise<Buffer | undefined> {
    try {
      return await this.#source.read();
    } catch (error) {
      this.#failure = { error };
      return undefined;
    }
  }
}
