// Follows a log file: through rename-and-recreate, copytruncate, half-written lines, and times without a file.

import { stat } from 'node:fs/promises';
import { Condition } from '../../values/condition.ts';
import { LineReader } from '../syslog/line-reader.ts';
import { NO_PARTS } from '../syslog/parts.ts';
import { HOST_ZONE, type Zone } from '../syslog/zone.ts';
import { FileBatch, type Finished, type Surroundings } from './file-batch.ts';
import { watchFile } from './file-watch.ts';
import { OpenLog } from './open-log.ts';
import { finishedAt, locate, successors } from './rotation.ts';
import type { Batch, FilePosition, LogSource, Notice, Position, Watch } from './source.ts';

/** Inode of a position in a log that does not exist yet. */
const NOT_YET = 0;
const NS_PER_MS = 1_000_000n;

/** An open file, and what was read before it. */
interface Opened {
  readonly file: OpenLog;
  readonly after: Finished | undefined;
}

type State =
  /** no file is open; the position says which one to open */
  | { readonly type: 'closed'; readonly after: Finished | undefined }
  | ({ readonly type: 'reading' } & Opened)
  /** the open file has a successor: what it holds at the next read is all that it will hold */
  | ({ readonly type: 'finishing' } & Opened)
  /** a file was read to its end; its successor is to be opened */
  | { readonly type: 'finished'; readonly finished: Finished };

/** Where reading continues. A position costs a digest and is seldom asked for: after lines, their batch works it out. */
type Continuation = FilePosition | FileBatch | undefined;

export class FileSource implements LogSource {
  readonly name: string;
  readonly #notify: (notice: Notice) => void;
  readonly #lines: LineReader;
  #state: State = { type: 'closed', after: undefined };
  #continuation: Continuation;
  /** the log cannot be read; the value is the reason */
  readonly #lost = new Condition<string>();
  /** lines are missing before the next record */
  #hasGap = false;

  /** @param zone of stamps without one */
  constructor(path: string, notify: (notice: Notice) => void, zone: Zone = HOST_ZONE) {
    this.name = path;
    this.#notify = notify;
    this.#lines = new LineReader(zone);
  }

  owns(position: Position): position is FilePosition {
    return position.type === 'file' && position.path === this.name;
  }

  async start(position: Position | undefined): Promise<void> {
    if (position !== undefined && this.owns(position)) this.#continuation = position;
  }

