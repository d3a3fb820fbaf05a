// The histogram of events of one IP in one period: bins without gaps, each number in its own.

import { expect } from 'chai';
import fc from 'fast-check';
import { Histogram } from '../../../src/replay/report/histogram.ts';
import { scaled } from '../../harness/scale.ts';

function binsOf(values: readonly number[], limit = 30) {
  const histogram = new Histogram(limit);
  for (const value of values) histogram.add(value);
  return histogram.bins;
}

describe('replay/report/histogram', () => {
  it('has no bins where nothing was counted', () => {
    expect(binsOf([])).to.deep.equal([]);
  });

  it('counts each number in its bin, in bins without gaps up to the largest', () => {
    const value = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 20_000_000 }));
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 10_000 }),
        (values, limit) => {
          const bins = binsOf(values, limit);
          const reaching = bins
            .filter(({ from }) => from >= limit)
            .reduce((sum, { count }) => sum + count, 0);
          expect(reaching).to.equal(values.filter((value) => value >= limit).length);
          expect(bins[0]?.from).to.equal(1);
          for (const [i, { from, to, count }] of bins.entries()) {
            expect(count).to.equal(values.filter((one) => from <= one && one <= to).length);
            if (i > 0) expect(from).to.equal((bins[i - 1]?.to ?? 0) + 1);
          }
          expect(bins.at(-1)?.count).to.be.above(0);
          expect(bins.length).to.be.below(80);
        },
      ),
      { numRuns: scaled(200) },
    );
  });

  it('has a bin for each small number', () => {
    expect(binsOf([8]).map(({ from }) => from)).to.deep.equal([1, 2, 3, 4, 5, 6, 8]);
  });
});
