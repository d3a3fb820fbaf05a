// The merged log: the records of several sources in order of time, and how far each has been read.

import { expect } from 'chai';
import fc from 'fast-check';
import { MergedLog } from '../../../src/maillog/sources/merge.ts';
import type { Batch, LogSource, Position } from '../../../src/maillog/sources/source.ts';
import type { LogRecord } from '../../../src/maillog/syslog/record.ts';
import { until } from '../../harness/until.ts';
import { START } from '../log.ts';

/** A source of given batches of record times; its position is the number of records, as offset. */
class Given implements LogSource {
  readonly name: string;
  readonly #batches: readonly (readonly number[])[];
  started: Position | undefined | 'no' = 'no';
  isStopped = false;
  #next = 0;
  #offset = 0;

  constructor(name: string, batches: readonly (readonly number[])[]) {
    this.name = name;
    this.#batches = batches;
  }

  owns(position: Position): boolean {
    return this.name === (position.type === 'file' ? position.path : position.type);
  }

  async start(position: Position | undefined): Promise<void> {
    this.started = position;
  }

  async read(): Promise<Batch> {
    const times = this.#batches[this.#next++];
    const first = this.#offset;
    this.#offset += times?.length ?? 0;
    return {
      records: (times ?? []).map((at) => record(at, this.name)),
      isAtEnd: times === undefined,
      positionAfter: (count) => position(this.name, first + count),
    };
  }

  async stop(): Promise<void> {
    this.isStopped = true;
  }
}

function record(at: number, process: string): LogRecord {
  return { at, program: 'smtpd', process, message: '' };
}

function position(path: string, offset: number): Position {
  return { type: 'file', path, inode: 1, offset, mark: '' };
}

/** Lets the merged log take all that the sources hold. */
async function taken(
  sources: readonly Given[],
  total: number,
): Promise<{ records: LogRecord[]; merged: MergedLog }> {
  const records: LogRecord[] = [];
  const merged = new MergedLog(
    (one) => records.push(one),
    () => START,
  );
  await merged.start(sources, []);
  await until(`${total} records`, () => records.length >= total && merged.time >= START);
  await merged.stop();
  return { records, merged };
}

const batches = fc.array(fc.array(fc.nat({ max: 50 }), { maxLength: 5 }), { maxLength: 5 }).map((chunks) => {
  const times = chunks.flat().sort((a, b) => a - b);
  return chunks.map((chunk) => times.splice(0, chunk.length));
});

