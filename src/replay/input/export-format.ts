// `journalctl -o export`: fields of text or of bytes, an empty line after each entry (systemd.journal-fields(7),
// https://systemd.io/JOURNAL_EXPORT_FORMATS).

import {
  ENTRY_FIELDS,
  type EntryFields,
  EntryReader,
  textOfEntry,
} from '../../maillog/syslog/journal-entry.ts';
import { MAX_LINE } from '../../maillog/syslog/line-reader.ts';
import { namesDaemon } from '../../maillog/syslog/named-daemon.ts';
import { MAIL_PROCESSES } from '../../maillog/syslog/process.ts';
import type { LogRecord } from '../../maillog/syslog/record.ts';
import { OTHER, type Parser, type ParserOptions } from './parser.ts';

type Wanted = (typeof ENTRY_FIELDS)[number];
const NAME = /^[A-Z0-9_]{1,64}$/;
/** Bytes of the size that precedes a field of bytes. */
const SIZE = 8;
/** journald itself accepts no entry above 1 GiB: a larger size is damage. */
const MAX_BYTES = 2 ** 30;

/** A field of bytes while it is read. */
interface Blob {
  readonly name: string;
  /** bytes still to come, with the newline after them; undefined while the size is read */
  left: number | undefined;
  text: string;
}

export class ExportParser implements Parser {
  /** entries read so far */
  lines = 0;
  isLog = false;
  readonly #onUnreadable: ParserOptions['onUnreadable'];
  readonly #onLine: ParserOptions['onLine'];
  readonly #entries = new EntryReader(MAIL_PROCESSES);
  #records: LogRecord[] = [];
  #fields: { -readonly [name in keyof EntryFields]: EntryFields[name] } = {};
  #hasEntry = false;
  /** the start of a line whose end has not come yet */
  #line = '';
  #blob: Blob | undefined;
  #damage: Error | undefined;

  constructor({ onUnreadable, onLine }: ParserOptions) {
    this.#onUnreadable = onUnreadable;
    this.#onLine = onLine;
  }

  push(bytes: Buffer): readonly LogRecord[] {
    this.#records = [];
    const text = bytes.toString('latin1');
    // The entries that precede the damage have been returned.
    if (this.#damage !== undefined) throw this.#damage;
    for (let from = 0; from < text.length && this.#damage === undefined; ) {
      from = this.#blob === undefined ? this.#readLine(text, from) : this.#readBlob(text, from, this.#blob);
    }
    return this.#records;
  }

  end(): readonly LogRecord[] {
    if (this.#damage !== undefined) throw this.#damage;
    this.#records = [];
    // A field of bytes that is cut off does not count.
    if (this.#line !== '') this.#takeLine(this.#line);
    this.#endEntry();
    return this.#records;
  }

  #readLine(text: string, from: number): number {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 ? text.length : newline;
    const part = text.slice(from, Math.min(to, from + MAX_LINE - this.#line.length));
    const line = this.#line === '' ? part : this.#line + part;
    if (newline < 0) {
      this.#line = line;
      return to;
    }
    this.#line = '';
    this.#takeLine(line);
    return newline + 1;
  }

  #takeLine(line: string): void {
    if (line === '') this.#endEntry();
    else this.#takeField(line);
  }

  #takeField(line: string): void {
    this.#hasEntry = true;
    const equals = line.indexOf('=');
    if (equals >= 0) {
      const name = ENTRY_FIELDS.find((wanted) => wanted.length === equals && line.startsWith(wanted));
      if (name !== undefined) this.#fields[name] ??= line.slice(equals + 1);
    } else if (NAME.test(line)) this.#blob = { name: line, left: undefined, text: '' };
    else this.#onUnreadable(line);
  }

  #readBlob(text: string, from: number, blob: Blob): number {
    if (blob.left === undefined) return this.#readSize(text, from, blob);
    const part = text.slice(from, from + blob.left);
    blob.left -= part.length;
    const room = MAX_LINE - blob.text.length;
    // The newline after the bytes is not one of them.
    const data = blob.left === 0 ? part.slice(0, -1) : part;
    if (room > 0 && isWanted(blob.name)) blob.text += data.slice(0, room);
    if (blob.left === 0) {
      if (isWanted(blob.name)) this.#fields[blob.name] ??= blob.text;
      this.#blob = undefined;
    }
    return from + part.length;
  }

  #readSize(text: string, from: number, blob: Blob): number {
    const part = text.slice(from, from + SIZE - blob.text.length);
    blob.text += part;
    if (blob.text.length === SIZE) {
      const size = Number(Buffer.from(blob.text, 'latin1').readBigUInt64LE());
      if (size > MAX_BYTES) this.#damage = new Error(`a field ${blob.name} of ${size} bytes`);
      blob.left = size + 1;
      blob.text = '';
    }
    return from + part.length;
  }

  #endEntry(): void {
    this.#blob = undefined;
    this.#line = '';
    if (!this.#hasEntry) return;
    this.#hasEntry = false;
    this.lines++;
    const { MESSAGE: message = '' } = this.#fields;
    if (this.#fields.__REALTIME_TIMESTAMP !== undefined) this.isLog = true;
    const record = this.#entries.read(this.#fields);
    this.#onLine?.(textOfEntry(this.#fields), record ?? 'other');
    this.#fields = {};
    if (record !== undefined) this.#records.push(record);
    else if (namesDaemon(message, 0, message.length)) this.#onUnreadable(message, OTHER);
  }
}

function isWanted(name: string): name is Wanted {
  return (ENTRY_FIELDS as readonly string[]).includes(name);
}

/** When the first entry was written, in ms since 1970. */
export function firstTimeOfExport(head: string): number | undefined {
  const stamp = /^__REALTIME_TIMESTAMP=(\d{1,20})$/m.exec(head);
  return stamp === null ? undefined : Math.floor(Number(stamp[1]) / 1000);
}
