// `journalctl -o json`: one entry a line, possibly with other lines between them.

import { objectOf } from '../../maillog/syslog/container.ts';
import { type EntryFields, fieldsOfJson } from '../../maillog/syslog/journal-entry.ts';

/** Characters of an entry; journalctl itself leaves out fields of more than 4,096 bytes. */
export const MAX_ENTRY = 1 << 16;

/** The fields of the entry in a text from `from` to `to`; undefined for any other object. */
export function entryAt(text: string, from: number, to: number): EntryFields | undefined {
  if (to - from > MAX_ENTRY) return undefined;
  const entry = objectOf(text.slice(from, to));
  const isEntry = entry !== undefined && ('__REALTIME_TIMESTAMP' in entry || '__CURSOR' in entry);
  return isEntry ? fieldsOfJson(entry) : undefined;
}

/** When the first entry was written, in ms since 1970. */
export function firstTimeOfJson(head: string): number | undefined {
  const stamp = /"__REALTIME_TIMESTAMP"\s*:\s*"?(\d{1,20})\b/.exec(head);
  return stamp === null ? undefined : Math.floor(Number(stamp[1]) / 1000);
}
