// Bytes of a log file cut into records, with the byte at which each of them ends.

import { createHash } from 'node:crypto';
import { type LogRecord, parseLine } from './record.ts';
import type { Batch, FilePosition } from './source.ts';
import type { StampReader } from './stamp.ts';

/** Bytes before an offset that make its mark. */
export const MARK_BYTES = 512;
/** Of a longer line only the beginning is read; the client stands there. Postfix itself logs about 2,000 characters. */
const MAX_LINE = 8192;

/** Which file bytes come from. */
export interface FileIdentity {
  readonly path: string;
  readonly inode: number;
}

/** The complete lines of a piece of a file. */
export class FileBatch implements Batch {
  readonly records: readonly LogRecord[];
  readonly isAtEnd = false;
  /** offset behind the last complete line */
  readonly end: number;
  readonly #file: FileIdentity;
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #first: number;
  readonly #ends: readonly number[];
  readonly #lastAt: string | undefined;

  /**
   * @param bytes a piece of the file that begins at offset `start`; up to MARK_BYTES of it were read before
   * @param first offset of the first line to read
   * @param read.isWhole whether the last line counts although no newline ends it
   * @param read.lastAt ISO 8601: stamp of the record before these lines
   */
  constructor(
    file: FileIdentity,
    bytes: Buffer,
    start: number,
    first: number,
    read: { stamps: StampReader; now: number; isWhole: boolean; lastAt: string | undefined },
  ) {
    this.#file = file;
    this.#bytes = bytes;
    this.#start = start;
    this.#first = first;
    this.#lastAt = read.lastAt;
    const records: LogRecord[] = [];
    const ends: number[] = [];
    let from = first - start;
    for (;;) {
      const newline = bytes.indexOf(10, from);
      if (newline < 0 && !(read.isWhole && from < bytes.length)) break;
      const to = newline < 0 ? bytes.length : newline;
      // Each line is a string of its own, and latin1: what is kept of it pins no more than the line.
      const record = parseLine(
        bytes.toString('latin1', from, Math.min(to, from + MAX_LINE)),
        read.stamps,
        read.now,
      );
      from = newline < 0 ? to : newline + 1;
      if (record !== undefined) {
        records.push(record);
        ends.push(start + from);
      }
    }
    this.records = records;
    this.#ends = ends;
    this.end = start + from;
  }

  positionAfter(count: number): FilePosition {
    const offset =
      count === this.records.length
        ? this.end
        : count === 0
          ? this.#first
          : (this.#ends[count - 1] ?? this.#first);
    const taken = this.records[count - 1];
    return {
      type: 'file',
      ...this.#file,
      offset,
      mark: markOf(
        this.#bytes.subarray(Math.max(0, offset - this.#start - MARK_BYTES), offset - this.#start),
      ),
      at: taken === undefined ? this.#lastAt : new Date(taken.at).toISOString(),
    };
  }

  /** The bytes before `end` from which the next position's mark is made. */
  get carry(): Buffer {
    const end = this.end - this.#start;
    return Buffer.from(this.#bytes.subarray(Math.max(0, end - MARK_BYTES), end));
  }
}

export function markOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}
