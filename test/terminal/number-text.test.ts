// Numbers as the report shows them.

import { expect } from 'chai';
import { bytesText, counted, flooredPercent, grouped, percentText } from '../../src/terminal/number-text.ts';

describe('terminal/number-text', () => {
  const numbers: readonly [number, string][] = [
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1_234_567, '1,234,567'],
  ];
  for (const [number, text] of numbers) {
    it(`shows ${number} as ${text}`, () => expect(grouped(number)).to.equal(text));
  }

  it('has a singular', () => {
    expect([0, 1, 1200].map((number) => counted(number, 'mail'))).to.deep.equal([
      '0 mails',
      '1 mail',
      '1,200 mails',
    ]);
  });

  const shares: readonly [part: number, whole: number, text: string][] = [
    [0, 0, ''],
    [0, 7, '0 %'],
    [7, 7, '100 %'],
    [1, 3, '33.3 %'],
    [1, 100_000, '<0.1 %'],
    [99_999, 100_000, '>99.9 %'],
  ];
  for (const [part, whole, text] of shares) {
    it(`shows ${part} of ${whole} as "${text}"`, () => expect(percentText(part, whole)).to.equal(text));
  }

  const parts: readonly [part: number, text: string][] = [
    [0, '0 %'],
    [0.0004, '<0.1 %'],
    [0.02, '2 %'],
    [0.07, '7 %'],
    [0.29, '29 %'],
    [0.57, '57 %'],
    [0.0999999, '9.9 %'],
    [0.1, '10 %'],
    [0.3333, '33.3 %'],
    [0.99999, '99.9 %'],
    [1, '100 %'],
  ];
  for (const [part, text] of parts)
    it(`shows ${part} as ${text}, rounded down`, () => expect(flooredPercent(part)).to.equal(text));

  const sizes: readonly [bytes: number, text: string][] = [
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [1_412_000_000, '1.4 GB'],
    [5e15, '5000.0 TB'],
  ];
  for (const [bytes, text] of sizes) {
    it(`shows ${bytes} bytes as ${text}`, () => expect(bytesText(bytes)).to.equal(text));
  }
});