  async read(now: number): Promise<Batch> {
    const isWhole = this.#state.type === 'finishing';
    try {
      const { file, after } = this.#opened ?? (await this.#open(now));
      const at = lastAt(this.#continuation);
      const batch = await this.#next(file, { path: this.name, lines: this.#lines, now, isWhole, at, after });
      if (this.#opened !== undefined && this.#lost.end() !== undefined)
        this.#notify({ type: 'found', source: this.name });
      if (batch !== undefined) return batch;
    } catch (error) {
      await this.#close();
      const { message: reason } = error as Error;
      if (this.#lost.set(reason, now) !== 'same') this.#notify({ type: 'lost', source: this.name, reason });
    }
    const continuation = this.#continuation;
    return { records: [], isAtEnd: this.#isAtEnd, positionAfter: () => positionAt(continuation) };
  }

  async watch(changed: () => void): Promise<Watch | undefined> {
    return await watchFile(this.name, this.#opened?.file.descriptor, changed);
  }

  async stop(): Promise<void> {
    await this.#close();
  }

  get #opened(): Opened | undefined {
    return this.#state.type === 'reading' || this.#state.type === 'finishing' ? this.#state : undefined;
  }

  get #isAtEnd(): boolean {
    return this.#opened === undefined ? this.#lost.current !== undefined : this.#state.type === 'reading';
  }

  async #next(file: OpenLog, around: Surroundings): Promise<FileBatch | undefined> {
    const isBeginning = file.isAtStart && file.path === this.name;
    const piece = await file.read(around);
    if (isBeginning && (await this.#isPreceded(around.after))) await this.#goBack(around.after);
    else if (piece === 'end') await this.#atEnd(file);
    else if (piece === 'truncated') await this.#truncated();
    else if (piece === 'overlong') this.#notify({ type: 'overlong', source: file.path });
    else {
      this.#reportGap(piece);
      if (piece.unread > 0) this.#notify({ type: 'unread', source: this.name, lines: piece.unread });
      this.#continuation = piece;
      return piece;
    }
    if (piece === 'overlong' && this.#opened?.file === file) this.#continuation = file.here(around);
    return undefined;
  }

  /**
   * Whether a file was filled and rotated between the last one read and the log. Asked after the first read of the log:
   * if the log was copied and truncated before that read, the copy exists by now.
   */
  async #isPreceded(after: Finished | undefined): Promise<boolean> {
    if (after === undefined) return false;
    const [earliest] = await successors(this.name, after);
    return earliest !== undefined && !earliest.isLog && !earliest.isCompressed;
  }

  async #goBack(after: Finished | undefined): Promise<void> {
    await this.#close();
    if (after !== undefined) await this.#openSuccessor(after);
  }

  /** Nothing more to read now. Looks for a file that comes after this one. */
  async #atEnd(file: OpenLog): Promise<void> {
    const log = await stat(this.name).catch(() => undefined);
    if (log === undefined || !log.isFile() || log.ino === file.inode) return;
    const finished = { inode: file.inode, modified: await file.modified() };
    // While the new log is empty, its writer may still have the old one open.
    if (log.size === 0 && (await successors(this.name, finished)).length < 2) return;
    if (this.#state.type === 'reading') {
      this.#state = { ...this.#state, type: 'finishing' };
      return;
    }
    await this.#close();
    this.#state = { type: 'finished', finished };
  }

  async #truncated(): Promise<void> {
    this.#notify({ type: 'truncated', source: this.name });
    await this.#close();
  }

  /** Opens the file after the finished one; else the file that holds the position; else the log, at its end. */
  async #open(now: number): Promise<Opened> {
    if (this.#state.type === 'finished') return await this.#openSuccessor(this.#state.finished);
    const position = positionAt(this.#continuation) ?? (await this.#firstPosition(now));
    if (position === undefined) return await this.#openAt(this.name, undefined);
    if (position.after !== undefined) return await this.#openSuccessor(finishedAt(position));
    const found = await locate(this.name, position);
    if (found !== undefined) return await this.#openAt(found.path, position.offset);
    this.#hasGap = true;
    return await this.#openSuccessor(finishedAt(position));
  }

  /** A first start reads from the end of the log. If the log does not exist yet, all that it will hold is new. */
  async #firstPosition(now: number): Promise<FilePosition | undefined> {
    const finished = { inode: -1, modified: BigInt(now) * NS_PER_MS };
    this.#state = { type: 'closed', after: finished };
    if (await isFile(this.name)) return undefined;
    const after = { inode: -1, modified: String(finished.modified) };
    const position: FilePosition = {
      type: 'file',
      path: this.name,
      inode: NOT_YET,
      offset: 0,
      mark: '',
      after,
    };
    this.#continuation = position;
    return position;
  }

  /** @param offset undefined for the end */
  async #openAt(path: string, offset: number | undefined): Promise<Opened> {
    const file = await OpenLog.open(path, offset);
    return this.#startReading(file, this.#state.type === 'closed' ? this.#state.after : undefined);
  }

  async #openSuccessor(finished: Finished): Promise<Opened> {
    const later = await successors(this.name, finished);
    const next = later.find((relative) => !relative.isCompressed);
    this.#hasGap ||= later[0]?.isCompressed ?? false;
    const file = await OpenLog.open(next?.path ?? this.name, 0);
    // Rotated once more between the look and the opening: this is not the file that was found.
    if (next !== undefined && file.inode !== next.inode) {
      await file.close();
      return await this.#openSuccessor(finished);
    }
    if (finished.inode >= 0) this.#notify({ type: 'rotated', source: this.name, next: file.path });
    return this.#startReading(file, finished);
  }

  #startReading(file: OpenLog, after: Finished | undefined): Opened {
    // Lines read after the position were not taken.
    this.#lines.parts = this.#continuation?.parts ?? NO_PARTS;
    const around = { path: this.name, lines: this.#lines, now: 0, isWhole: false, after };
    this.#continuation = file.here({ ...around, at: lastAt(this.#continuation) });
    const opened = { file, after };
    this.#state = { type: 'reading', ...opened };
    return opened;
  }

  async #close(): Promise<void> {
    const opened = this.#opened;
    if (opened === undefined) return;
    this.#state = { type: 'closed', after: opened.after };
    await opened.file.close();
  }

  /** Reported with the first record after the gap: only its stamp shows how long the gap is. */
  #reportGap(batch: FileBatch): void {
    const first = batch.records[0];
    if (!this.#hasGap || first === undefined) return;
    this.#hasGap = false;
    this.#notify({ type: 'gap', source: this.name, since: lastAt(this.#continuation), until: first.at });
  }
}

function positionAt(continuation: Continuation): FilePosition | undefined {
  return continuation instanceof FileBatch
    ? continuation.positionAfter(continuation.records.length)
    : continuation;
}

/** ms since 1970: stamp of the last record before the point where reading continues */
function lastAt(continuation: Continuation): number | undefined {
  if (continuation instanceof FileBatch) return continuation.lastAt;
  return continuation?.at === undefined ? undefined : Date.parse(continuation.at);
}

export async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}
