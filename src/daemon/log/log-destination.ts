// Destinations of log lines: standard output or a file. Writing never waits, and pending lines are bounded.

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isJournal } from './journal-stream.ts';

/** Bytes that may wait for a reader or a disk: a reload that ends 100,000 blocks logs 20 MB. */
const MAX_WAITING = 1 << 25;
/** Mode of the log file: it names clients, and is not for everybody. */
const MODE = 0o640;
/** O_NONBLOCK: open(2) of a pipe that nobody reads fails instead of waiting. */
const FLAGS =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK | constants.O_NOCTTY;

const NEWLINE = 10;

export interface LogDestination {
  /** Whether it is the journal, which takes the priority of a line of text from its start. */
  readonly isJournal: boolean;
  /** Takes a line, with its newline; never waits, never throws. */
  write(line: string): void;
  /** No more lines will come. */
  end(): void;
  /** Resolves after the end, when every line has been written or lost. */
  readonly ended: Promise<void>;
}

/** Called when lines are lost: nobody reads them, or the disk is full. */
export type Loss = (lines: number) => void;

/** @throws the system's error where it cannot be opened, ENXIO for a pipe that nobody reads */
export function openLogFile(path: string): Promise<FileHandle> {
  return open(path, FLAGS, MODE);
}

export class StandardOutput implements LogDestination {
  readonly isJournal = isJournal(process.stdout.fd);
  readonly #loss: Loss;
  #hasEnded: () => void = () => undefined;
  readonly ended = new Promise<void>((resolve) => {
    this.#hasEnded = resolve;
  });

  constructor(loss: Loss) {
    this.#loss = loss;
  }

  write(line: string): void {
    const { stdout } = process;
    if (stdout.writableLength > MAX_WAITING) this.#loss(1);
    else stdout.write(line, (error) => error && this.#loss(1));
  }

  /** Standard output stays open: it belongs to the process. */
  end(): void {
    process.stdout.write('', () => this.#hasEnded());
  }
}

/** A file that is appended to. If it cannot be opened, the next line tries again. */
export class LogFile implements LogDestination {
  readonly isJournal = false;
  readonly #path: string;
  readonly #loss: Loss;
  readonly ended: Promise<void>;
  #waiting: string[] = [];
  #bytes = 0;
  #isEnding = false;
  #wake: () => void = () => undefined;
  #file: FileHandle | undefined;
  /** only a part of the last line was written */
  #isTorn = false;

  /** @param after resolves when writing may start: lines for the same file may still be pending */
  constructor(path: string, loss: Loss, after: Promise<void> = Promise.resolve()) {
    this.#path = path;
    this.#loss = loss;
    this.ended = after.then(() => this.#run());
  }

  write(line: string): void {
    if (this.#bytes > MAX_WAITING) {
      this.#loss(1);
      return;
    }
    this.#bytes += line.length;
    this.#waiting.push(line);
    this.#wake();
  }

  end(): void {
    this.#isEnding = true;
    this.#wake();
  }

  async #run(): Promise<void> {
    do {
      // Even without a line: the program that renamed the old file waits for the new one.
      await this.#writeWaiting();
      while (this.#waiting.length > 0) await this.#writeWaiting();
      if (!this.#isEnding)
        await new Promise<void>((wake) => {
          this.#wake = wake;
        });
    } while (this.#waiting.length > 0 || !this.#isEnding);
    await this.#file?.close().catch(() => undefined);
  }

  async #writeWaiting(): Promise<void> {
    const lines = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    const lost = lines.length - (await this.#append(lines));
    if (lost > 0) this.#loss(lost);
  }

  /** @returns how many lines were written whole. The reason for others is not logged: it would go to the same file. */
  async #append(lines: readonly string[]): Promise<number> {
    const bytes = Buffer.from(`${this.#isTorn ? '\n' : ''}${lines.join('')}`);
    let length = 0;
    try {
      this.#file ??= await openLogFile(this.#path);
      while (length < bytes.length) length += (await this.#file.write(bytes, length)).bytesWritten;
      this.#isTorn = false;
      return lines.length;
    } catch {
      if (length === 0) return 0;
      const ends = bytes.subarray(0, length).filter((byte) => byte === NEWLINE).length;
      const whole = this.#isTorn ? ends - 1 : ends;
      this.#isTorn = bytes[length - 1] !== NEWLINE;
      return whole;
    }
  }
}
