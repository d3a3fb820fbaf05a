// Lines that several logs of a replay contain.

import { rmSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import type { LogRecord } from '../../../src/maillog/syslog/record.ts';
import type { SharedLines } from '../../../src/replay/input/duplicates.ts';
import { MergedInputs } from '../../../src/replay/input/merged-inputs.ts';
import { SECOND } from '../../../src/values/duration.ts';
import { scaled } from '../../harness/scale.ts';
import { line, START } from '../../maillog/log.ts';
import { file, folder, Reading, range } from './inputs.ts';

/** Seconds: logs that overlap by more do not follow each other. */
const APART = 21;

/** A line: its second, and a text that others of that second may have as well. */
type Entry = readonly [second: number, text: string];

function linesOf(entries: readonly Entry[], host = 'mx'): string {
  return entries
    .map(([second, text]) => `${line(text, 'smtpd', 1, second).replace(' mx ', ` ${host} `)}\n`)
    .join('');
}

function entriesOf(records: readonly LogRecord[]): Entry[] {
  return records.map(({ at, message }) => [(at - START) / SECOND, message]);
}

interface Merged {
  readonly records: readonly LogRecord[];
  readonly repeated: number;
  readonly shared: readonly SharedLines[];
}

async function merged(paths: readonly string[]): Promise<Merged> {
  const inputs = await MergedInputs.open(paths, new Reading());
  const records: LogRecord[] = [];
  for (let batch = await inputs.next(); batch !== undefined; batch = await inputs.next())
    records.push(...batch);
  await inputs.close();
  return { records, repeated: inputs.duplicates.count, shared: inputs.duplicates.shared };
}

/** The lines of a log, a minute apart, each of them twice. */
const LOG: readonly Entry[] = range(0, 99).flatMap((number): Entry[] => {
  const entry: Entry = [number * 60, `commands=${number}`];
  return [entry, entry];
});

describe('replay/input/duplicates', () => {
  const cases: readonly [what: string, second: readonly Entry[]][] = [
    ['a copy', LOG],
    ['a copy of its beginning', LOG.slice(0, 50)],
    ['a copy of its end', LOG.slice(-50)],
    ['a copy of its middle', LOG.slice(50, 120)],
    ['some of its lines, as mail.warn does', LOG.filter((_, i) => i % 7 === 0)],
    ['one of its lines', LOG.slice(100, 101)],
  ];
  for (const [what, second] of cases) {
    it(`counts each line once where another file contains ${what}`, async () => {
      const paths = [file(linesOf(LOG)), file(gzipSync(linesOf(second)), { date: START + 1 })];
      for (const given of [paths, paths.toReversed()]) {
        const { records, repeated, shared } = await merged(given);
        expect(entriesOf(records)).to.deep.equal(LOG);
        expect(repeated).to.equal(second.length);
        expect(shared.reduce((sum, { count }) => sum + count, 0)).to.equal(second.length);
        expect(shared.every(({ isOnce }) => isOnce)).to.equal(true);
      }
    });
  }

  it('counts the lines of three files that overlap once, and names the files that share lines', async () => {
    const parts = [LOG.slice(0, 100), LOG.slice(40, 160), LOG.slice(120)];
    const paths = parts.map((part) => file(linesOf(part)));
    const { records, repeated, shared } = await merged(paths);
    expect(entriesOf(records)).to.deep.equal(LOG);
    expect(repeated).to.equal(100);
    expect(shared).to.have.deep.members([
      { first: paths[0], second: paths[1], isOnce: true, count: 60 },
      { first: paths[1], second: paths[2], isOnce: true, count: 40 },
    ]);
  });

  it('counts each of the equal lines of different hosts and processes', async () => {
    const hosts = ['a', 'b', 'c'].map((host) => file(linesOf(LOG, host)));
    const { records, repeated, shared } = await merged(hosts);
    expect([records.length, repeated, shared]).to.deep.equal([3 * LOG.length, 0, []]);
  });

  it('counts equal lines on both sides of a rotation, and says that they may be one', async () => {
    const [first, second] = [file(linesOf(LOG.slice(0, 101))), file(linesOf(LOG.slice(101)))];
    const { records, repeated, shared } = await merged([first, second]);
    expect([entriesOf(records), repeated]).to.deep.equal([LOG, 0]);
    expect(shared).to.deep.equal([{ first, second, isOnce: false, count: 1 }]);
  });

  it('notes that lines of copies of a few seconds count twice', async () => {
    const paths = [file(linesOf(LOG.slice(0, 2))), file(linesOf(LOG.slice(0, 2)))];
    const { records, shared } = await merged(paths);
    expect(records).to.have.length(4);
    expect(shared).to.deep.equal([{ first: paths[0], second: paths[1], isOnce: false, count: 2 }]);
  });

  const entries = fc.array(fc.tuple(fc.nat(15), fc.nat(2)), { minLength: 1, maxLength: 80 }).map((steps) => {
    let second = 0;
    return steps.map(([step, text]): Entry => {
      second += step;
      return [second, `commands=${text}`];
    });
  });

  /** Writes each part to a file of its own, and takes them in any order. */
  async function expectLog(log: readonly Entry[], parts: readonly (readonly Entry[])[], order: () => number) {
    const directory = folder();
    const paths = parts
      .map((part, i) => {
        const content = i % 2 === 0 ? linesOf(part) : gzipSync(linesOf(part));
        const date = START + (part.at(-1)?.[0] ?? 0) * SECOND;
        return { path: file(content, { directory, name: `${i}`, date }), key: order() };
      })
      .sort((a, b) => a.key - b.key)
      .map(({ path }) => path);
    const { records } = await merged(paths);
    const inOrder = (all: readonly Entry[]) =>
      all.map(([second, text]) => `${String(second).padStart(9)} ${text}`).sort();
    expect(inOrder(entriesOf(records))).to.deep.equal(inOrder(log));
    rmSync(directory, { recursive: true });
  }

  function partsOf(log: readonly Entry[], cuts: readonly number[]): (readonly Entry[])[] {
    const bounds = [0, ...cuts.map((cut) => cut % log.length).sort((a, b) => a - b), log.length];
    return bounds.slice(1).map((bound, place) => log.slice(bounds[place], bound));
  }

  const places = fc.array(fc.nat(), { maxLength: 4 });

  it('loses no event of a log that was rotated anywhere, whatever equal lines it has', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(entries, places, fc.infiniteStream(fc.nat()), async (log, cuts, order) => {
        await expectLog(log, partsOf(log, cuts), () => order.next().value ?? 0);
      }),
      { numRuns: scaled(100) },
    );
  });

  /** Whether the overlap of two parts is clear: they overlap by more than parts that follow each other, or not at all. */
  function areClear(log: readonly Entry[], one: readonly Entry[], other: readonly Entry[]): boolean {
    const [begin, end] = [Math.max(beginOf(one), beginOf(other)), Math.min(endOf(one), endOf(other))];
    return end - begin >= APART || log.every((entry) => !one.includes(entry) || !other.includes(entry));
  }

  it('gives the whole log once, for any way in which parts of it overlap', async function () {
    this.timeout(120_000);
    const masks = fc.array(fc.array(fc.boolean(), { minLength: 80, maxLength: 80 }), { maxLength: 3 });
    const spans = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(
        entries,
        places,
        masks,
        spans,
        fc.infiniteStream(fc.nat()),
        async (log, cuts, filters, copies, order) => {
          const parts = partsOf(log, cuts).filter(({ length }) => length > 0);
          const some = filters.map((mask) => log.filter((_, i) => mask[i]));
          const copied = copies.map(([from, to]) => log.slice(from % log.length, to % log.length));
          for (const part of [...some, ...copied])
            if (endOf(part) - beginOf(part) >= APART && parts.every((other) => areClear(log, part, other)))
              parts.push(part);
          await expectLog(log, parts, () => order.next().value ?? 0);
        },
      ),
      { numRuns: scaled(100) },
    );
  });
});

function beginOf(part: readonly Entry[]): number {
  return part[0]?.[0] ?? 0;
}

function endOf(part: readonly Entry[]): number {
  return part.at(-1)?.[0] ?? 0;
}
