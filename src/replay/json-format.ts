// `journalctl -o json`: an entry a line.

import { recordOfEntry } from '../maillog/journal.ts';
import { MAIL_PROCESSES } from '../maillog/process.ts';
import { textOfUtf8 } from '../maillog/utf8.ts';
import { LineParser } from './line-parser.ts';
import type { Parser, ParserOptions } from './parser.ts';

/** Bytes of an entry; journalctl itself leaves out fields of more than 4,096. */
const MAX_ENTRY = 1 << 16;

export function jsonParser({ onUnreadable }: ParserOptions): Parser {
  return new LineParser(MAX_ENTRY, ({ text }, from, to) => {
    const line = text.slice(from, to);
    const fields = fieldsOf(line);
    if (fields !== undefined) return recordOfEntry(fields, MAIL_PROCESSES);
    if (line.trim() !== '') onUnreadable(line);
    return undefined;
  });
}

/** When the first entry was written, in ms since 1970. */
export function firstTimeOfJson(head: string): number | undefined {
  const stamp = /"__REALTIME_TIMESTAMP"\s*:\s*"?(\d{1,20})\b/.exec(head);
  return stamp === null ? undefined : Math.floor(Number(stamp[1]) / 1000);
}

function fieldsOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const entry: unknown = JSON.parse(textOfUtf8(line));
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return undefined;
    return entry as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
