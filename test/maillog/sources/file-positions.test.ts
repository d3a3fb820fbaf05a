// The position after every record of a log: a restart there reads exactly the records that remain, once each.

import { expect } from 'chai';
import fc from 'fast-check';
import type { Position } from '../../../src/maillog/sources/source.ts';
import { START } from '../log.ts';
import { LogFile, numbersOf, Reading, resume, stopReadings } from './log-file.ts';

type Step =
  | { readonly type: 'lines'; readonly count: number }
  | { readonly type: 'junk' | 'read' | 'rename' | 'copytruncate' }
  | { readonly type: 'half'; readonly place: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant('lines' as const), count: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('half' as const), place: fc.integer({ min: 1, max: 99 }) }),
  },
  { weight: 5, arbitrary: fc.constant({ type: 'read' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'junk' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'rename' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'copytruncate' as const }) },
);

/** Writes and rotates as given, with reads in between; a rotated log contains lines. */
class Story {
  readonly log = new LogFile();
  readonly written: number[] = [];
  readonly read: number[] = [];
  /** each position, and how many records had been read there */
  readonly positions: { position: Position | undefined; count: number }[] = [];
  #isEmpty = true;

  async run(steps: readonly Step[], rotations: readonly string[]): Promise<Reading> {
    this.log.create();
    const reading = await Reading.start(this.log.path);
    await this.#begin(reading);
    for (const one of steps) await this.#take(one, reading, rotations);
    this.written.push(...this.log.lines(1));
    for (const batch of await reading.batches()) this.#note(batch.records.length, batch, numbersOf(batch));
    return reading;
  }

  async #take(one: Step, reading: Reading, rotations: readonly string[]): Promise<void> {
    if (one.type === 'lines') this.#wrote(this.log.lines(one.count));
    else if (one.type === 'junk') this.log.append('\nNov 23 10:00:00 mx dovecot: x\n-- MARK --\n');
    else if (one.type === 'half') await this.#half(one.place, reading);
    else if (one.type === 'read') await this.#read(reading);
    else if (rotations.includes(one.type) && !this.#isEmpty) {
      if (one.type === 'rename') {
        this.log.rename();
        this.log.create();
      } else this.log.copyTruncate();
      this.#isEmpty = true;
      await this.#begin(reading);
    }
  }

  /** A file whose first line is read before anything happens to it; file-restart has the other cases. */
  async #begin(reading: Reading): Promise<void> {
    this.#wrote(this.log.lines(1));
    for (const batch of await reading.batches()) this.#note(batch.records.length, batch, numbersOf(batch));
    this.#isEmpty = true;
  }

  /** A line whose first half is read before its second is written. */
  async #half(place: number, reading: Reading): Promise<void> {
    const text = this.log.text(1);
    this.log.append(text.slice(0, place));
    await this.#read(reading);
    this.log.append(text.slice(place));
    this.#wrote([this.log.second]);
  }

  #wrote(numbers: readonly number[]): void {
    this.written.push(...numbers);
    this.#isEmpty = false;
  }

  async #read(reading: Reading): Promise<void> {
    const batch = await reading.source.read(START);
    this.#note(batch.records.length, batch, numbersOf(batch));
  }

  #note(
    length: number,
    batch: { positionAfter(count: number): Position | undefined },
    numbers: readonly number[],
  ): void {
    for (let count = 0; count <= length; count++) {
      this.positions.push({ position: batch.positionAfter(count), count: this.read.length + count });
    }
    this.read.push(...numbers);
  }
}

/** No bytes before it identify the file when it has been copied and truncated. */
function isAtVeryBeginning(position: Position): boolean {
  return position.type === 'file' && position.offset === 0;
}

describe('maillog/sources/file-positions: positions', () => {
  afterEach(stopReadings);

  for (const [what, rotations] of [
    ['only grows', []],
    ['is rotated by rename', ['rename']],
    ['is rotated by copytruncate', ['copytruncate']],
    ['is rotated by both', ['rename', 'copytruncate']],
  ] as const) {
    it(`lead to exactly the records that remain in a log that ${what}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 18 }), async (steps) => {
          const story = new Story();
          const reading = await story.run(steps, rotations);
          await reading.source.stop();
          expect(story.read, 'read without a break').to.deep.equal(story.written);
          expect(reading.noticeTypes).not.to.include('gap');
          for (const { position, count } of story.positions) {
            if (position === undefined || isAtVeryBeginning(position)) continue;
            const { numbers, notices } = await resume(story.log.path, position);
            expect(numbers, `after ${count} records`).to.deep.equal(story.written.slice(count));
            expect(notices.map(({ type }) => type)).not.to.include('gap');
          }
        }),
        { numRuns: 25 },
      );
    });
  }

  it('have the time of the last record', async () => {
    const story = new Story();
    const reading = await story.run([{ type: 'lines', count: 2 }, { type: 'read' }], []);
    await reading.source.stop();
    const last = story.positions.at(-1)?.position;
    expect(last).to.deep.include({
      type: 'file',
      path: story.log.path,
      at: new Date(START + (story.written.at(-1) ?? 0) * 1000).toISOString(),
    });
  });
});
