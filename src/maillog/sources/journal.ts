// Follows the systemd journal through journalctl(1), from a cursor on.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { Condition } from '../../values/condition.ts';
import { isoText } from '../../values/iso-time.ts';
import { ENTRY_FIELDS, EntryReader, fieldsOfJson } from '../syslog/journal-entry.ts';
import { NO_PARTS, type Parts } from '../syslog/parts.ts';
import type { LogRecord } from '../syslog/record.ts';
import { ownMachine } from './own-machine.ts';
import type { Batch, JournalPosition, LogSource, Notice, Position, Watch } from './source.ts';

/** Which entries to read. */
export interface JournalSelection {
  /** a systemd unit */
  readonly unit?: string | undefined;
  /** a container whose runtime logs to the journal; without it and a unit, everything of the syslog facility mail */
  readonly container?: string | undefined;
  /** a directory of journal files; without it, the host's own journal */
  readonly directory?: string | undefined;
}

/** syslog.h: LOG_MAIL */
const MAIL_FACILITY = 'SYSLOG_FACILITY=2';
/**
 * sd-messages.h, SD_MESSAGE_JOURNAL_DROPPED: journald suppressed messages. Its own facility is `daemon`. With `--unit`,
 * journalctl also finds messages about the unit (OBJECT_SYSTEMD_UNIT).
 */
const SUPPRESSED = 'MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e';
/** Bytes of one entry; journalctl itself leaves out fields of more than 4,096. */
const MAX_ENTRY = 1 << 16;
/** ms between two attempts to start journalctl */
const RESTART = 1000;

export class JournalSource implements LogSource {
  readonly name = 'journal';
  readonly #selection: JournalSelection;
  readonly #notify: (notice: Notice) => void;
  readonly #reader = new EntryReader();
  #position: JournalPosition | undefined;
  #child: ChildProcess | undefined;
  #output: Readable | undefined;
  #errors = '';
  #rest = '';
  /** called when journalctl has written something, or has ended */
  #changed: (() => void) | undefined;
  /** journalctl does not run; the value is the reason */
  readonly #lost = new Condition<string>();
  #restartAt = 0;
  /** ms since 1970: entries since then are gone from the journal unread; reported with the first one after them */
  #gapSince: number | undefined;

  constructor(selection: JournalSelection, notify: (notice: Notice) => void) {
    this.#selection = selection;
    this.#notify = notify;
  }

  owns(position: Position): position is JournalPosition {
    return position.type === 'journal';
  }

