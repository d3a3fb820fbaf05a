// The lines of the audit trail, those in its rotated files included: the ones after a snapshot, and those about a client.

import { createReadStream } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { type AuditEntry, parseAuditLine } from './audit.ts';

/** Bytes read at a time from the end of a file. */
const CHUNK = 1 << 16;
/** Characters of a line: its texts are bounded. What is longer is damage, such as zeros after a loss of power. */
const MAX_LINE = 1 << 16;
/** Most bytes looked at for lines newer than the snapshot: some 300,000 lines. */
const MAX_READ = 1 << 26;
/** Lines at the end of a file of which one must be whole. */
const MAX_DAMAGED = 100;
/** Characters looked through of the files that are not compressed: some 20,000 lines, and less than 100 ms. */
const MAX_PLAIN = 1 << 22;
/** Characters looked through of the compressed files, in steps between which verdicts are answered: some 150,000 lines. */
const MAX_PACKED = 1 << 25;
/** Lines about the clients that are kept of one compressed file, the newest. */
const MAX_KEPT = 1000;
const IP = '"ip":"';
const PACKED = /\.gz$/;
/** By programs that Node.js has none of its own for. */
const FOREIGN = /\.(?:xz|bz2|zst|lz4)$/;

interface TrailFile {
  readonly path: string;
  readonly isPacked: boolean;
  /** number of its last line, 0 where that is not known */
  readonly last: number;
  /** ms since 1970 */
  readonly modified: number;
}

/**
 * The lines after a sequence number, oldest first; of more than 64 MiB of them, the newest.
 * @throws the system's error where the trail, or a rotated file that is not compressed, cannot be read
 */
export async function entriesAfter(path: string, sequence: number): Promise<readonly AuditEntry[]> {
  const entries: AuditEntry[] = [];
  let left = MAX_READ;
  let isReached = false;
  for (const file of await trailFiles(path)) {
    for await (const line of linesOf(file)) {
      left -= line.length;
      const entry = left < 0 ? undefined : parseAuditLine(line);
      if (entry !== undefined && entry.sequence > sequence) entries.push(entry);
      else if (entry !== undefined) isReached = true;
      if (left < 0 || (isReached && !file.isPacked)) break;
    }
    if (left < 0 || isReached) break;
  }
  return entries.sort((a, b) => a.sequence - b.sequence);
}

/**
 * The newest lines about these clients or networks, newest first. Files that are not compressed are read from the newest
 * line back; a compressed one can only be read from its start, and comes after them.
 * @throws the system's error where the trail cannot be read
 */
export async function historyIn(
  path: string,
  keys: readonly string[],
  most: number,
): Promise<readonly AuditEntry[]> {
  const history = new History(most);
  const wanted = new Set(keys);
  const left = { plain: MAX_PLAIN, packed: MAX_PACKED };
  for (const file of await trailFiles(path)) {
    const sort = file.isPacked ? 'packed' : 'plain';
    const kept: AuditEntry[] = [];
    for await (const line of linesOf(file)) {
      left[sort] -= line.length;
      if (left[sort] < 0 || history.isFull) break;
      const entry = wanted.has(ipIn(line)) ? parseAuditLine(line) : undefined;
      if (entry === undefined) continue;
      if (file.isPacked) keep(kept, entry);
      else history.add(entry);
    }
    for (const entry of kept.reverse()) history.add(entry);
    if (history.isFull) break;
  }
  return history.found;
}

/** Without parsing it: most lines are about other clients. A quotation mark within a text is escaped. */
function ipIn(line: string): string {
  const start = line.indexOf(IP) + IP.length;
  return line.slice(start, line.indexOf('"', start));
}

function keep(kept: AuditEntry[], entry: AuditEntry): void {
  kept.push(entry);
  if (kept.length > MAX_KEPT) kept.shift();
}

