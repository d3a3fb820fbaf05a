// Reads the lines of a log for `explain`, each with the record that it gives.

import type { Readable } from 'node:stream';
import { StampReader } from '../maillog/syslog/stamp.ts';
import type { Zone } from '../maillog/syslog/zone.ts';
import type { Peekable } from '../replay/input/bytes.ts';
import { middleOfItsYear } from '../replay/input/file-date.ts';
import { formatOf } from '../replay/input/format.ts';
import { openBytes } from '../replay/input/open-bytes.ts';
import type { Parser } from '../replay/input/parser.ts';
import type { GivenLine } from './explainer.ts';

export interface LineOptions {
  /** ms since 1970 */
  readonly now: number;
  /** of stamps without a zone */
  readonly zone: Zone;
  /** what `-` names */
  readonly stdin: Readable;
  onLine(line: GivenLine): void;
  /** Called after each piece; no more is read until it resolves. */
  onPiece(): Promise<void>;
}

/**
 * Reads one log, as `replay` reads it.
 *
 * @returns why only its first part could be read; undefined where all of it was read
 * @throws ExitError with a line that names the log and says what is wrong
 */
export async function readLines(path: string, options: LineOptions): Promise<string | undefined> {
  const { bytes, date } = await openBytes(path, { ...options, reader: 'explain' });
  const head = (await bytes.peek()).toString('latin1');
  const times = { now: middleOfItsYear(date), zone: options.zone };
  const stamps = new StampReader(times.zone);
  const parser: Parser = formatOf(head).parser({
    ...times,
    onUnreadable: () => undefined,
    onLine: (text, read) => {
      if (text.trim() === '') return;
      const given = read === 'unknown' ? faultOf(text, stamps, times.now) : read;
      options.onLine({ source: path, line: parser.lines, text, read: given });
    },
  });
  try {
    await readAll(bytes, parser, () => options.onPiece());
    return undefined;
  } catch (error) {
    return `${path}: only the beginning (${parser.lines} lines) could be read: ${(error as Error).message}`;
  } finally {
    await bytes.close();
  }
}

async function readAll(bytes: Peekable, parser: Parser, onPiece: () => Promise<void>): Promise<void> {
  for (;;) {
    const piece = await bytes.read();
    if (piece === undefined) break;
    parser.push(piece);
    await onPiece();
  }
  parser.end();
  await onPiece();
}

/** A priority precedes the time in some logs (RFC 5424 6.2.1). */
const PRIORITY = /^<[^>]{1,32}>(?:1 )? {0,4}/;

/** What is wrong with a line that gives no record and is not from another program. */
function faultOf(text: string, stamps: StampReader, now: number): 'no-entry' | 'no-time' | 'no-process' {
  if (text.startsWith('{')) return 'no-entry';
  return stamps.read(text.replace(PRIORITY, ''), now) === undefined ? 'no-time' : 'no-process';
}
