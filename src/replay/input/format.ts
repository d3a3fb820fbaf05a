// The format and compression of an input, detected from its first bytes.

import { ExportParser, firstTimeOfExport } from './export-format.ts';
import type { Parser, ParserOptions, Times } from './parser.ts';
import { firstTimeOfText, textParser } from './text-format.ts';

export interface Format {
  /** when the first record was written, in ms since 1970; undefined where these bytes do not show it */
  firstTime(head: string, times: Times): number | undefined;
  parser(options: ParserOptions): Parser;
}

const TEXT: Format = { firstTime: firstTimeOfText, parser: textParser };
const EXPORT: Format = { firstTime: firstTimeOfExport, parser: (options) => new ExportParser(options) };

export function formatOf(head: string): Format {
  return /^\n*[A-Z0-9_]{1,64}=/.test(head) ? EXPORT : TEXT;
}

export type Compression = 'gzip' | 'xz' | 'zstd' | 'none';

/** Magic numbers: RFC 1952 2.3.1, the .xz file format 2.1.1.1, RFC 8878 3.1.1. */
const MAGIC = [
  ['\x1f\x8b', 'gzip'],
  ['\xfd7zXZ\0', 'xz'],
  ['\x28\xb5\x2f\xfd', 'zstd'],
] as const;

export function compressionOf(head: Buffer): Compression {
  const bytes = head.toString('latin1', 0, 8);
  return MAGIC.find(([magic]) => bytes.startsWith(magic))?.[1] ?? 'none';
}

/** Formats that cannot be read here: magic number, name, and the command that converts it. */
const FOREIGN: readonly (readonly [string, string, string])[] = [
  ['BZh', 'is compressed by bzip2', 'bzip2 -dc'],
  ['LPKSHHRH', 'is a file of the systemd journal', 'journalctl -o export --file'],
];

/** The format of an input that cannot be read here, and the command that converts it; undefined for all others. */
export function foreignFormat(head: Buffer): { readonly what: string; readonly by: string } | undefined {
  const bytes = head.toString('latin1', 0, 8);
  const foreign = FOREIGN.find(([magic]) => bytes.startsWith(magic));
  return foreign === undefined ? undefined : { what: foreign[1], by: foreign[2] };
}
