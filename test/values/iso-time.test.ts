// Times in files: the same as Date has them, and nothing else is a time.

import { expect } from 'chai';
import fc from 'fast-check';
import { isoText, isoTime, isoTimeAt } from '../../src/values/iso-time.ts';

const END_OF_9999 = Date.UTC(10_000, 0, 1) - 1;
const moment = fc.oneof(
  fc.integer({ min: 0, max: END_OF_9999 }),
  fc.integer({ min: 1.79e12, max: 1.79e12 + 3000 }),
);

describe('values/iso-time', () => {
  it('writes what Date writes, in whatever order the times come', () => {
    fc.assert(
      fc.property(fc.array(moment), (times) => {
        for (const at of times) expect(isoText(at)).to.equal(new Date(at).toISOString());
      }),
    );
  });

  it('reads what it writes, wherever it stands', () => {
    fc.assert(
      fc.property(fc.array(moment), fc.string(), (times, before) => {
        for (const at of times) {
          expect(isoTime(isoText(at))).to.equal(at);
          const bytes = Buffer.from(`${before}${isoText(at)}"`);
          expect(isoTimeAt(bytes, Buffer.byteLength(before))).to.equal(at);
        }
      }),
    );
  });

  it('takes no other text for a time', () => {
    const bad: [unknown, string][] = [
      ['2026-02-30T00:00:00.000Z', 'no such day'],
      ['2026-02-29T00:00:00.000Z', 'no leap year'],
      ['2026-13-01T00:00:00.000Z', 'no such month'],
      ['2026-00-01T00:00:00.000Z', 'no month 0'],
      ['2026-01-01T24:00:00.000Z', 'no such hour'],
      ['2026-01-01T00:60:00.000Z', 'no such minute'],
      ['2026-01-01T00:00:60.000Z', 'no such second'],
      ['1969-12-31T23:59:59.999Z', 'before 1970'],
      ['2026-01-01T00:00:00,000Z', 'a comma'],
      ['2026-01-01 00:00:00.000Z', 'no T'],
      ['2026-01-01T00:00:00.000z', 'a small z'],
      ['2026-01-01T00:00:00.000', 'no zone'],
      ['2026-01-01T00:00:00.00Z ', 'two digits'],
      ['+26-01-01T00:00:00.000Z', 'a sign'],
      ['2026-01-0xT00:00:00.000Z', 'a letter'],
      ['2026-01-01T00:00:00.00\u0130Z', 'a digit only in latin1'],
      ['', 'nothing'],
      [1.79e12, 'a number'],
      [undefined, 'undefined'],
    ];
    for (const [value, reason] of bad) expect(isoTime(value), reason).to.be.NaN;
  });

  it('is not led astray by a wrong day that came before', () => {
    expect(isoTime('2026-02-30T00:00:00.000Z')).to.be.NaN;
    expect(isoTime('2026-02-28T00:00:00.000Z')).to.equal(Date.UTC(2026, 1, 28));
    expect(isoTime('2026-02-30T00:00:00.000Z')).to.be.NaN;
  });
});
