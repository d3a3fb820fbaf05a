// The bytes of an input, from a file or a stream, in pieces of bounded size.

import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';

/** Bytes of a piece at most: V8 allocates strings of this length from memory that it has reserved already. */
export const MAX_PIECE = 1 << 16;
/** Bytes that show the format of an input: more than any magic number or field name has. */
const HEAD = 512;
/** Bytes of one read from a file. */
const READ = 4 * MAX_PIECE;

export interface ByteSource {
  /** bytes read so far, as they are on disk */
  readonly bytesRead: number;
  /**
   * At most MAX_PIECE bytes, valid until the next call; undefined at the end.
   *
   * @throws when the rest cannot be read
   */
  read(): Promise<Buffer | undefined>;
  close(): Promise<void>;
}

/** Cuts buffers of any size into pieces. */
abstract class Pieces implements ByteSource {
  bytesRead = 0;
  #bytes: Buffer | undefined;

  async read(): Promise<Buffer | undefined> {
    if (this.#bytes === undefined || this.#bytes.length === 0) this.#bytes = await this.more();
    const piece = this.#bytes?.subarray(0, MAX_PIECE);
    if (piece === undefined) return undefined;
    this.#bytes = this.#bytes?.subarray(piece.length);
    this.bytesRead += piece.length;
    return piece;
  }

  abstract close(): Promise<void>;

  protected abstract more(): Promise<Buffer | undefined>;
}

/** Reads ahead: the system fills one buffer while the other is processed. */
export class FileBytes extends Pieces {
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
    // The next read throws its failure, if there is a next read.
    this.#ahead.catch(() => undefined);
    return filled.subarray(0, bytesRead);
  }

  async #fill(): Promise<number> {
    const { bytesRead } = await this.#handle.read(this.#filling, 0, READ, null);
    return bytesRead;
  }
}

export class StreamBytes extends Pieces {
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

/** Whether these bytes contain a whole line that is not empty. */
function hasLine(head: Buffer): boolean {
  const start = head.findIndex((byte) => byte !== NEWLINE);
  return start >= 0 && head.includes(NEWLINE, start);
}

/** Bytes whose start can be peeked at before they are read. */
export class Peekable implements ByteSource {
  readonly #source: ByteSource;
  readonly #peeked: Buffer[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get bytesRead(): number {
    return this.#source.bytesRead;
  }

  /**
   * The first bytes: a whole line, or HEAD bytes of it. Does not wait for more than a line, since a stream that stays
   * open may have no more. A failure after these bytes is thrown when they have been read.
   */
  async peek(): Promise<Buffer> {
    let head = Buffer.concat(this.#peeked);
    while (head.length < HEAD && !hasLine(head)) {
      const piece = await this.#attempt();
      if (piece === undefined) break;
      this.#peeked.push(Buffer.from(piece));
      head = Buffer.concat(this.#peeked);
    }
    return head;
  }

  async read(): Promise<Buffer | undefined> {
    const peeked = this.#peeked.shift();
    if (peeked !== undefined) return peeked;
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
