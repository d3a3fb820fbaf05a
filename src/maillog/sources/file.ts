// Follows a log file through rename-and-recreate, copytruncate, half-written lines and times without any file.

import { stat } from 'node:fs/promises';
import { LineReader } from '../syslog/line-reader.ts';
import { NO_PARTS } from '../syslog/parts.ts';
import { HOST_ZONE, type Zone } from '../syslog/zone.ts';
import { FileBatch, type Finished, type Surroundings } from './file-batch.ts';
import { OpenLog } from './open-log.ts';
import { finishedAt, locate, successors } from './rotation.ts';
import type { Batch, FilePosition, LogSource, Notice, Position } from './source.ts';

/** Inode of the position in a log that is still awaited. */
const NOT_YET = 0;
const NS_A_MS = 1_000_000n;

/** A position costs a digest, and is seldom asked for: of lines that were read, it is worked out then. */
type Place = FilePosition | FileBatch | undefined;

export class FileSource implements LogSource {
  readonly name: string;
  readonly #notify: (notice: Notice) => void;
  readonly #lines: LineReader;
  #file: OpenLog | undefined;
  /** where reading goes on, also while no file is open: there, or behind these lines */
  #place: Place;
  /** the file that was read to its end, where its successor has still to be opened */
  #finished: Finished | undefined;
  /** the open file has a successor: what it holds by the next read is all that it will hold */
  #isFinishing = false;
  /** what was read before the open file */
  #after: Finished | undefined;
  #lost: string | undefined;
  #hasGap = false;

  /** @param zone of stamps that do not tell theirs */
  constructor(path: string, notify: (notice: Notice) => void, zone: Zone = HOST_ZONE) {
    this.name = path;
    this.#notify = notify;
    this.#lines = new LineReader(zone);
  }

  async start(position: Position | undefined): Promise<void> {
    if (position?.type === 'file' && position.path === this.name) this.#place = position;
  }

