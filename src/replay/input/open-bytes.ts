// Opens the file or stream that a path names, and decompresses it.

import type { Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { EXIT, ExitError } from '../../exit.ts';
import { type ByteSource, FileBytes, Peekable, StreamBytes } from './bytes.ts';
import { DecompressedBytes, type Decompressor } from './decompressor.ts';
import { dateInGzip } from './file-date.ts';
import { type Compression, compressionOf, foreignFormat } from './format.ts';
import { GunzipBytes } from './gzip.ts';

export interface OpenedBytes {
  readonly bytes: Peekable;
  /** bytes on disk; undefined where unknown */
  readonly size: number | undefined;
  /** ms since 1970: when the log was last written to, as far as known */
  readonly date: number;
  /** identifies a file whatever its name; undefined for what can be read only once */
  readonly identity: string | undefined;
}

export interface OpenOptions {
  /** ms since 1970 */
  readonly now: number;
  /** what `-` names */
  readonly stdin: Readable;
  /** the command that reads it, for error messages */
  readonly reader?: 'replay' | 'explain';
}

/** @throws ExitError with a line that names the input and says what is wrong */
export async function openBytes(
  path: string,
  { now, stdin, reader = 'replay' }: OpenOptions,
): Promise<OpenedBytes> {
  if (path === '-') return plainBytes(path, new StreamBytes(stdin), { now, reader });
  const handle = await open(path, 'r').catch((error) => {
    throw unreadable(path, error);
  });
  try {
    const stats = await handle.stat();
    if (stats.isDirectory())
      throw new ExitError(EXIT.usage, [`${path}: is a directory; name the files in it`]);
    const again = stats.isFile() ? stats : undefined;
    return await plainBytes(path, new FileBytes(handle), { now, reader, stats: again });
  } catch (error) {
    await handle.close().catch(() => undefined);
    throw error instanceof ExitError ? error : unreadable(path, error);
  }
}

interface Origin extends Required<Pick<OpenOptions, 'now' | 'reader'>> {
  /** of a file that can be read again */
  readonly stats?: Stats | undefined;
}

async function plainBytes(
  path: string,
  source: ByteSource,
  { now, reader, stats }: Origin,
): Promise<OpenedBytes> {
  const raw = new Peekable(source);
  const head = await raw.peek();
  const foreign = foreignFormat(head);
  if (foreign !== undefined) {
    const command = path === '-' ? `${foreign.by} …` : `${foreign.by} ${path}`;
    const line = `${path}: ${foreign.what}, which postblock cannot read; try: ${command} | postblock ${reader} -`;
    throw new ExitError(EXIT.usage, [line]);
  }
  const compression = compressionOf(head);
  return {
    bytes: await decompressed(raw, compression, path),
    size: stats?.size,
    date: (compression === 'gzip' ? dateInGzip(head) : undefined) ?? stats?.mtimeMs ?? now,
    identity: stats === undefined ? undefined : `${stats.dev}:${stats.ino}`,
  };
}

const DECOMPRESSORS: Readonly<Record<Exclude<Compression, 'none' | 'gzip'>, Decompressor>> = {
  xz: { command: 'xz', package: 'xz-utils' },
  zstd: { command: 'zstd', package: 'zstd' },
};

async function decompressed(raw: Peekable, compression: Compression, name: string): Promise<Peekable> {
  if (compression === 'none') return raw;
  if (compression === 'gzip') return new Peekable(new GunzipBytes(raw));
  return new Peekable(await DecompressedBytes.start(raw, DECOMPRESSORS[compression], name));
}

function unreadable(path: string, error: unknown): ExitError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? 'no such file' : code === 'EACCES' ? 'permission denied' : message;
  return new ExitError(EXIT.io, [`${path}: cannot be read: ${why}`], error);
}
