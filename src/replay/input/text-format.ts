// Log files with one record a line: from syslog daemons, postlogd(8), container runtimes, and journalctl -o json.

import { EntryReader, textOfEntry } from '../../maillog/syslog/journal-entry.ts';
import { LineReader, MAX_LINE } from '../../maillog/syslog/line-reader.ts';
import { namesDaemon } from '../../maillog/syslog/named-daemon.ts';
import { MAIL_PROCESSES } from '../../maillog/syslog/process.ts';
import { textOfUtf8 } from '../../maillog/syslog/utf8.ts';
import { entryAt, firstTimeOfJson, MAX_ENTRY } from './json-format.ts';
import { LineParser } from './line-parser.ts';
import { OTHER, type Parser, type ParserOptions, type Times } from './parser.ts';

/** Characters of a line at most; the longest are Docker's. */
const MAX_TEXT_LINE = 1 << 17;
const BRACE = 123;

export function textParser({ now, zone, onUnreadable, onLine }: ParserOptions): Parser {
  const lines = new LineReader(zone, MAIL_PROCESSES);
  const entries = new EntryReader(MAIL_PROCESSES);
  return new LineParser(MAX_TEXT_LINE, (log, from, to) => {
    const { text, bytes } = log;
    const isObject = from < to && bytes.getUint8(from) === BRACE;
    const entry = isObject ? entryAt(text, from, to) : undefined;
    const record = entry === undefined ? lines.read(log, now, from, to) : (entries.read(entry) ?? 'other');
    onLine?.(entry === undefined ? textOfUtf8(text.slice(from, to)) : textOfEntry(entry), record);
    if (typeof record !== 'string') return record;
    const isNamed = namesDaemon(text, from, to);
    if (record === 'unknown' || isNamed) {
      const max = isObject ? MAX_ENTRY : MAX_LINE;
      const line = text.slice(from, Math.min(to, from + max));
      if (line.trim() !== '') onUnreadable(line, record === 'unknown' ? undefined : OTHER);
    }
    return isNamed ? 'other' : record;
  });
}

/** When the first line with a time was written, in ms since 1970. */
export function firstTimeOfText(head: string, { now, zone }: Times): number | undefined {
  const lines = new LineReader(zone, MAIL_PROCESSES);
  for (const line of head.split('\n')) {
    const at = lines.timeOf(line, now) ?? firstTimeOfJson(line);
    if (at !== undefined) return at;
  }
  return undefined;
}
