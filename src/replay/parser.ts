// What makes records of the bytes of an input: one for each format.

import type { LogRecord } from '../maillog/record.ts';

export interface Parser {
  /** lines, or entries of a journal, so far */
  readonly lines: number;
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

export interface ParserOptions {
  /** ms since 1970, to which stamps without a year come nearest */
  readonly now: number;
  /** A line that is no log line, in latin1, or its beginning; a window on the piece that was read. */
  onUnreadable(line: string): void;
}