describe('maillog/sources/merge', () => {
  it('takes every record of two sources once, in order of time, however they come in batches', async () => {
    await fc.assert(
      fc.asyncProperty(batches, batches, async (a, b) => {
        const all = [...a.flat(), ...b.flat()].sort((x, y) => x - y);
        const { records, merged } = await taken([new Given('a', a), new Given('b', b)], all.length);
        expect(records.map(({ at }) => at)).to.deep.equal(all);
        for (const [name, its] of Object.entries({ a, b })) {
          const times = records.filter(({ process }) => process === name).map(({ at }) => at);
          expect(times).to.deep.equal(its.flat());
        }
        expect(merged.records).to.equal(all.length);
        expect(merged.positions).to.deep.equal([
          position('a', a.flat().length),
          position('b', b.flat().length),
        ]);
      }),
      { numRuns: 60 },
    );
  });

  it('has read up to now when the sources hold nothing more, whatever their stamps say', async () => {
    for (const ahead of [-5000, 5000, 365 * 86_400_000]) {
      const { merged } = await taken([new Given('a', [[START + ahead], [START - 9000]])], 2);
      expect(merged.time, `${ahead} ms ahead`).to.equal(START);
    }
  });

  it('goes back with the clock', async () => {
    let now = START;
    const merged = new MergedLog(
      () => undefined,
      () => now,
    );
    await merged.start([new Given('a', [[START - 5000]])], []);
    await until('the present', () => merged.time === START);
    now -= 3_600_000;
    await until('the present by the clock', () => merged.time === now);
    await merged.stop();
  });

  it('counts a record whose stamp is more than a minute ahead as happening now, and counts such records', async () => {
    const far = START + 365 * 86_400_000;
    const { records, merged } = await taken(
      [new Given('a', [[START - 1, START + 60_000, START + 60_001, far]])],
      4,
    );
    expect(records.map(({ at }) => at)).to.deep.equal([START - 1, START + 60_000, START, START]);
    expect(merged.ahead).to.equal(2);
  });

  it('starts each source at its own position, and stops it', async () => {
    const sources = [new Given('a', []), new Given('b', []), new Given('journal', [])];
    const journal: Position = { type: 'journal', cursor: 's=1' };
    const merged = new MergedLog(
      () => undefined,
      () => START,
    );
    await merged.start(sources, [journal, position('c', 7), position('b', 3)]);
    expect(sources.map(({ started }) => started)).to.deep.equal([undefined, position('b', 3), journal]);
    await merged.stop();
    expect(sources.every(({ isStopped }) => isStopped)).to.equal(true);
  });

  it('keeps its position until the first record is taken', async () => {
    const silent: LogSource = {
      name: 'a',
      owns: () => true,
      start: async () => undefined,
      read: () => new Promise(() => undefined),
      stop: async () => undefined,
    };
    const merged = new MergedLog(
      () => undefined,
      () => START,
    );
    void merged.start([silent], [position('a', 3)]);
    await new Promise(setImmediate);
    expect(merged.positions).to.deep.equal([position('a', 3)]);
  });

  it('stops between two records, and its positions lead to exactly those it has not taken', async () => {
    const times = Array.from({ length: 3000 }, (_, i) => i);
    const even = times.filter((at) => at % 2 === 0);
    const odd = times.filter((at) => at % 2 === 1);
    const records: LogRecord[] = [];
    let stopped: Promise<void> | undefined;
    const merged = new MergedLog(
      (one) => {
        if (records.push(one) === 700) stopped = merged.stop();
      },
      () => START,
    );
    await merged.start([new Given('even', [even]), new Given('odd', [odd])], []);
    await until('the stop', () => stopped !== undefined);
    await stopped;
    const offset = (name: string) => {
      const found = merged.positions.find((one) => one.type === 'file' && one.path === name);
      return found?.type === 'file' ? found.offset : -1;
    };
    const rest = [...even.slice(offset('even')), ...odd.slice(offset('odd'))].sort((a, b) => a - b);
    expect([...records.map(({ at }) => at), ...rest]).to.deep.equal(times);
    expect(rest, 'it was stopped on the way').not.to.be.empty;
  });

  it('takes nothing while other work runs, and continues when that is done or has failed', async () => {
    const records: LogRecord[] = [];
    const works: (() => void)[] = [];
    const merged: MergedLog = new MergedLog(
      (one) => {
        records.push(one);
        if (records.length % 500 !== 0) return;
        const [isWell] = [works.length % 2 === 0];
        merged.waitFor(
          new Promise<void>((resolve, reject) =>
            works.push(isWell ? resolve : () => reject(new Error('no'))),
          ),
        );
      },
      () => START,
    );
    await merged.start([new Given('a', [Array.from({ length: 2000 }, (_, i) => i)])], []);
    for (let turn = 1; turn <= 3; turn++) {
      await until('the work', () => works.length === turn);
      const { length } = records;
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      // It ends the step that it is in.
      expect(records.length - length).to.be.below(125);
      works[turn - 1]?.();
    }
    await until('all records', () => works.length === 4);
    works[3]?.();
    await merged.stop();
    expect(records).to.have.lengthOf(2000);
  });

  it('can be restarted with other sources, where it was', async () => {
    const records: LogRecord[] = [];
    const merged = new MergedLog(
      (one) => records.push(one),
      () => START,
    );
    await merged.start([new Given('a', [[1, 2]])], []);
    await until('two records', () => records.length === 2);
    await merged.stop();
    const again = [new Given('a', [[3]]), new Given('b', [[4]])];
    await merged.start(again, merged.positions);
    expect(again.map(({ started }) => started)).to.deep.equal([position('a', 2), undefined]);
    await until('four records', () => records.length === 4);
    await merged.stop();
    expect(records.map(({ at }) => at)).to.deep.equal([1, 2, 3, 4]);
  });
});
