// Numbers as the report shows them.

import { expect } from 'chai';
import { bytesText, counted, grouped, percentText } from '../../src/terminal/number-text.ts';

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
