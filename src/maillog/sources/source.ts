// The interface of a log source, shared by followed files and the journal, and its positions.

import { areParts, type Parts } from '../syslog/parts.ts';
import type { LogRecord } from '../syslog/record.ts';

/** Where reading continues after a restart; plain JSON, kept in snapshots. */
export type Position = FilePosition | JournalPosition;

export interface FilePosition {
  readonly type: 'file';
  readonly path: string;
  readonly inode: number;
  /** bytes read, up to the end of a line */
  readonly offset: number;
  /** digest of the last bytes before the offset: identifies the file under another name or inode */
  readonly mark: string;
  /** ISO 8601: the stamp of the last record taken */
  readonly at?: string | undefined;
  /** at offset 0, where a mark cannot identify the file: the file read before, and its last change (ns since 1970) */
  readonly after?: { readonly inode: number; readonly modified: string } | undefined;
  /** starts of unfinished lines */
  readonly parts?: Parts | undefined;
}

export interface JournalPosition {
  readonly type: 'journal';
  /** the last entry taken; before the first one, the time (ISO 8601) from which entries count */
  readonly cursor?: string | undefined;
  readonly since?: string | undefined;
  /** starts of unfinished lines */
  readonly parts?: Parts | undefined;
  /** ISO 8601, for the position of a snapshot: all entries of the journal up to then had been taken */
  readonly at?: string | undefined;
}

const NANOSECONDS = /^\d{1,20}$/;

/** Whether a value of a snapshot is a valid position: a damaged one must not keep the log from being read. */
export function isPosition(value: unknown): value is Position {
  if (typeof value !== 'object' || value === null) return false;
  const { type, path, inode, offset, mark, at, after, cursor, since, parts } = value as Readonly<
    Record<string, unknown>
  >;
  if (parts !== undefined && !areParts(parts)) return false;
  if (type === 'journal')
    return (cursor === undefined || typeof cursor === 'string') && isTime(since) && isTime(at);
  const isFile = type === 'file' && typeof path === 'string' && typeof mark === 'string';
  const isOffset = Number.isInteger(inode) && Number.isSafeInteger(offset) && Number(offset) >= 0;
  return isFile && isOffset && isTime(at) && isFinished(after);
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

/** The records of one read. The caller knows how many of them it has taken. */
export interface Batch {
  readonly records: readonly LogRecord[];
  /** there was nothing more to read: the next lines are not written yet */
  readonly isAtEnd: boolean;
  /** The position after the first `count` records; after all of them, also after the lines without a record. */
  positionAfter(count: number): Position | undefined;
}

/** What an administrator should know about a source; times in ms since 1970. */
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
  | { readonly type: 'overlong'; readonly source: string }
  /** so many lines name a Postfix daemon, and their form is unknown */
  | { readonly type: 'unread'; readonly source: string; readonly lines: number };

/** A watch on a source, until it is closed. */
export interface Watch {
  close(): void;
}

export interface LogSource {
  readonly name: string;
  /** Whether a saved position is one of this source. */
  owns(position: Position): boolean;
  /** Starts at `position`, or at the end of the log without one, or with one of another source. */
  start(position: Position | undefined): Promise<void>;
  /** The next records; an empty batch where there are none now. Never throws: an error becomes a notice. */
  read(now: number): Promise<Batch>;
  /**
   * Watches the source, as it was at the last read, and calls `changed` when there may be more to read. Not while it reads.
   *
   * @returns undefined where the source can only be polled, as one without this method
   */
  watch?(changed: () => void): Promise<Watch | undefined>;
  stop(): Promise<void>;
}