/** The trail and its rotated files, newest first by their last lines, whatever they are called; the packed ones last. */
export async function trailFiles(path: string): Promise<readonly TrailFile[]> {
  const names = (await namesOf(path)).filter((name) => !FOREIGN.test(name));
  const files = await Promise.all(names.map((name) => trailFile(join(dirname(path), name))));
  return files
    .flatMap((file) => file ?? [])
    .sort((a, b) => Number(a.isPacked) - Number(b.isPacked) || b.last - a.last || b.modified - a.modified);
}

/** Whether a rotated file is compressed in a way that Node.js cannot read. */
export async function hasForeign(path: string): Promise<boolean> {
  return (await namesOf(path)).some((name) => FOREIGN.test(name));
}

async function namesOf(path: string): Promise<readonly string[]> {
  return (await readdir(dirname(path))).filter((name) => name.startsWith(basename(path)));
}

/** The lines of a file, the newest first; those of a packed one in the order of the file. */
export function linesOf({ path, isPacked }: Pick<TrailFile, 'path' | 'isPacked'>): AsyncGenerator<string> {
  return isPacked ? linesOfPacked(path) : linesFromEnd(path);
}

/** Undefined for one that is gone by now, or was never more than a link. */
async function trailFile(path: string): Promise<TrailFile | undefined> {
  const facts = await lstat(path).catch(() => undefined);
  if (!facts?.isFile()) return undefined;
  const isPacked = PACKED.test(path);
  return { path, isPacked, last: isPacked ? 0 : await lastSequence(path), modified: facts.mtimeMs };
}

async function lastSequence(path: string): Promise<number> {
  let left = MAX_DAMAGED;
  try {
    for await (const line of linesFromEnd(path)) {
      const entry = parseAuditLine(line);
      if (entry !== undefined) return entry.sequence;
      if (--left === 0) break;
    }
  } catch {
    // The function that needs the lines reports it.
  }
  return 0;
}

/** Of a file that is damaged, or still being compressed, those before the damage. */
async function* linesOfPacked(path: string): AsyncGenerator<string> {
  const unpacked = createGunzip();
  const packed = createReadStream(path).on('error', (error) => unpacked.destroy(error));
  packed.pipe(unpacked);
  let rest = '';
  try {
    for await (const chunk of unpacked) {
      const lines = (rest + (chunk as Buffer).toString('latin1')).split('\n');
      rest = (lines.pop() ?? '').slice(0, MAX_LINE);
      for (const line of lines) yield textOf(line);
    }
  } catch {
    // What came before is taken.
  } finally {
    packed.destroy();
  }
}

async function* linesFromEnd(path: string): AsyncGenerator<string> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    let { size: end } = await file.stat();
    let rest = '';
    while (end > 0) {
      const length = Math.min(end, CHUNK);
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, end - length);
      end -= length;
      const lines = (buffer.toString('latin1') + rest).split('\n');
      rest = (lines.shift() ?? '').slice(0, MAX_LINE);
      for (const line of lines.reverse()) if (line !== '') yield textOf(line);
    }
    if (rest !== '') yield textOf(rest);
  } finally {
    await file?.close();
  }
}

/** A line read as latin1, so that no character was cut in two at a chunk's border. */
function textOf(line: string): string {
  return Buffer.from(line, 'latin1').toString('utf8');
}

/**
 * Of the lines `spared` of one rule it takes the newest: there may be one in every hour, and former blocks must not vanish
 * behind them.
 */
class History {
  readonly found: AuditEntry[] = [];
  readonly #most: number;
  readonly #known = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  get isFull(): boolean {
    return this.found.length >= this.#most;
  }

  /** A line that is there twice, while its file is being compressed, is taken once. */
  add(entry: AuditEntry): void {
    const { sequence, event, ip, rule = '', reason = '' } = entry;
    const name = event === 'spared' ? `${ip} ${rule} ${reason}` : `${sequence} ${ip} ${event}`;
    if (this.isFull || this.#known.has(name)) return;
    this.#known.add(name);
    this.found.push(entry);
  }
}
