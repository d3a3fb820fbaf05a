// Durations: what an administrator may write, and how they are read back to him.

import { expect } from 'chai';
import fc from 'fast-check';
import { DAY, durationText, HOUR, MINUTE, parseDuration } from '../../src/values/duration.ts';

describe('values/duration', () => {
  const good: readonly [text: string, ms: number][] = [
    ['90s', 90_000],
    ['10m', 10 * MINUTE],
    ['1h', HOUR],
    ['48h', 48 * HOUR],
    ['2d', 2 * DAY],
    ['1w', 7 * DAY],
    ['1h30m', 90 * MINUTE],
    ['1d2h3m4s', DAY + 2 * HOUR + 3 * MINUTE + 4000],
    ['0s', 0],
    ['007m', 7 * MINUTE],
  ];
  for (const [text, ms] of good) {
    it(`reads ${text} as ${ms} ms`, () => expect(parseDuration(text)).to.equal(ms));
  }

  const bad: readonly [text: string, why: string][] = [
    ['', 'empty'],
    ['60', 'no unit'],
    ['h', 'no number'],
    ['1.5h', 'a fraction'],
    ['-1h', 'a sign'],
    ['1 h', 'a blank'],
    ['1h ', 'a blank behind'],
    ['1h\n', 'a line end'],
    ['1H', 'a capital'],
    ['1y', 'no such unit'],
    ['1ms', 'no such unit'],
    ['1hour', 'a word'],
    ['h1', 'the unit in front'],
    ['1h30', 'the last number without a unit'],
    ['1234567890s', 'ten digits'],
    ['1s'.repeat(30), 'longer than any duration'],
    ['١h', 'a digit of another script'],
  ];
  for (const [text, why] of bad) {
    it(`refuses ${JSON.stringify(text)}: ${why}`, () => expect(parseDuration(text)).to.equal(undefined));
  }

  it('gives a number or undefined for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789smhdw -.') }), (text) => {
        const isDuration = /^([0-9]{1,9}[smhdw])+$/.test(text) && text.length <= 40;
        expect(parseDuration(text) !== undefined).to.equal(isDuration);
      }),
    );
  });

  const texts: readonly [ms: number, text: string][] = [
    [0, '0s'],
    [-1, '0s'],
    [999, '0s'],
    [59_999, '59s'],
    [12 * MINUTE + 5000, '12m 5s'],
    [HOUR + 1000, '1h 1s'],
    [DAY + 4 * HOUR, '1d 4h'],
    [DAY + 4 * HOUR + 3 * MINUTE, '1d 4h'],
    [400 * DAY, '400d'],
  ];
  for (const [ms, text] of texts)
    it(`prints ${ms} ms as ${text}`, () => expect(durationText(ms)).to.equal(text));

  it('prints what reads back as the same time, less than what the two largest units leave out', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 * DAY }), (ms) => {
        const back = parseDuration(durationText(ms).replace(' ', '')) ?? Number.NaN;
        expect(ms - back).to.be.within(0, ms < HOUR ? 999 : HOUR);
      }),
    );
  });
});