  async read(now: number): Promise<Batch> {
    const around = { path: this.name, lines: this.#lines, now, isWhole: this.#isFinishing };
    try {
      const file = this.#file ?? (await this.#open(now));
      const batch = await this.#next(file, { ...around, at: lastAt(this.#place), after: this.#after });
      this.#recovered();
      if (batch !== undefined) return batch;
    } catch (error) {
      await this.#close();
      this.#lose((error as Error).message);
    }
    const isAtEnd = this.#file === undefined ? this.#lost !== undefined : !this.#isFinishing;
    const place = this.#place;
    return { records: [], isAtEnd, positionAfter: () => positionAt(place) };
  }

  async stop(): Promise<void> {
    await this.#close();
  }

  async #next(file: OpenLog, around: Surroundings): Promise<FileBatch | undefined> {
    const isBeginning = file.isAtStart && file.path === this.name;
    const piece = await file.read(around);
    if (isBeginning && (await this.#isPreceded())) await this.#goBack();
    else if (piece === 'end') await this.#atEnd(file);
    else if (piece === 'truncated') await this.#truncated();
    else if (piece === 'overlong') this.#notify({ type: 'overlong', source: file.path });
    else {
      this.#tellGap(piece);
      this.#place = piece;
      return piece;
    }
    if (piece === 'overlong' && this.#file === file) this.#place = file.here(around);
    return undefined;
  }

  /**
   * Whether a file was filled and rotated between the last one read and the log. Asked after the first read of the log:
   * one that was copied and truncated before that read has its copy by now.
   */
  async #isPreceded(): Promise<boolean> {
    if (this.#after === undefined) return false;
    const [earliest] = await successors(this.name, this.#after);
    return earliest !== undefined && !earliest.isLog && !earliest.isCompressed;
  }

  async #goBack(): Promise<void> {
    await this.#close();
    if (this.#after !== undefined) await this.#openSuccessor(this.#after);
  }

  /** Nothing more to read now: is there a file that comes after this one? */
  async #atEnd(file: OpenLog): Promise<void> {
    const log = await stat(this.name).catch(() => undefined);
    if (log === undefined || !log.isFile() || log.ino === file.inode) return;
    const finished = { inode: file.inode, modified: await file.modified() };
    // While the new log is empty, its writer may not have let go of the old one yet.
    if (log.size === 0 && (await successors(this.name, finished)).length < 2) return;
    if (!this.#isFinishing) {
      this.#isFinishing = true;
      return;
    }
    await this.#close();
    this.#finished = finished;
  }

  async #truncated(): Promise<void> {
    this.#notify({ type: 'truncated', source: this.name });
    await this.#close();
  }

  /** The file after the finished one; else the file in which the position lies; else the end of the log. */
  async #open(now: number): Promise<OpenLog> {
    if (this.#finished !== undefined) return await this.#openSuccessor(this.#finished);
    const position = positionAt(this.#place) ?? (await this.#firstPosition(now));
    if (position === undefined) return this.#opened(await OpenLog.open(this.name, undefined));
    if (position.after !== undefined) return await this.#openSuccessor(finishedAt(position));
    const found = await locate(this.name, position);
    if (found !== undefined) return this.#opened(await OpenLog.open(found.path, position.offset));
    this.#hasGap = true;
    return await this.#openSuccessor(finishedAt(position));
  }

  /** On a first start reading begins at the end of the log; all that a log not yet there will hold is new. */
  async #firstPosition(now: number): Promise<FilePosition | undefined> {
    this.#after = { inode: -1, modified: BigInt(now) * NS_A_MS };
    if (await isFile(this.name)) return undefined;
    const after = { inode: -1, modified: String(this.#after.modified) };
    const position: FilePosition = {
      type: 'file',
      path: this.name,
      inode: NOT_YET,
      offset: 0,
      mark: '',
      after,
    };
    this.#place = position;
    return position;
  }

  async #openSuccessor(finished: Finished): Promise<OpenLog> {
    const later = await successors(this.name, finished);
    const next = later.find((relative) => !relative.isCompressed);
    this.#hasGap ||= later[0]?.isCompressed ?? false;
    const file = await OpenLog.open(next?.path ?? this.name, 0);
    // Rotated once more between the look and the opening: this is another file than the one meant.
    if (next !== undefined && file.inode !== next.inode) {
      await file.close();
      return await this.#openSuccessor(finished);
    }
    this.#finished = undefined;
    this.#after = finished;
    if (finished.inode >= 0) this.#notify({ type: 'rotated', source: this.name, next: file.path });
    return this.#opened(file);
  }

  #opened(file: OpenLog): OpenLog {
    const around = { path: this.name, lines: this.#lines, now: 0, isWhole: false };
    // What was read behind this place was not taken.
    this.#lines.parts = this.#place?.parts ?? NO_PARTS;
    this.#file = file;
    this.#isFinishing = false;
    this.#place = file.here({ ...around, at: lastAt(this.#place), after: this.#after });
    return file;
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#isFinishing = false;
    await file?.close();
  }

  #lose(reason: string): void {
    if (this.#lost === reason) return;
    this.#lost = reason;
    this.#notify({ type: 'lost', source: this.name, reason });
  }

  #recovered(): void {
    if (this.#lost === undefined || this.#file === undefined) return;
    this.#lost = undefined;
    this.#notify({ type: 'found', source: this.name });
  }

  /** Said with the first record behind the gap, because only that tells how long it was. */
  #tellGap(batch: FileBatch): void {
    const first = batch.records[0];
    if (!this.#hasGap || first === undefined) return;
    this.#hasGap = false;
    this.#notify({ type: 'gap', source: this.name, since: lastAt(this.#place), until: first.at });
  }
}

function positionAt(place: Place): FilePosition | undefined {
  return place instanceof FileBatch ? place.positionAfter(place.records.length) : place;
}

/** ms since 1970: stamp of the last record before a place */
function lastAt(place: Place): number | undefined {
  if (place instanceof FileBatch) return place.lastAt;
  return place?.at === undefined ? undefined : Date.parse(place.at);
}

export async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}
