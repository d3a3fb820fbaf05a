// The part of snapshot.json that verdicts need: its head and the lines of the blocked clients, with a checksum of its own.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { BlockTerm } from '../../blocks/table/block.ts';
import type { ShortKey } from '../../blocks/table/key-words.ts';
import { parseBlockedLine } from './blocked-line.ts';
import { HEAD_START, parseHead, type SnapshotHead } from './head-tail.ts';

/** How long it is, and what makes sure that it is as it was written. */
export interface BlockedPart {
  /** from behind the field that holds this up to the end of the last line of a blocked client */
  readonly bytes: number;
  /** CRC-32 of them, as in gzip (RFC 1952 8) */
  readonly crc32: number;
}

const DIGITS = 12;
const HEX_DIGITS = 8;
const FIELD_START = `${HEAD_START}"blockedBytes":`;
const SUM_NAME = ',"blockedCrc32":"';
const FIELD_END = '",';
const NEWLINE = 10;
/** Bytes read at a time, and at most of a line. */
const CHUNK = 1 << 20;
const MAX_LINE = 1 << 26;

/** The beginning of the first line, always of the same length: its numbers are not known until the part is written. */
export function partField({ bytes, crc32: sum }: BlockedPart): string {
  const hex = sum.toString(16).padStart(HEX_DIGITS, '0');
  return `${FIELD_START}${String(bytes).padStart(DIGITS)}${SUM_NAME}${hex}${FIELD_END}`;
}

const FIELD_LENGTH = partField({ bytes: 0, crc32: 0 }).length;

/**
 * Reads the blocked part of a snapshot, and no more. Waits for the disk: nobody waits for a verdict before it is read.
 *
 * @param take takes each blocked client; what it took is worth nothing where there is no head
 * @returns the head; undefined where the file has no such part, or it is not as it was written
 * @throws SnapshotDamage where it is not of this version; the system's error, also where there is no file
 */
export function readBlockedPart(
  path: string,
  take: (key: ShortKey, block: BlockTerm) => void,
): SnapshotHead | undefined {
  const file = openSync(path, 'r');
  try {
    return readFrom(file, take);
  } finally {
    closeSync(file);
  }
}

function readFrom(file: number, take: (key: ShortKey, block: BlockTerm) => void): SnapshotHead | undefined {
  const part = partOf(file);
  if (part === undefined || FIELD_LENGTH + part.bytes > fstatSync(file).size) return undefined;
  let head: SnapshotHead | undefined;
  let number = 0;
  const takeLine = (bytes: Buffer, from: number, to: number) => {
    number++;
    if (head === undefined) {
      head = parseHead(`${HEAD_START}${bytes.toString('utf8', from, to)}`);
      return;
    }
    const blocked = parseBlockedLine(bytes, from, to, number);
    if (blocked !== undefined) take(blocked.key, blocked.block);
  };
  const sum = readLines(file, part.bytes, takeLine);
  return sum === part.crc32 ? head : undefined;
}

/** What the first line says of it; undefined where that is not as partField has it, for this version. */
function partOf(file: number): BlockedPart | undefined {
  const buffer = Buffer.alloc(FIELD_LENGTH);
  const field = buffer.toString('latin1', 0, readSync(file, buffer, 0, FIELD_LENGTH, 0));
  const bytesAt = FIELD_START.length;
  const sumAt = bytesAt + DIGITS + SUM_NAME.length;
  const part = {
    bytes: Number(field.slice(bytesAt, bytesAt + DIGITS)),
    crc32: Number.parseInt(field.slice(sumAt, sumAt + HEX_DIGITS), 16),
  };
  const isPart = part.bytes > 0 && field === partField(part);
  return isPart ? part : undefined;
}

/** Reads `length` bytes from behind the field on. @returns their CRC-32; NaN where the file ends before, or a line has no end */
function readLines(
  file: number,
  length: number,
  takeLine: (bytes: Buffer, from: number, to: number) => void,
): number {
  let buffer: Buffer = Buffer.allocUnsafe(Math.min(CHUNK, length));
  let kept = 0;
  let sum = 0;
  for (let done = 0; done < length; ) {
    if (kept >= MAX_LINE) return Number.NaN;
    if (kept === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(kept)]);
    const room = Math.min(length - done, buffer.length - kept);
    const read = readSync(file, buffer, kept, room, FIELD_LENGTH + done);
    if (read === 0) return Number.NaN;
    done += read;
    const filled = buffer.subarray(0, kept + read);
    sum = crc32(filled.subarray(kept), sum);
    let from = 0;
    for (let to = filled.indexOf(NEWLINE, kept); to >= 0; to = filled.indexOf(NEWLINE, from)) {
      takeLine(filled, from, to);
      from = to + 1;
    }
    buffer.copyWithin(0, from, filled.length);
    kept = filled.length - from;
  }
  if (kept > 0) takeLine(buffer, 0, kept);
  return sum;
}
