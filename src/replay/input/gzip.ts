// A gzip stream, of one member or several, decompressed.

import { createGunzip, type Gunzip } from 'node:zlib';
import { type ByteSource, MAX_PIECE } from './bytes.ts';

/** Compressed bytes at once. Deflate expands a byte to 1,032 at most (RFC 1951): 16 MiB in the worst case. */
const COMPRESSED = 1 << 14;

export class GunzipBytes implements ByteSource {
  readonly #source: ByteSource;
  readonly #gunzip: Gunzip;
  /** compressed bytes that zlib has not taken yet */
  #compressed: Buffer = Buffer.alloc(0);
  #plain: Buffer[] = [];
  #failure: Error | undefined;
  #isAtEnd = false;
  #settle: () => void = () => undefined;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#gunzip = createGunzip({ chunkSize: MAX_PIECE });
    // Flowing mode: a stream that fails discards what it has buffered, but what precedes the damage must count.
    this.#gunzip.on('data', (bytes: Buffer) => this.#plain.push(bytes));
    this.#gunzip.on('error', (error) => {
      this.#failure = error;
      this.#settle();
    });
  }

  get bytesRead(): number {
    return this.#source.bytesRead;
  }

  async read(): Promise<Buffer | undefined> {
    for (;;) {
      const plain = this.#plain.shift();
      if (plain !== undefined) return plain;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isAtEnd) return undefined;
      await this.#inflate();
    }
  }

  async close(): Promise<void> {
    this.#gunzip.destroy();
    await this.#source.close();
  }

  async #inflate(): Promise<void> {
    if (this.#compressed.length === 0) {
      const bytes = await this.#source.read();
      if (bytes === undefined) return this.#end();
      this.#compressed = bytes;
    }
    const bytes = this.#compressed.subarray(0, COMPRESSED);
    this.#compressed = this.#compressed.subarray(bytes.length);
    // Zeros may pad the last member, as on tapes. zlib has ended then, and takes no more.
    if (this.#gunzip.readableEnded) return;
    await this.#settled((done) => this.#gunzip.write(bytes, done));
  }

  async #end(): Promise<void> {
    this.#isAtEnd = true;
    if (this.#gunzip.readableEnded) return;
    await this.#settled((done) => this.#gunzip.once('end', done).end());
  }

  /** A stream that fails may never call back, but it emits its error. */
  async #settled(act: (done: () => void) => void): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#settle = resolve;
      act(resolve);
    });
  }
}
