// audit.jsonl on disk: each line once and in order, over crashes, rotations and full disks.

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { AuditedChange as Change } from '../../src/blocks/changes.ts';
import { auditEntry, parseAuditLine } from '../../src/state/audit.ts';
import { AuditFile } from '../../src/state/audit-file.ts';
import { START } from '../blocks/blocks-fixture.ts';
import { temporaryFolder } from '../harness/folder.ts';

const LATER = START + 5000;

/** The n-th change of a log. */
function changeOf(n: number): Change {
  const ip = `192.0.2.${n >> 1}`;
  const head = { ip, rule: 'auth', enforced: true };
  if (n % 2 === 0) return { type: 'block', ...head, at: START + n, until: START + n + 9, count: 3 };
  return { type: 'end', ...head, at: START + n + 8, since: START + n - 1, reason: 'expired', refused: 0 };
}

const lineOf = (n: number): string => `${JSON.stringify(auditEntry(changeOf(n), n, START))}\n`;
const linesOf = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => lineOf(from + i)).join('');

/** The numbers of the lines of a file, in order; NaN for a line that is none. */
const numbersIn = (path: string): number[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => parseAuditLine(line)?.sequence ?? Number.NaN);

async function opened(path: string, snapshotSequence?: number): Promise<AuditFile> {
  const file = new AuditFile(path);
  await file.open(snapshotSequence);
  return file;
}

async function add(file: AuditFile, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) file.add(changeOf(n), LATER);
  await file.flush();
}

