// Files to replay, and the records read from them.

import { mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { LogRecord } from '../../../src/maillog/syslog/record.ts';
import { HOST_ZONE, type Zone } from '../../../src/maillog/syslog/zone.ts';
import { type InputOptions, openInput } from '../../../src/replay/input/input.ts';
import { MergedInputs } from '../../../src/replay/input/merged-inputs.ts';
import { own } from '../../../src/values/detached-string.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { line, START } from '../../maillog/log.ts';

const root = temporaryFolder();

export function folder(): string {
  return mkdtempSync(join(root, 'logs-'));
}

/** A new file, last written to at `date`, ms since 1970. */
export function file(
  content: string | Buffer,
  { name = 'mail.log', date = START, directory = folder() } = {},
) {
  const path = join(directory, name);
  writeFileSync(path, content);
  utimesSync(path, date / 1000, date / 1000);
  return path;
}

/** The nth line of a log, a second later than the one before. */
export function numbered(number: number, host = 'mx'): string {
  const text = line(`disconnect from a[192.0.2.1] commands=${number}`, 'smtpd', 101, number);
  return text.replace(' mx ', ` ${host} `);
}

export function numberedLines(first: number, last: number, host = 'mx'): string {
  let text = '';
  for (let number = first; number <= last; number++) text += `${numbered(number, host)}\n`;
  return text;
}

/** The numbers of numbered lines. */
export function numbersOf(records: readonly LogRecord[]): number[] {
  return records.map(({ message }) => Number(/commands=(\d+)$/.exec(message)?.[1]));
}

export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, place) => first + place);
}

/** Reads an input and records its callbacks. */
export class Reading implements InputOptions {
  readonly now = START;
  readonly zone: Zone = HOST_ZONE;
  readonly stdin: Readable;
  readonly unreadable: string[] = [];
  readonly damage: string[] = [];
  lines = 0;

  constructor(stdin: Readable = Readable.from([])) {
    this.stdin = stdin;
  }

  onUnreadable(text: string): void {
    this.unreadable.push(own(text));
  }

  onDamage(sentence: string): void {
    this.damage.push(sentence);
  }

  /** All records of one input. */
  async all(path: string): Promise<LogRecord[]> {
    const input = await openInput(path, this);
    const records: LogRecord[] = [];
    for (let batch = await input.read(); batch !== undefined; batch = await input.read())
      records.push(...batch);
    this.lines = input.lines;
    await input.close();
    return records;
  }

  /** All records of all inputs, in the order in which they come. */
  async merged(paths: readonly string[]): Promise<LogRecord[]> {
    const inputs = await MergedInputs.open(paths, this);
    const records: LogRecord[] = [];
    for (let batch = await inputs.next(); batch !== undefined; batch = await inputs.next())
      records.push(...batch);
    this.lines = inputs.progress.lines;
    await inputs.close();
    return records;
  }
}
