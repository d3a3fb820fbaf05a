// The scales and ticks of the charts.

import { expect } from 'chai';
import fc from 'fast-check';
import {
  decades,
  linear,
  logarithmic,
  logarithmicTicks,
  roundTicks,
  shortNumber,
  timeTicks,
} from '../../../src/replay/page/scale.ts';
import { DAY, HOUR, MINUTE } from '../../../src/values/duration.ts';

describe('replay/page/scale', () => {
  it('map the ends of the values to the ends of the drawing', () => {
    const scale = linear([10, 20], [100, 0]);
    expect([scale(10), scale(15), scale(20)]).to.deep.equal([100, 50, 0]);
  });

  it('give each power of ten the same length where they are logarithmic', () => {
    const scale = logarithmic([1, 1000], [0, 300]);
    expect([1, 10, 100, 1000].map((value) => Math.round(scale(value)))).to.deep.equal([0, 100, 200, 300]);
  });

  it('have few round ticks, which enclose the values', () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(1e9), (from, span) => {
        const ticks = roundTicks(from, from + span, 4);
        expect(ticks.length).to.be.within(2, 7);
        expect(ticks[0]).to.be.at.most(from);
        expect(ticks.at(-1)).to.be.at.least(from + span);
      }),
    );
  });

  it('have the powers of ten up to the largest value', () => {
    expect([1, 9, 10, 1000, 1001].map((to) => decades(to).length)).to.deep.equal([1, 1, 2, 4, 4]);
  });

  it('have at least two ticks where they are logarithmic', () => {
    const axes = [2, 4, 9, 10, 99, 100, 5000].map((to) => logarithmicTicks(to).map(({ at }) => at));
    expect(axes).to.deep.equal([
      [1, 2],
      [1, 2],
      [1, 2, 5],
      [1, 2, 5, 10],
      [1, 2, 5, 10, 20, 50],
      [1, 10, 100],
      [1, 10, 100, 1000],
    ]);
  });

  it('have at least two ticks over time, from ten minutes to two years', () => {
    for (let span = 10 * MINUTE; span < 730 * DAY; span *= 1.01) {
      const from = Date.parse('2026-10-01T00:00:30.000Z');
      expect(timeTicks(from, from + span).length, `${span} ms`).to.be.within(2, 7);
    }
  });

  for (const span of [MINUTE, 20 * MINUTE, 5 * HOUR, 2 * DAY, 31 * DAY, 400 * DAY, 4000 * DAY]) {
    it(`have a few full times within ${span / MINUTE} minutes`, () => {
      const from = Date.parse('2026-10-01T00:00:30.000Z');
      const ticks = timeTicks(from, from + span);
      expect(ticks.length).to.be.within(1, 7);
      for (const { at } of ticks) {
        expect(at).to.be.within(from, from + span);
        expect(at % MINUTE).to.equal(0);
      }
    });
  }

  const numbers: readonly [number, string][] = [
    [0, '0'],
    [999, '999'],
    [1500, '1.5k'],
    [20_000, '20k'],
    [3_000_000, '3M'],
    [2e9, '2G'],
  ];
  for (const [number, text] of numbers) {
    it(`write ${number} as ${text}`, () => expect(shortNumber(number)).to.equal(text));
  }
});
