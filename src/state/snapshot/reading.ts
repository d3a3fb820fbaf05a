// A snapshot that is read line by line, as pieces of the file come.

import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { Blocks } from '../../blocks/blocks.ts';
import { textOf } from '../../blocks/table/key-words.ts';
import { isoTime } from '../../values/iso-time.ts';
import { parseRecord } from './client-line.ts';
import { SnapshotDamage } from './damage.ts';
import { parseCountedLine } from './fast-line.ts';
import { counterOf, parseGoodLine } from './good-line.ts';
import {
  GOOD_LINE,
  hasGoodClients,
  parseHead,
  parseTail,
  type SnapshotHead,
  type SnapshotTail,
} from './head-tail.ts';

/** Bytes of a line: the first holds up to 10,000 sessions. A file of zeros has no lines at all. */
const MAX_LINE = 1 << 26;
const NEWLINE = 10;
const LINE_END = Buffer.from('\n');
/** `}` begins the line before the good clients, and the last line */
const BRACE = 125;

/** Fills blocks; they hold a part of the snapshot where it is damaged. */
export class SnapshotReading {
  readonly #blocks: Blocks;
  readonly #isWanted: ((line: string) => boolean) | undefined;
  readonly #expected: number | undefined;
  #head: SnapshotHead | undefined;
  #number = 0;
  #records = 0;
  /** good clients; undefined until they begin */
  #good: number | undefined;
  #tail: SnapshotTail | undefined;
  /** of the lines before the last */
  #sum = 0;
  /** pieces of the line that has not ended */
  #rest: Buffer[] = [];
  #restLength = 0;

  /** @param expected good clients, where that is known */
  constructor(blocks: Blocks, isWanted: ((line: string) => boolean) | undefined, expected?: number) {
    this.#expected = expected;
    this.#blocks = blocks;
    this.#isWanted = isWanted;
  }

  /** @param bytes the next of the file; they are not kept */
  push(bytes: Buffer): void {
    let newline = bytes.indexOf(NEWLINE);
    this.#keep(newline < 0 ? bytes : bytes.subarray(0, newline));
    if (newline < 0) return;
    this.#takeRest();
    let first = newline + 1;
    for (;;) {
      const from = newline + 1;
      newline = bytes.indexOf(NEWLINE, from);
      if (newline < 0 || bytes[from] === BRACE) {
        this.#add(bytes.subarray(first, from));
        first = from;
      }
      if (newline < 0) {
        this.#keep(bytes.subarray(from));
        return;
      }
      this.#take(bytes, from, newline);
    }
  }

  /** In steps, as the table is searched. */
  async end(): Promise<SnapshotHead> {
    if (this.#restLength > 0) this.#takeRest();
    for (const twin of this.#blocks.table.twins()) {
      if (twin !== undefined) throw this.#damage(`${twin} is there twice`);
      await setImmediate();
    }
    const { tracked, trackedGood, crc32: sum = this.#sum } = this.#tail ?? {};
    if (sum !== this.#sum) throw this.#damage('the file is not as it was written: its checksum differs');
    const isWhole = tracked === this.#records && trackedGood === this.#good;
    if (this.#head !== undefined && isWhole && hasGoodClients(this.#head) === (this.#good !== undefined))
      return this.#head;
    const good = this.#good === undefined ? '' : ` and ${this.#good} good clients`;
    throw this.#damage(`the file ends early, with ${this.#records} clients${good}`);
  }

  #keep(bytes: Buffer): void {
    this.#rest.push(Buffer.from(bytes));
    this.#restLength += bytes.length;
    if (this.#restLength > MAX_LINE) throw this.#damage('a line without end');
  }

  #takeRest(): void {
    const line = Buffer.concat(this.#rest);
    this.#rest = [];
    this.#restLength = 0;
    this.#take(line, 0, line.length);
    this.#add(line);
    this.#add(LINE_END);
  }

  /** Adds to the sum, unless the last line has been read. */
  #add(bytes: Buffer): void {
    if (this.#tail === undefined) this.#sum = crc32(bytes, this.#sum);
  }

  #take(bytes: Buffer, from: number, to: number): void {
    this.#number++;
    if (this.#head === undefined) this.#begin(parseHead(bytes.toString('utf8', from, to)));
    else if (this.#tail !== undefined) throw this.#damage('expected the end');
    else if (bytes[from] === BRACE) this.#end(bytes.toString('utf8', from, to));
    else if (from === to || this.#isUnwanted(bytes, from, to)) return;
    else if (this.#good === undefined) this.#takeClient(bytes, from, to);
    else this.#takeGood(bytes, from, to, this.#head);
  }

  #begin(head: SnapshotHead): void {
    this.#head = head;
    const counters = (head.goodCounters ?? []).map(counterOf);
    this.#blocks.loading.goodCounters(counters, isoTime(head.written), this.#expected);
  }

  /** Clients end, or good clients. */
  #end(line: string): void {
    if (line === GOOD_LINE && this.#good === undefined) this.#good = 0;
    else this.#tail = parseTail(line, this.#number);
  }

  /** Counts a client. */
  #isUnwanted(bytes: Buffer, from: number, to: number): boolean {
    if (this.#good === undefined) this.#records++;
    else this.#good++;
    return this.#isWanted?.(bytes.toString('utf8', from, to)) === false;
  }

  #takeGood(bytes: Buffer, from: number, to: number, { goodCounters = [] }: SnapshotHead): void {
    const client = parseGoodLine(bytes, from, to, goodCounters.length, this.#number);
    if (!this.#blocks.loading.goodClient(client)) throw this.#damage(`${textOf(client.key)} is there twice`);
  }

  #takeClient(bytes: Buffer, from: number, to: number): void {
    const { key, state } =
      parseCountedLine(bytes, from, to) ?? parseRecord(bytes.toString('utf8', from, to), this.#number);
    if (!this.#blocks.loading.client(key, state)) throw this.#damage(`${textOf(key)} is there twice`);
  }

  #damage(what: string): SnapshotDamage {
    return new SnapshotDamage('damaged', `line ${this.#number}: ${what}`);
  }
}
