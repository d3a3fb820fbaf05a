// The interface of a parser: it turns the bytes of an input into records. Each format has one.

import type { LogRecord, NoRecord } from '../../maillog/syslog/record.ts';
import type { Zone } from '../../maillog/syslog/zone.ts';

export interface Parser {
  /** lines parsed so far; entries of a journal */
  readonly lines: number;
  /** whether any line has the form of a log line of any program, or names a Postfix daemon */
  readonly isLog: boolean;
  /**
   * Parses the next bytes, which may end within a line. Keeps no reference to them.
   *
   * @returns the records that are complete now
   * @throws when damage before these bytes makes all that follows unreadable
   */
  push(bytes: Buffer): readonly LogRecord[];
  /** The record that only the end of the input completes; throws as `push` does. */
  end(): readonly LogRecord[];
}

/** Completes stamps without a year or a zone. */
export interface Times {
  /** ms since 1970: a stamp without a year gets the year that brings it nearest to this */
  readonly now: number;
  /** of stamps without a zone */
  readonly zone: Zone;
}

export interface ParserOptions extends Times {
  /**
   * A line that should have given a record and did not, or its start, in latin1. It shares memory with the piece.
   *
   * @param why where that is known
   */
  onUnreadable(line: string, why?: string): void;
  /** Called for every line in turn, with what it gives; for every entry of a journal. */
  readonly onLine?: ((text: string, read: LogRecord | NoRecord) => void) | undefined;
}

/** Why a line that names a Postfix daemon gives no record. */
export const OTHER = 'logged by another program, or part of a longer line';
