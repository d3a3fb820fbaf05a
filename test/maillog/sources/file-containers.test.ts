// The log file of a container's runtime, followed: lines in parts of two streams, half-written, over restarts and rotation.

import { expect } from 'chai';
import fc from 'fast-check';
import { isPosition, type Position } from '../../../src/maillog/sources/source.ts';
import { START } from '../log.ts';
import { RUNTIMES, type Runtime, type Stream } from '../syslog/containers.ts';
import { LogFile, numbersOf, Reading, resume, stopReadings } from './log-file.ts';

/** A line that is written to a stream, in parts, and how much of the file is written before the next read. */
interface Written {
  readonly stream: Stream;
  /** where the runtime splits it */
  readonly cuts: readonly number[];
  /** another program's line */
  readonly isForeign: boolean;
}

const written: fc.Arbitrary<Written> = fc.record({
  stream: fc.constantFrom('stdout', 'stderr'),
  cuts: fc.array(fc.nat({ max: 90 }), { maxLength: 2 }),
  isForeign: fc.boolean(),
});

/** A physical line of the file, and the number of the record that it ends, if any. */
interface Physical {
  readonly text: string;
  readonly number: number | undefined;
}

/** The parts of all lines, each stream in its order, the two mixed as `turns` says. */
function fileOf(runtime: Runtime, lines: readonly Written[], turns: readonly boolean[]): Physical[] {
  const queues: Record<Stream, Physical[]> = { stdout: [], stderr: [] };
  for (const [i, { stream, cuts, isForeign }] of lines.entries()) {
    const number = i + 1;
    const message = isForeign ? 'x' : `disconnect from a[192.0.2.1] commands=${number}`;
    const text = `Nov 23 10:00:00 mx ${isForeign ? 'dovecot: ' : 'postfix/smtpd[101]: '}${message}`;
    const bounds = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
    const parts = runtime.canSplit ? bounds.slice(1).map((end, k) => text.slice(bounds[k], end)) : [text];
    for (const [k, part] of parts.entries()) {
      const isLast = k === parts.length - 1;
      const at = START + number * 1000;
      queues[stream].push({
        text: `${runtime.write(part, at, stream, isLast)}\n`,
        number: isLast && !isForeign ? number : undefined,
      });
    }
  }
  const file: Physical[] = [];
  for (let turn = 0; queues.stdout.length + queues.stderr.length > 0; turn++) {
    const isFirst = turns[turn % turns.length] === true;
    const queue = (isFirst && queues.stdout.length > 0) || queues.stderr.length === 0 ? 'stdout' : 'stderr';
    const next = queues[queue].shift();
    if (next !== undefined) file.push(next);
  }
  return file;
}

describe('maillog/sources/file-containers: the log of a container', () => {
  afterEach(stopReadings);

  for (const runtime of RUNTIMES) {
    it(`by ${runtime.what} is read once, whole, from any position on, however it is written`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(written, { minLength: 1, maxLength: 8 }),
          fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
          fc.array(fc.nat({ max: 250 }), { minLength: 1, maxLength: 6 }),
          async (lines, turns, steps) => {
            const file = fileOf(runtime, lines, turns);
            const text = file.map((line) => line.text).join('');
            const expected = file.flatMap(({ number }) => number ?? []);
            const log = new LogFile();
            log.create();
            const reading = await Reading.start(log.path);
            const read: number[] = [];
            const positions: { position: Position | undefined; count: number }[] = [];
            for (let from = 0, step = 0; from < text.length; step++) {
              const to = from + 1 + (steps[step % steps.length] ?? 0);
              log.append(text.slice(from, to));
              from = to;
              for (const batch of await reading.batches()) {
                for (let count = 0; count <= batch.records.length; count++)
                  positions.push({ position: batch.positionAfter(count), count: read.length + count });
                read.push(...numbersOf(batch));
              }
              positions.push({ position: await reading.position(), count: read.length });
            }
            expect(read).to.deep.equal(expected);
            for (const { position, count } of positions) {
              expect(isPosition(JSON.parse(JSON.stringify(position))), JSON.stringify(position)).to.equal(
                true,
              );
              const { numbers, notices } = await resume(log.path, position);
              expect(numbers, `after ${count} records`).to.deep.equal(expected.slice(count));
              expect(notices).to.deep.equal([]);
            }
          },
        ),
        { numRuns: 15 },
      );
    });
  }

  it('continues the parts of a line in the file after rotation', async () => {
    for (const runtime of RUNTIMES.filter(({ canSplit }) => canSplit)) {
      const log = new LogFile();
      const lines: Written[] = [1, 2].map(() => ({ stream: 'stdout', cuts: [30], isForeign: false }));
      const file = fileOf(runtime, lines, [true]).map(({ text }) => text);
      log.create();
      const reading = await Reading.start(log.path);
      log.append(file.slice(0, 3).join(''));
      expect(await reading.rest()).to.deep.equal([1]);
      const position = await reading.position();
      log.rename();
      log.create();
      log.append(file.slice(3).join(''));
      expect(await reading.rest(), runtime.what).to.deep.equal([2]);
      expect((await resume(log.path, position)).numbers, runtime.what).to.deep.equal([2]);
    }
  });
});
