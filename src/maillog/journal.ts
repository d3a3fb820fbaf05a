// Follows the systemd journal through journalctl(1), from a cursor on.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { CLIENT_PROCESSES, type Processes } from './process.ts';
import type { LogRecord } from './record.ts';
import type { Batch, JournalPosition, LogSource, Notice, Position } from './source.ts';

/** Which entries to read. */
export interface JournalSelection {
  /** a systemd unit; without it, everything of the syslog facility mail */
  readonly unit?: string | undefined;
  /** a directory of journal files; without it, the host's own journal */
  readonly directory?: string | undefined;
}

const FIELDS = ['MESSAGE', 'SYSLOG_IDENTIFIER', 'SYSLOG_PID', '_PID', '_HOSTNAME'];
/** syslog.h: LOG_MAIL */
const MAIL_FACILITY = 'SYSLOG_FACILITY=2';
/** Bytes of one entry; journalctl itself leaves out fields of more than 4,096. */
const MAX_ENTRY = 1 << 16;
/** ms between two attempts to start journalctl */
const RESTART = 1000;

export class JournalSource implements LogSource {
  readonly name = 'journal';
  readonly #selection: JournalSelection;
  readonly #notify: (notice: Notice) => void;
  #position: JournalPosition | undefined;
  #child: ChildProcess | undefined;
  #output: Readable | undefined;
  #errors = '';
  #rest = '';
  #lost: string | undefined;
  #restartAt = 0;

  constructor(selection: JournalSelection, notify: (notice: Notice) => void) {
    this.#selection = selection;
    this.#notify = notify;
  }

  async start(position: Position | undefined): Promise<void> {
    if (position?.type === 'journal') this.#position = position;
    else this.#position = await this.#newest();
  }

  async read(now: number): Promise<Batch> {
    this.#position ??= { type: 'journal', since: new Date(now).toISOString() };
    // Where the clock was set back, nobody waits until it comes this far again.
    const isTime = now >= this.#restartAt || now < this.#restartAt - RESTART;
    if (this.#child === undefined && isTime) this.#spawn(this.#position, now);
    const chunk: string | null = this.#output?.read() ?? null;
    return this.#batch(chunk === null ? [] : this.#entries(chunk), chunk === null);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    child?.kill();
  }

  #batch(entries: readonly Entry[], isAtEnd: boolean): Batch {
    const before = this.#position;
    const last = entries.at(-1)?.cursor;
    if (last !== undefined) this.#position = { type: 'journal', cursor: last };
    const told = entries.filter((entry) => entry.record !== undefined);
    const cursorAfter = (count: number) =>
      (count === told.length ? (entries.at(-1) ?? told.at(-1)) : told[count - 1])?.cursor;
    return {
      records: told.flatMap((entry) => entry.record ?? []),
      isAtEnd,
      positionAfter: (count) => {
        const cursor = cursorAfter(count);
        return cursor === undefined ? before : { type: 'journal', cursor };
      },
    };
  }

  #entries(text: string): Entry[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MAX_ENTRY) {
      this.#notify({ type: 'overlong', source: this.name });
      this.#rest = '';
    }
    if (lines.length > 0) this.#found();
    return lines.flatMap((line) => parseEntry(line) ?? []);
  }

  #spawn({ cursor, since }: JournalPosition, now: number): void {
    const from =
      cursor === undefined ? `--since=@${Date.parse(since ?? '') / 1000}` : `--after-cursor=${cursor}`;
    const args = [
      '--output=json',
      `--output-fields=${FIELDS.join(',')}`,
      '--quiet',
      '--follow',
      '--no-tail',
      from,
    ];
    const child = spawn('journalctl', [...args, ...this.#matches()], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#output = child.stdout.setEncoding('utf8');
    this.#rest = '';
    this.#errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-500);
    });
    child.on('error', (error) => this.#ended(child, now, `journalctl: ${error.message}`));
    child.on('close', (code) =>
      this.#ended(child, now, this.#errors.trim() || `journalctl ended with status ${code}`),
    );
  }

  #ended(child: ChildProcess, now: number, reason: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#output = undefined;
    this.#restartAt = now + RESTART;
    if (this.#lost === reason) return;
    this.#lost = reason;
    this.#notify({ type: 'lost', source: this.name, reason });
  }

  #found(): void {
    if (this.#lost === undefined) return;
    this.#lost = undefined;
    this.#notify({ type: 'found', source: this.name });
  }

  /** The newest entry of the selection: the cursor of another would hide the first one that comes. */
  async #newest(): Promise<JournalPosition | undefined> {
    const run = promisify(execFile);
    const args = ['--output=json', '--output-fields=_HOSTNAME', '--quiet', '--lines=1', ...this.#matches()];
    const newest = await run('journalctl', args).catch(() => undefined);
    const cursor = newest === undefined ? undefined : parseEntry(newest.stdout.trim())?.cursor;
    return cursor === undefined ? undefined : { type: 'journal', cursor };
  }

  #matches(): string[] {
    const { unit, directory } = this.#selection;
    const where = directory === undefined ? [] : [`--directory=${directory}`];
    return [...where, unit === undefined ? MAIL_FACILITY : `--unit=${unit}`];
  }
}

interface Entry {
  readonly cursor: string;
  readonly record: LogRecord | undefined;
}

/** One line of `journalctl --output=json` (systemd.journal-fields(7)); undefined where it is none. */
export function parseEntry(line: string): Entry | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof entry !== 'object' || entry === null) return undefined;
  const fields = entry as Record<string, unknown>;
  const cursor = fields.__CURSOR;
  return typeof cursor === 'string' ? { cursor, record: recordOfEntry(fields) } : undefined;
}

/**
 * The record of an entry's fields (systemd.journal-fields(7)).
 *
 * @param processes whose entries are wanted
 */
export function recordOfEntry(
  fields: Readonly<Record<string, unknown>>,
  processes: Processes = CLIENT_PROCESSES,
): LogRecord | undefined {
  const tag = textOf(fields.SYSLOG_IDENTIFIER);
  const program = processes.programOf(tag);
  const at = Math.floor(Number(fields.__REALTIME_TIMESTAMP) / 1000);
  const message = textOf(fields.MESSAGE);
  if (program === undefined || !Number.isFinite(at) || message === '') return undefined;
  const pid = textOf(fields.SYSLOG_PID) || textOf(fields._PID);
  return { at, program, process: `${textOf(fields._HOSTNAME)} ${tag}[${pid}`, message };
}

/** journalctl prints a field as text, or as a list of bytes where it holds what is not printable. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((byte) => typeof byte === 'number'))
    return Buffer.from(value).toString('latin1');
  return '';
}
