// Counts over time: a bounded number of slices of one width, without a count lost.

import { expect } from 'chai';
import fc from 'fast-check';
import { Slices } from '../../../src/replay/report/slices.ts';
import { DAY, HOUR, MINUTE } from '../../../src/values/duration.ts';
import { scaled } from '../../harness/scale.ts';

const START = Date.UTC(2026, 10, 1, 10, 0, 30);

describe('replay/report/slices', () => {
  it('begins at the full minute of the first count', () => {
    const slices = new Slices();
    const series = slices.series();
    expect([slices.start, series.counts]).to.deep.equal([null, []]);
    series.add(START);
    expect([slices.start, slices.width, series.counts]).to.deep.equal(['2026-11-01T10:00:00.000Z', 60, [1]]);
  });

  it('has each count in the slice of its time, however long it becomes', () => {
    const gap = fc.constantFrom(0, 1000, MINUTE - 1, MINUTE, HOUR, DAY, 40 * DAY);
    fc.assert(
      fc.property(fc.array(fc.tuple(gap, fc.nat(2)), { minLength: 1, maxLength: 100 }), (steps) => {
        const slices = new Slices();
        const all = [slices.series(), slices.series(), slices.series()];
        const times: (readonly [at: number, row: number])[] = [];
        let at = START;
        for (const [gap, row] of steps) {
          at += gap;
          times.push([at, row]);
          all[row]?.add(at);
        }
        const start = Date.parse(slices.start ?? '');
        for (const [row, { counts }] of all.entries()) {
          expect(counts.length).to.be.at.most(480);
          for (const [slice, count] of counts.entries()) {
            const from = start + slice * slices.width * 1000;
            const isIn = ([time, its]: readonly [number, number]) =>
              its === row && from <= time && time < from + slices.width * 1000;
            expect(count).to.equal(times.filter(isIn).length);
          }
        }
      }),
      { numRuns: scaled(100) },
    );
  });

  it('counts what precedes the first slice in the first', () => {
    const series = new Slices().series();
    for (const at of [START, START - DAY, START + MINUTE]) series.add(at);
    expect(series.counts).to.deep.equal([2, 1]);
  });

  it('has the same length for each series', () => {
    const slices = new Slices();
    const all = [slices.series(), slices.series(), slices.series()];
    all[0]?.add(START);
    all[1]?.add(START + 2 * MINUTE);
    expect(all.map(({ counts }) => counts)).to.deep.equal([
      [1, 0, 0],
      [0, 0, 1],
      [0, 0, 0],
    ]);
  });
});
