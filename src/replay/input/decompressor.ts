// An xz or zstd stream, decompressed by the system's program.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { EXIT, ExitError } from '../../exit.ts';
import { type ByteSource, StreamBytes } from './bytes.ts';

/** A program that decompresses standard input to standard output with `-dc`. */
export interface Decompressor {
  readonly command: 'xz' | 'zstd';
  /** the Debian package that contains it */
  readonly package: string;
}

export class DecompressedBytes implements ByteSource {
  readonly #source: ByteSource;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #plain: StreamBytes;
  readonly #ended: Promise<Error | undefined>;
  #sourceFailure: Error | undefined;

  private constructor(source: ByteSource, { command }: Decompressor) {
    this.#source = source;
    this.#child = spawn(command, ['-dc'], { stdio: 'pipe', env: { ...process.env, LC_ALL: 'C' } });
    this.#plain = new StreamBytes(this.#child.stdout);
    this.#ended = failureOf(this.#child, command);
  }

  /**
   * @param name of the input
   * @throws ExitError when the program cannot be run
   */
  static async start(
    source: ByteSource,
    decompressor: Decompressor,
    name: string,
  ): Promise<DecompressedBytes> {
    const bytes = new DecompressedBytes(source, decompressor);
    const failure = await new Promise<Error | undefined>((resolve) => {
      bytes.#child.once('spawn', () => resolve(undefined)).once('error', resolve);
    });
    if (failure !== undefined) {
      const { command, package: remedy } = decompressor;
      const line = `${name} is compressed by ${command}, but ${command} cannot be run (${failure.message}). To install it: apt-get install ${remedy}`;
      throw new ExitError(EXIT.unavailable, [line], failure);
    }
    void bytes.#feed();
    return bytes;
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
    // A program that gives up takes no more input. Its exit status and its messages say why.
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

/** Resolves when the program has ended: undefined, or why it failed. */
async function failureOf(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  command: string,
): Promise<Error | undefined> {
  let messages = '';
  child.stderr.on('data', (chunk: Buffer) => {
    messages = (messages + chunk.toString()).slice(0, 500);
  });
  return new Promise((resolve) => {
    child.once('error', resolve);
    child.once('close', (status) => {
      const reason = messages.trim().replace(STANDARD_INPUT, '') || `${command} ended with status ${status}`;
      resolve(status === 0 ? undefined : new Error(reason));
    });
  });
}

/** How the programs name standard input at the start of a message. */
const STANDARD_INPUT = /^(?:xz: \(stdin\)|(?:zstd: )?\/\*stdin\*\\) ?: /;
