// Bytes of a log file cut into records, with the byte at which each of them ends.

import { createHash } from 'node:crypto';
import { isoTextOf } from '../../values/iso-time.ts';
import type { LineReader } from '../syslog/line-reader.ts';
import { lineEnd, viewOf } from '../syslog/log-text.ts';
import { NO_PARTS, type Parts } from '../syslog/parts.ts';
import type { LogRecord } from '../syslog/record.ts';
import type { Batch, FilePosition } from './source.ts';

/** Bytes before an offset that make its mark. */
export const MARK_BYTES = 512;

/** A file that has been read to its end: what comes after it was written to later. */
export interface Finished {
  /** -1 where it is not known which file it was */
  readonly inode: number;
  /** ns since 1970; undefined where nothing is known of its time, so that only the log itself can follow */
  readonly modified: bigint | undefined;
}

/** What is known around a piece of a log. */
export interface Surroundings {
  /** the log's own path, also for a piece of one of its rotated files: the mark finds it under any name */
  readonly path: string;
  /** has read what stands before the piece */
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

/** The complete lines of a piece of a file, and as many positions, worked out where they are asked for. */
export class FileBatch implements Batch {
  readonly records: readonly LogRecord[];
  readonly isAtEnd = false;
  /** offset behind the last complete line */
  readonly end: number;
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #first: number;
  readonly #ends: readonly number[];
  /** of lines that have not ended: before the first record, after some others, and at the end */
  readonly #partsBefore: Parts;
  readonly #partsAfter = new Map<number, Parts>();
  /** of lines that have not ended where this piece ends */
  readonly parts: Parts;
  readonly #around: Surroundings & { readonly inode: number };

  /**
   * @param bytes a piece of the file that begins at offset `start`; up to MARK_BYTES of it were read before. They must
   *   hold for as long as positions are asked for
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
    // One string for all lines, each of which is a window on it: whoever keeps a part of one makes it its own.
    const text = bytes.toString('latin1', first - start);
    const log = { text, bytes: viewOf(bytes.subarray(first - start)) };
    const { lines, now, isWhole } = around;
    this.#partsBefore = lines.parts;
    let from = 0;
    for (;;) {
      const newline = text.indexOf('\n', from);
      if (newline < 0 && !(isWhole && from < text.length)) break;
      const to = newline < 0 ? text.length : newline;
      const record = lines.read(log, now, from, lineEnd(log, from, to));
      from = newline < 0 ? to : newline + 1;
      if (typeof record !== 'string') {
        records.push(record);
        ends.push(first + from);
        if (lines.parts.length > 0) this.#partsAfter.set(records.length, lines.parts);
      }
    }
    this.records = records;
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

  /** The bytes before `end` from which the next position's mark is made. */
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
