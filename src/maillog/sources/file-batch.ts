// A piece of a log file as records, and the position after each of them.

import { createHash } from 'node:crypto';
import { isoTextOf } from '../../values/iso-time.ts';
import type { LineReader } from '../syslog/line-reader.ts';
import { lineEnd, viewOf } from '../syslog/log-text.ts';
import { namesDaemon } from '../syslog/named-daemon.ts';
import { NO_PARTS, type Parts } from '../syslog/parts.ts';
import type { LogRecord } from '../syslog/record.ts';
import type { Batch, FilePosition } from './source.ts';

/** Bytes before an offset that its mark is computed from. */
export const MARK_BYTES = 512;

/** A file that was read to its end. Its successors were written to later. */
export interface Finished {
  /** -1 where the file is not known */
  readonly inode: number;
  /** ns since 1970; undefined where its time is not known, so that only the log itself can follow */
  readonly modified: bigint | undefined;
}

/** The context of a piece of a log. */
export interface Surroundings {
  /** the log's own path, also for a piece of one of its rotated files: the mark finds it under any name */
  readonly path: string;
  /** has read the log up to the piece */
  readonly lines: LineReader;
  /** ms since 1970 */
  readonly now: number;
  /** whether the last line counts although no newline ends it */
  readonly isWhole: boolean;
  /** ms since 1970: stamp of the record before */
  readonly at: number | undefined;
  /** what was read before this file */
  readonly after: Finished | undefined;
}

/** The complete lines of a piece of a file, and the positions after them, computed on request. */
export class FileBatch implements Batch {
  readonly records: readonly LogRecord[];
  readonly isAtEnd = false;
  /** lines that name a Postfix daemon as its own lines do, and whose form is unknown */
  readonly unread: number;
  /** offset after the last complete line */
  readonly end: number;
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #first: number;
  readonly #ends: readonly number[];
  /** parts of unfinished lines: before the first record, after some others, and at the end */
  readonly #partsBefore: Parts;
  readonly #partsAfter = new Map<number, Parts>();
  /** parts of lines that are unfinished at the end of the piece */
  readonly parts: Parts;
  readonly #around: Surroundings & { readonly inode: number };

  /**
   * @param bytes a piece of the file, from offset `start`; up to MARK_BYTES of it were read before. They must not change
   *   as long as positions are requested
   * @param first offset of the first line to read
   */
  constructor(
    bytes: Buffer,
    start: number,
    first: number,
    around: Surroundings & { readonly inode: number },
  ) {
    this.#bytes = bytes;
    this.#start = start;
    this.#first = first;
    this.#around = around;
    const records: LogRecord[] = [];
    const ends: number[] = [];
    // One string for all lines, each of which is a slice of it: code that keeps a part of one detaches it.
    const text = bytes.toString('latin1', first - start);
    const log = { text, bytes: viewOf(bytes.subarray(first - start)) };
    const { lines, now, isWhole } = around;
    this.#partsBefore = lines.parts;
    let from = 0;
    let unread = 0;
    for (;;) {
      const newline = text.indexOf('\n', from);
      if (newline < 0 && !(isWhole && from < text.length)) break;
      const to = newline < 0 ? text.length : newline;
      const record = lines.read(log, now, from, lineEnd(log, from, to));
      if (record === 'unknown' && namesDaemon(text, from, to)) unread++;
      from = newline < 0 ? to : newline + 1;
      if (typeof record !== 'string') {
        records.push(record);
        ends.push(first + from);
        if (lines.parts.length > 0) this.#partsAfter.set(records.length, lines.parts);
      }
    }
    this.records = records;
    this.unread = unread;
    this.#ends = ends;
    this.end = first + from;
    this.parts = lines.parts;
  }

  positionAfter(count: number): FilePosition {
    const offset = this.#offsetAfter(count);
    const parts = this.#partsAt(count);
    const { path, inode, at, after } = this.#around;
    const last = this.records[count - 1]?.at ?? at;
    return {
      type: 'file',
      path,
      inode,
      offset,
      mark: markOf(
        this.#bytes.subarray(Math.max(0, offset - this.#start - MARK_BYTES), offset - this.#start),
      ),
      at: isoTextOf(last),
      after: offset === 0 ? afterOf(after) : undefined,
      ...(parts.length === 0 ? {} : { parts }),
    };
  }

  /** ms since 1970: stamp of its last record, or of the one before */
  get lastAt(): number | undefined {
    return this.records.at(-1)?.at ?? this.#around.at;
  }

  #partsAt(count: number): Parts {
    if (count === this.records.length) return this.parts;
    return count === 0 ? this.#partsBefore : (this.#partsAfter.get(count) ?? NO_PARTS);
  }

  #offsetAfter(count: number): number {
    if (count === this.records.length) return this.end;
    return count === 0 ? this.#first : (this.#ends[count - 1] ?? this.#first);
  }

  /** The bytes before `end` that the next position's mark is computed from. */
  get carry(): Buffer {
    const end = this.end - this.#start;
    return Buffer.from(this.#bytes.subarray(Math.max(0, end - MARK_BYTES), end));
  }
}

function afterOf(finished: Finished | undefined): FilePosition['after'] {
  if (finished?.modified === undefined) return undefined;
  return { inode: finished.inode, modified: String(finished.modified) };
}

export function markOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}
