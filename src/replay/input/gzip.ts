// What gzip(1) compressed, one member or several joined, as it was before.

import { createGunzip, type Gunzip } from 'node:zlib';
import { type ByteSource, PIECE } from './bytes.ts';

/** Compressed bytes at once: deflate makes at most 1,032 of one (RFC 1951), so 16 MiB wait at worst. */
const COMPRESSED = 1 << 14;

export class GunzipBytes implements ByteSource {
  readonly #source: ByteSource;
  readonly #gunzip: Gunzip;
  /** compressed bytes that have not been taken yet */
  #compressed: Buffer = Buffer.alloc(0);
  #plain: Buffer[] = [];
  #failure: Error | undefined;
  #isAtEnd = false;
  #settle: () => void = () => undefined;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#gunzip = createGunzip({ chunkSize: PIECE });
    // Flowing: what a stream keeps to be read later is lost when it fails, and what came before a cut shall count.
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
    // Zeros pad the last member on tapes and such; zlib has then ended, and takes no more.
    if (this.#gunzip.readableEnded) return;
    await this.#settled((done) => this.#gunzip.write(bytes, done));
  }

  async #end(): Promise<void> {
    this.#isAtEnd = true;
    if (this.#gunzip.readableEnded) return;
    await this.#settled((done) => this.#gunzip.once('end', done).end());
  }

  /** A stream that fails may never call back, but tells of its error. */
  async #settled(act: (done: () => void) => void): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#settle = resolve;
      act(resolve);
    });
  }
}
