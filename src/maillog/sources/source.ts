// Where log records come from: the contract that a followed file and the journal share.

import { areParts, type Parts } from '../syslog/parts.ts';
import type { LogRecord } from '../syslog/record.ts';

/** Where reading goes on after a restart; plain JSON, kept in snapshots. */
export type Position = FilePosition | JournalPosition;

export interface FilePosition {
  readonly type: 'file';
  readonly path: string;
  readonly inode: number;
  /** bytes read, up to the end of a line */
  readonly offset: number;
  /** digest of the last bytes before the offset: tells the file again under another name or inode */
  readonly mark: string;
  /** ISO 8601: the stamp of the last record taken, where one was */
  readonly at?: string | undefined;
  /** at offset 0, where no mark tells the file: what was read before, and when (ns since 1970) it was last written to */
  readonly after?: { readonly inode: number; readonly modified: string } | undefined;
  /** beginnings of lines that had not ended, where there were any */
  readonly parts?: Parts | undefined;
}

export interface JournalPosition {
  readonly type: 'journal';
  /** the last entry taken; until there is one, the moment (ISO 8601) from which on entries count */
  readonly cursor?: string | undefined;
  readonly since?: string | undefined;
  /** beginnings of lines that had not ended, where there were any */
  readonly parts?: Parts | undefined;
  /** ISO 8601, of a snapshot's position: all that the journal held then had been taken */
  readonly at?: string | undefined;
}

const NANOSECONDS = /^\d{1,20}$/;

/** Whether a snapshot's entry has the form of a position: a damaged one must not keep the log from being read. */
export function isPosition(value: unknown): value is Position {
  if (typeof value !== 'object' || value === null) return false;
  const { type, path, inode, offset, mark, at, after, cursor, since, parts } = value as Readonly<
    Record<string, unknown>
  >;
  if (parts !== undefined && !areParts(parts)) return false;
  if (type === 'journal')
    return (cursor === undefined || typeof cursor === 'string') && isTime(since) && isTime(at);
  const isFile = type === 'file' && typeof path === 'string' && typeof mark === 'string';
  const isPlace = Number.isInteger(inode) && Number.isSafeInteger(offset) && Number(offset) >= 0;
  return isFile && isPlace && isTime(at) && isFinished(after);
}

function isTime(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && !Number.isNaN(Date.parse(value)));
}

function isFinished(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== 'object' || value === null) return false;
  const { inode, modified } = value as Readonly<Record<string, unknown>>;
  return Number.isInteger(inode) && typeof modified === 'string' && NANOSECONDS.test(modified);
}

/** Records read in one go. Which of them have been taken is the reader's affair. */
export interface Batch {
  readonly records: readonly LogRecord[];
  /** nothing more was there to be read: whoever waits for it waits for lines that are not written yet */
  readonly isAtEnd: boolean;
  /** The position after the first `count` records; after all of them it covers the lines that gave none. */
  positionAfter(count: number): Position | undefined;
}

/** What an administrator should know of a source; times in ms. */
export type Notice =
  | { readonly type: 'lost'; readonly source: string; readonly reason: string }
  | { readonly type: 'found'; readonly source: string }
  | { readonly type: 'rotated'; readonly source: string; readonly next: string }
  | { readonly type: 'truncated'; readonly source: string }
  | {
      readonly type: 'gap';
      readonly source: string;
      readonly since: number | undefined;
      readonly until: number | undefined;
    }
  | { readonly type: 'overlong'; readonly source: string };

export interface LogSource {
  readonly name: string;
  /** Whether a saved position is one of this source. */
  owns(position: Position): boolean;
  /** Starts at `position`, or at the end of the log without one, or with one of another source. */
  start(position: Position | undefined): Promise<void>;
  /** The next records; an empty batch at the end where there are none now. Never throws: trouble is a notice. */
  read(now: number): Promise<Batch>;
  stop(): Promise<void>;
}
