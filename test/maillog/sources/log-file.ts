// A mail log on disk that grows and is rotated as syslog daemons and logrotate do it, and a reader driven by hand.

import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { FileSource } from '../../../src/maillog/sources/file.ts';
import type { Batch, Notice, Position } from '../../../src/maillog/sources/source.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { line, START } from '../log.ts';

const folder = temporaryFolder();

export class LogFile {
  readonly path = join(mkdtempSync(join(folder, 'log-')), 'mail.log');
  /** seconds since START: each line and each rotation is later than the one before */
  #second = 0;
  #rotated = 0;

  /** The text of the next `count` lines; a line is known again by its number, which is its second. */
  text(count: number): string {
    return Array.from({ length: count }, () => `${numbered(++this.#second)}\n`).join('');
  }

  /** Appends text at a moment of its own, by default to the log itself. */
  append(text: string, path = this.path): void {
    appendFileSync(path, text);
    this.touch(path);
  }

  /** Appends whole lines, and returns their numbers. */
  lines(count: number, path = this.path): number[] {
    const first = this.#second + 1;
    this.append(this.text(count), path);
    return Array.from({ length: count }, (_, i) => first + i);
  }

  /** Gives the file the time of the newest line. */
  touch(path = this.path): void {
    const time = START / 1000 + this.#second + 0.5;
    utimesSync(path, time, time);
  }

  /** mail.log becomes mail.log.1, and so on; returns the path of mail.log.1. */
  rename(): string {
    const rotated = this.#shift();
    renameSync(this.path, rotated);
    return rotated;
  }

  create(): void {
    this.#second++;
    writeFileSync(this.path, '');
    this.touch();
  }

  copyTruncate(): string {
    const rotated = this.#shift();
    copyFileSync(this.path, rotated);
    this.touch(rotated);
    this.#second++;
    truncateSync(this.path);
    this.touch();
    return rotated;
  }

  /** The number of the newest line, or of the moment after it. */
  get second(): number {
    return this.#second;
  }

  #shift(): string {
    for (let i = this.#rotated; i > 0; i--) {
      const old = `${this.path}.${i}`;
      if (existsSync(old)) renameSync(old, `${this.path}.${i + 1}`);
    }
    this.#rotated++;
    return `${this.path}.1`;
  }
}

function numbered(second: number): string {
  return line(`disconnect from a[192.0.2.1] commands=${second}`, 'smtpd', 101, second);
}

/** The numbers of the lines in a batch. */
export function numbersOf(batch: Batch): number[] {
  return batch.records.map(({ message }) => Number(/commands=(\d+)/.exec(message)?.[1]));
}

/** More reads than any test needs to come to the end of its log. */
const MOST_READS = 300;

const readings: Reading[] = [];

/** Closes every followed file. */
export async function stopReadings(): Promise<void> {
  for (const reading of readings.splice(0)) await reading.source.stop();
}

export class Reading {
  readonly notices: Notice[] = [];
  readonly source: FileSource;

  private constructor(path: string) {
    this.source = new FileSource(path, (notice) => this.notices.push(notice));
  }

  static async start(path: string, position?: Position): Promise<Reading> {
    const reading = new Reading(path);
    readings.push(reading);
    await reading.source.start(position);
    // Without a position, the first read finds the end.
    if (position === undefined) await reading.source.read(START);
    return reading;
  }

  /** Reads until there is nothing more, twice. @returns the batches with records */
  async batches(): Promise<Batch[]> {
    const batches: Batch[] = [];
    let ends = 0;
    for (let reads = 0; ends < 2; reads++) {
      if (reads > MOST_READS) throw new Error('the end of the log is never reached');
      const batch = await this.source.read(START);
      if (batch.records.length > 0) batches.push(batch);
      ends = batch.isAtEnd ? ends + 1 : 0;
    }
    return batches;
  }

  /** The numbers of all lines up to the end. */
  async rest(): Promise<number[]> {
    return (await this.batches()).flatMap(numbersOf);
  }

  /** Where a restart goes on. */
  async position(): Promise<Position | undefined> {
    return (await this.source.read(START)).positionAfter(0);
  }

  get noticeTypes(): string[] {
    return this.notices.map(({ type }) => type);
  }
}

/** The lines that a reader reads from this position to the end, and its notices. */
export async function resume(
  path: string,
  position: Position | undefined,
): Promise<{ numbers: number[]; notices: Notice[] }> {
  // A position comes out of a snapshot.
  const kept = position && (JSON.parse(JSON.stringify(position)) as Position);
  const reading = await Reading.start(path, kept);
  const numbers = await reading.rest();
  await stopReadings();
  return { numbers, notices: reading.notices };
}
