// What xz(1) compressed, as it was before, by the system's own xz.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { EXIT, ExitError } from '../exit.ts';
import { type ByteSource, StreamBytes } from './bytes.ts';

export class XzBytes implements ByteSource {
  readonly #source: ByteSource;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #plain: StreamBytes;
  readonly #ended: Promise<Error | undefined>;
  #sourceFailure: Error | undefined;

  private constructor(source: ByteSource) {
    this.#source = source;
    this.#child = spawn('xz', ['-dc'], { stdio: 'pipe', env: { ...process.env, LC_ALL: 'C' } });
    this.#plain = new StreamBytes(this.#child.stdout);
    this.#ended = reasonOf(this.#child);
  }

  /**
   * @param name of the input
   * @throws ExitError where there is no xz
   */
  static async start(source: ByteSource, name: string): Promise<XzBytes> {
    const xz = new XzBytes(source);
    const started = await new Promise<Error | undefined>((resolve) => {
      xz.#child.once('spawn', () => resolve(undefined)).once('error', resolve);
    });
    if (started !== undefined) {
      const remedy = 'have it by apt-get install xz-utils';
      const line = `${name} is compressed by xz, and xz cannot be run (${started.message}): ${remedy}`;
      throw new ExitError(EXIT.unavailable, [line], started);
    }
    void xz.#feed();
    return xz;
  }

  get bytesRead(): number {
    return this.#source.bytesRead;
  }

  async read(): Promise<Buffer | undefined> {
    const bytes = await this.#plain.read();
    if (bytes !== undefined) return bytes;
    const failure = this.#sourceFailure ?? (await this.#ended);
    if (failure !== undefined) throw failure;
    return undefined;
  }

  async close(): Promise<void> {
    this.#child.kill();
    await this.#plain.close();
    await this.#ended;
    await this.#source.close();
  }

  async #feed(): Promise<void> {
    const input = this.#child.stdin;
    // An xz that gave up takes no more; its status and its words say why.
    input.on('error', () => undefined);
    try {
      for (;;) {
        const bytes = await this.#source.read();
        if (bytes === undefined || !input.writable) break;
        await new Promise((resolve) => input.write(bytes, resolve));
      }
    } catch (error) {
      this.#sourceFailure = error as Error;
    }
    input.end();
  }
}

/** Resolves when the child has ended, with what it complained of. */
async function reasonOf(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
): Promise<Error | undefined> {
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(0, 500);
  });
  return new Promise((resolve) => {
    child.once('error', resolve);
    child.once('close', (status) => {
      const reason = words.trim().replace(/^xz: \(stdin\): /, '') || `xz ended with status ${status}`;
      resolve(status === 0 ? undefined : new Error(reason));
    });
  });
}