describe('state/audit-file: audit.jsonl', () => {
  let path: string;

  beforeEach(() => {
    path = join(temporaryFolder(), 'audit.jsonl');
  });

  it('begins with line 1, and is not made before there is one', async () => {
    const file = await opened(path);
    await file.flush();
    expect(existsSync(path)).to.equal(false);
    await add(file, 1, 3);
    expect(numbersIn(path)).to.deep.equal([1, 2, 3]);
    expect(file.sequence).to.equal(3);
  });

  it('can be read by its owner and group, and by nobody else', async () => {
    await add(await opened(path), 1, 1);
    expect(statSync(path).mode & 0o007).to.equal(0);
  });

  it('goes on with the next number at the next start, with a snapshot or without', async () => {
    await add(await opened(path), 1, 2);
    await add(await opened(path), 3, 4);
    await add(await opened(path, 4), 5, 6);
    expect(numbersIn(path)).to.deep.equal([1, 2, 3, 4, 5, 6]);
  });

  it('goes on with the number after the snapshot where the file is gone', async () => {
    const file = await opened(path, 41);
    await add(file, 1, 1);
    expect(numbersIn(path)).to.deep.equal([42]);
  });

  it('gives back the lines after a snapshot, oldest first, and goes on behind them', async () => {
    await add(await opened(path, 0), 1, 8);
    const file = new AuditFile(path);
    expect((await file.open(5)).map(({ sequence }) => sequence)).to.deep.equal([6, 7, 8]);
    expect(file.sequence).to.equal(8);
    await add(file, 9, 10);
    expect(numbersIn(path)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('loses a last line that a crash cut off, at whatever byte, and goes on with its number', async () => {
    const whole = linesOf(1, 3);
    const last = lineOf(3).length;
    for (let cut = 1; cut < last; cut += 7) {
      writeFileSync(path, whole.slice(0, -cut));
      const file = await opened(path, 1);
      expect(file.sequence).to.equal(2);
      await add(file, 3, 4);
      expect(numbersIn(path), `cut by ${cut}`).to.deep.equal([1, 2, 3, 4]);
    }
  });

  it('loses a torn line also where it is the only one', async () => {
    writeFileSync(path, lineOf(1).slice(0, 40));
    await add(await opened(path), 1, 2);
    expect(numbersIn(path)).to.deep.equal([1, 2]);
  });

  it('loses a torn end of zeros, as file systems leave it after a loss of power', async () => {
    writeFileSync(path, lineOf(1) + '\0'.repeat(100_000));
    const file = await opened(path, 1);
    await add(file, 2, 2);
    expect(numbersIn(path)).to.deep.equal([1, 2]);
  });

  it('goes on after lines that are none', async () => {
    writeFileSync(path, `${linesOf(1, 3)}#\n\n{"sequence":"9"}\n`);
    expect((await opened(path, 2)).sequence).to.equal(3);
  });

  it('goes on in a new file after logrotate, with the numbers going on', async () => {
    const file = await opened(path);
    await add(file, 1, 3);
    renameSync(path, `${path}.1`);
    await add(file, 4, 5);
    expect(numbersIn(`${path}.1`)).to.deep.equal([1, 2, 3]);
    expect(numbersIn(path)).to.deep.equal([4, 5]);
  });

  for (const rotated of ['audit.jsonl.1', 'audit.jsonl-20250304']) {
    it(`knows at start what stands in ${rotated}`, async () => {
      writeFileSync(join(path, '..', rotated), linesOf(1, 6));
      appendFileSync(path, linesOf(7, 8));
      const file = new AuditFile(path);
      expect((await file.open(4)).map(({ sequence }) => sequence)).to.deep.equal([5, 6, 7, 8]);
      await add(file, 9, 9);
      expect(numbersIn(path)).to.deep.equal([7, 8, 9]);
    });
  }

  it('knows its number where the file was just rotated and nothing new has come', async () => {
    writeFileSync(`${path}.1`, linesOf(1, 6));
    const file = await opened(path);
    await add(file, 7, 7);
    expect(numbersIn(path)).to.deep.equal([7]);
  });

  it('knows what stands in many rotated files, the newest first', async () => {
    for (const [name, from] of [
      ['audit.jsonl.2', 1],
      ['audit.jsonl.1', 4],
      ['audit.jsonl', 7],
    ] as const) {
      writeFileSync(join(path, '..', name), linesOf(from, from + 2));
    }
    const file = new AuditFile(path);
    expect((await file.open(2)).map(({ sequence }) => sequence)).to.deep.equal([3, 4, 5, 6, 7, 8, 9]);
    await add(file, 10, 10);
    expect(numbersIn(path)).to.deep.equal([7, 8, 9, 10]);
  });

  it('is not disturbed by folders, links and files of other compressors beside it', async () => {
    writeFileSync(path, linesOf(1, 2));
    writeFileSync(`${path}.2.xz`, lineOf(99));
    symlinkSync('nowhere', `${path}.1`);
    mkdirSync(`${path}.old`);
    expect((await opened(path, 0)).sequence).to.equal(2);
    expect((await opened(`${path}`)).sequence).to.equal(2);
  });

  it('goes by the lines of rotated files, whatever their names and times say', async () => {
    for (const [name, from] of [
      ['audit.jsonl.1', 1],
      ['audit.jsonl.2', 4],
      ['audit.jsonl-20250304', 7],
    ] as const) {
      writeFileSync(join(path, '..', name), linesOf(from, from + 2));
      // The oldest lines were touched last.
      utimesSync(join(path, '..', name), LATER - from, LATER - from);
    }
    writeFileSync(path, linesOf(10, 11));
    const later = await new AuditFile(path).open(2);
    expect(later.map(({ sequence }) => sequence)).to.deep.equal([3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const newest = await new AuditFile(path).open(8);
    expect(newest.map(({ sequence }) => sequence)).to.deep.equal([9, 10, 11]);
  });

  it('reads what gzip compressed where the other files do not reach back far enough', async () => {
    writeFileSync(`${path}.2.gz`, gzipSync(linesOf(1, 5000)));
    writeFileSync(`${path}.1`, linesOf(5001, 5002));
    writeFileSync(path, linesOf(5003, 5004));
    expect(await new AuditFile(path).open(4000)).to.have.lengthOf(1004);
    expect(await new AuditFile(path).open(undefined), 'all').to.have.lengthOf(5004);
    writeFileSync(`${path}.2.gz`, gzipSync(linesOf(1, 5000)).subarray(0, 4000));
    const found = await new AuditFile(path).open(undefined);
    expect(found.length, 'what comes before the damage').to.be.within(5, 5003);
  });

  it('finds its end in a file of many lines', async () => {
    writeFileSync(path, linesOf(1, 5000));
    const file = new AuditFile(path);
    expect(await file.open(10)).to.have.lengthOf(4990);
    await add(file, 5001, 5001);
    expect(numbersIn(path)).to.have.lengthOf(5001);
    expect(file.sequence).to.equal(5001);
  });

  it('has its lines wait while it cannot be written, and in order when it can', async () => {
    const file = await opened(path);
    mkdirSync(path);
    file.add(changeOf(1), LATER);
    const error: unknown = await file.flush().catch((reason: unknown) => reason);
    expect(error).to.have.property('code', 'EISDIR');
    rmdirSync(path);
    await add(file, 2, 3);
    expect(numbersIn(path)).to.deep.equal([1, 2, 3]);
    expect(file.dropped).to.equal(0);
  });

  it('lets the oldest go after ten thousand that wait, and says how many', async () => {
    const file = await opened(path);
    for (let n = 1; n <= 10_005; n++) file.add(changeOf(n), LATER);
    expect(file.dropped).to.equal(5);
    await file.flush();
    expect(numbersIn(path)).to.deep.equal(Array.from({ length: 10_000 }, (_, i) => i + 6));
  });

  it('has every line once and in order when it is flushed from many places at once', async () => {
    const file = await opened(path);
    const flushes: Promise<void>[] = [];
    for (let n = 1; n <= 50; n++) {
      file.add(changeOf(n), LATER);
      flushes.push(file.flush());
    }
    await Promise.all(flushes);
    expect(numbersIn(path)).to.deep.equal(Array.from({ length: 50 }, (_, i) => i + 1));
  });
});
