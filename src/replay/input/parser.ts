// What makes records of the bytes of an input: one for each format.

import type { LogRecord, NoRecord } from '../../maillog/syslog/record.ts';
import type { Zone } from '../../maillog/syslog/zone.ts';

export interface Parser {
  /** lines, or entries of a journal, so far */
  readonly lines: number;
  /** whether any of them has the form of a log line, of whatever program, or names a daemon of Postfix's */
  readonly isLog: boolean;
  /**
   * Takes the next bytes, cut anywhere; they are not kept.
   *
   * @returns the records that are complete now
   * @throws where what came before them cannot be understood, and so what follows
   */
  push(bytes: Buffer): readonly LogRecord[];
  /** The record that nothing closed but the end; throws as `push` does. */
  end(): readonly LogRecord[];
}

/** How stamps are understood that do not tell all. */
export interface Times {
  /** ms since 1970, to which stamps without a year come nearest */
  readonly now: number;
  /** of stamps without a zone */
  readonly zone: Zone;
}

export interface ParserOptions extends Times {
  /**
   * A line that gave no record though it should have, in latin1, or its beginning; a window on the piece that was read.
   *
   * @param why where that is known
   */
  onUnreadable(line: string, why?: string): void;
  /** Hears of every line in its turn, and of what it gives; of a journal, of every entry. */
  readonly onLine?: ((text: string, read: LogRecord | NoRecord) => void) | undefined;
}

/** Why a line gave no record although it names a daemon. */
export const OTHER = 'logged by another program, or a part of a longer line';