  async start(position: Position | undefined): Promise<void> {
    if (position !== undefined && this.owns(position)) {
      const { at, ...own } = position;
      this.#position = own;
      if (at !== undefined && !(await this.#reachesBackTo(at))) this.#gapSince = Date.parse(at);
    } else this.#position = await this.#newest();
    this.#reader.parts = this.#position?.parts ?? NO_PARTS;
  }

  async read(now: number): Promise<Batch> {
    this.#position ??= { type: 'journal', since: isoText(now) };
    // If the clock was set back, do not wait until it reaches this time again.
    const isTime = now >= this.#restartAt || now < this.#restartAt - RESTART;
    if (this.#child === undefined && isTime) await this.#spawn(this.#position, now);
    const chunk: string | null = this.#output?.read() ?? null;
    return this.#batch(chunk === null ? [] : this.#entries(chunk), chunk === null);
  }

  /** An attempt to start journalctl again is not seen: a second between two of them is what a poll takes. */
  async watch(changed: () => void): Promise<Watch> {
    this.#changed = changed;
    return { close: () => (this.#changed = undefined) };
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    child?.kill();
  }

  #batch(entries: readonly ReadEntry[], isAtEnd: boolean): Batch {
    const before = this.#position;
    const last = entries.at(-1);
    if (last !== undefined) this.#position = positionOf(last);
    const withRecord = entries.filter((entry) => entry.record !== undefined);
    this.#lookForGap(withRecord[0]?.record?.at);
    return {
      records: withRecord.flatMap((entry) => entry.record ?? []),
      isAtEnd,
      positionAfter: (count) => {
        const entry = count === withRecord.length ? last : withRecord[count - 1];
        return entry === undefined ? before : positionOf(entry);
      },
    };
  }

  #entries(text: string): ReadEntry[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MAX_ENTRY) {
      this.#notify({ type: 'overlong', source: this.name });
      this.#rest = '';
    }
    if (lines.length > 0 && this.#lost.end() !== undefined)
      this.#notify({ type: 'found', source: this.name });
    return lines.flatMap((line) => {
      const entry = parseEntry(line, this.#reader);
      return entry === undefined ? [] : { ...entry, parts: this.#reader.parts };
    });
  }

  async #spawn({ cursor, since }: JournalPosition, now: number): Promise<void> {
    const from =
      cursor === undefined ? `--since=@${Date.parse(since ?? '') / 1000}` : await this.#after(cursor);
    const args = [
      '--output=json',
      `--output-fields=${ENTRY_FIELDS.join(',')}`,
      '--quiet',
      '--follow',
      '--no-tail',
      // Otherwise --follow implies --boot (parse_argv in journalctl.c, systemd 252): entries from before a reboot are left
      // out, and in a container, where boot_id differs in the namespace of the unit, all are.
      '--merge',
      from,
    ];
    const child = spawn('journalctl', [...args, ...this.#matches()], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#output = child.stdout.setEncoding('utf8').on('readable', () => this.#changed?.());
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
    this.#changed?.();
    this.#restartAt = now + RESTART;
    if (this.#lost.set(reason, now) !== 'same') this.#notify({ type: 'lost', source: this.name, reason });
  }

  /** If the entry of the cursor is gone, --after-cursor would skip the first entry after it. */
  async #after(cursor: string): Promise<string> {
    const args = ['--output=json', '--output-fields=_HOSTNAME', '--quiet', '--lines=1', `--cursor=${cursor}`];
    const first = await promisify(execFile)('journalctl', [...args, ...this.#matches()]).catch(
      () => undefined,
    );
    const isGone = first !== undefined && parseEntry(first.stdout.trim())?.cursor !== cursor;
    return isGone ? `--cursor=${cursor}` : `--after-cursor=${cursor}`;
  }

  /** @param until ms: the first record, where there is one */
  #lookForGap(until: number | undefined): void {
    if (this.#gapSince === undefined || until === undefined) return;
    this.#notify({ type: 'gap', source: this.name, since: this.#gapSince, until });
    this.#gapSince = undefined;
  }

  /**
   * Whether the journal still has entries from before a time, of any program. Without --reverse, journalctl 252 does not
   * find existing ones.
   */
  async #reachesBackTo(at: string): Promise<boolean> {
    const args = ['--output=cat', '--quiet', '--reverse', '--lines=1', `--until=@${Date.parse(at) / 1000}`];
    const older = await promisify(execFile)('journalctl', [...args, ...this.#where()]).catch(() => undefined);
    // If journalctl fails, the source is lost, and that is reported.
    return older === undefined || older.stdout !== '';
  }

  /** The newest entry of the selection: the cursor of another one would hide the first one to come. */
  async #newest(): Promise<JournalPosition | undefined> {
    const run = promisify(execFile);
    const args = ['--output=json', '--output-fields=_HOSTNAME', '--quiet', '--lines=1', ...this.#matches()];
    const newest = await run('journalctl', args).catch(() => undefined);
    const cursor = newest === undefined ? undefined : parseEntry(newest.stdout.trim())?.cursor;
    return cursor === undefined ? undefined : { type: 'journal', cursor };
  }

  #matches(): string[] {
    const { unit, container, directory } = this.#selection;
    // With --merge, also the journals of other machines that are kept on this one are read.
    const own = directory === undefined ? ownMachine() : [];
    if (unit === undefined && container === undefined)
      return [...this.#where(), MAIL_FACILITY, ...own, '+', SUPPRESSED, ...own];
    const what = [...(unit === undefined ? [] : [`--unit=${unit}`]), ...own];
    return [...this.#where(), ...what, ...(container === undefined ? [] : [`CONTAINER_NAME=${container}`])];
  }

  #where(): string[] {
    const { directory } = this.#selection;
    return directory === undefined ? [] : [`--directory=${directory}`];
  }
}

/** An entry, and the starts of lines that are unfinished after it. */
interface ReadEntry extends Entry {
  readonly parts: Parts;
}

function positionOf({ cursor, parts }: ReadEntry): JournalPosition {
  return { type: 'journal', cursor, ...(parts.length === 0 ? {} : { parts }) };
}

interface Entry {
  readonly cursor: string;
  readonly record: LogRecord | undefined;
}

/**
 * The entry in a line of `journalctl --output=json`; undefined where it is not valid.
 *
 * @param reader has read the entries before
 */
export function parseEntry(line: string, reader = new EntryReader()): Entry | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof entry !== 'object' || entry === null) return undefined;
  const fields = entry as Readonly<Record<string, unknown>>;
  const cursor = fields.__CURSOR;
  return typeof cursor === 'string' ? { cursor, record: reader.read(fieldsOfJson(fields)) } : undefined;
}
