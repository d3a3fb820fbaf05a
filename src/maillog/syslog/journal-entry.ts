// Turns entries of the systemd journal (systemd.journal-fields(7)) into records; joins lines that come in parts.

import { endedText } from './container.ts';
import { LineReader } from './line-reader.ts';
import { joined, NO_PARTS, type Parts } from './parts.ts';
import { CLIENT_PROCESSES, isSyslogDaemon, type Processes } from './process.ts';
import { type LogRecord, recordOf } from './record.ts';
import { textOfUtf8, utf8Bytes } from './utf8.ts';
import { HOST_ZONE } from './zone.ts';

/** The fields that a record is made of. */
export const ENTRY_FIELDS = [
  '__REALTIME_TIMESTAMP',
  'MESSAGE',
  'SYSLOG_IDENTIFIER',
  'SYSLOG_PID',
  '_PID',
  '_HOSTNAME',
  '_COMM',
  'PRIORITY',
  '_TRANSPORT',
  'CONTAINER_NAME',
  'CONTAINER_ID',
  'CONTAINER_PARTIAL_MESSAGE',
  'CONTAINER_PARTIAL_ORDINAL',
] as const;

/** Fields by name, as text of a log file: characters up to U+00FF, one for each byte. */
export type EntryFields = { readonly [name in (typeof ENTRY_FIELDS)[number]]?: string };

/** The fields of an entry in journalctl's JSON: text, or a list of bytes where it holds what is not printable. */
export function fieldsOfJson(entry: Readonly<Record<string, unknown>>): EntryFields {
  return Object.fromEntries(
    ENTRY_FIELDS.filter((name) => name in entry).map((name) => [name, bytesOf(entry[name])]),
  );
}

function bytesOf(value: unknown): string {
  if (typeof value === 'string') return utf8Bytes(value);
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value) && value.every((byte) => typeof byte === 'number'))
    return Buffer.from(value).toString('latin1');
  return '';
}

export class EntryReader {
  /** saved and restored with the position in the journal */
  parts: Parts = NO_PARTS;
  readonly #processes: Processes;
  readonly #lines: LineReader;

  /** @param processes whose entries are wanted */
  constructor(processes: Processes = CLIENT_PROCESSES) {
    this.#processes = processes;
    this.#lines = new LineReader(HOST_ZONE, processes);
  }

  /** Takes the next entry. @returns undefined where it gives no record */
  read(fields: EntryFields): LogRecord | undefined {
    const { __REALTIME_TIMESTAMP: time, MESSAGE: message = '', SYSLOG_IDENTIFIER: tag = '' } = fields;
    const at = Math.floor(Number(time || Number.NaN) / 1000);
    if (!Number.isFinite(at)) return undefined;
    if (isWholeLine(fields)) return this.#readLine(fields, at);
    const program = this.#processes.programOf(tag);
    if (program === undefined || message === '') return undefined;
    // Any program may log under these names. Only journald itself can write this field.
    if (isSyslogDaemon(program) && (program === 'rsyslogd' || fields._TRANSPORT !== 'driver'))
      return undefined;
    const text = `${fields._HOSTNAME ?? ''} ${tag}[${fields.SYSLOG_PID || fields._PID || ''}`;
    return recordOf(at, { text: text.trimStart(), program }, message);
  }

  #readLine(fields: EntryFields, at: number): LogRecord | undefined {
    const stream = `${fields.CONTAINER_ID ?? ''} ${fields.PRIORITY ?? ''}`;
    const isLast = fields.CONTAINER_PARTIAL_MESSAGE !== 'true';
    const isBegun = this.parts.some(([begun]) => begun === stream);
    const { parts, line } = joined(this.parts, { stream, ...endedText(fields.MESSAGE ?? '', isLast) });
    this.parts = parts;
    // The start of this line was in an entry before the first one that was read.
    const isRest = !isBegun && Number(fields.CONTAINER_PARTIAL_ORDINAL) > 1;
    const record = line === undefined || isRest ? 'other' : this.#lines.readInner(line, at, at);
    return typeof record === 'string' ? undefined : record;
  }
}

/** An entry as a line without its time: `HOST TAG[PID]: MESSAGE`; of a whole line in MESSAGE that line. */
export function textOfEntry(fields: EntryFields): string {
  const { MESSAGE: message = '', SYSLOG_IDENTIFIER: tag = '', _HOSTNAME: host = '' } = fields;
  const pid = fields.SYSLOG_PID || fields._PID || '';
  const text = isWholeLine(fields) ? message : `${host} ${tag}${pid === '' ? '' : `[${pid}]`}: ${message}`;
  return textOfUtf8(text.trimStart());
}

/**
 * Whether MESSAGE holds a whole line of a log, stamp and tag included: of a container, by the journald driver of Docker
 * or Podman, or of postlogd(8), whose standard output is the journal. Not of other programs: their messages may begin
 * with text that a client wrote.
 */
function isWholeLine(fields: EntryFields): boolean {
  return (
    fields.CONTAINER_ID !== undefined || fields.CONTAINER_NAME !== undefined || fields._COMM === 'postlogd'
  );
}
