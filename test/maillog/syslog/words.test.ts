// Words at a place of a message.

import { expect } from 'chai';
import fc from 'fast-check';
import { Words } from '../../../src/maillog/syslog/words.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 40 });

describe('maillog/syslog/words', () => {
  it('stand where startsWith finds them, of whatever length and at whatever place', () => {
    fc.assert(
      fc.property(text, text, text, fc.nat(45), (before, wanted, after, from) => {
        const message = before + wanted + after;
        const words = new Words(wanted);
        expect(words.standAt(message, before.length)).to.equal(true);
        expect(words.standAt(message, Math.min(from, message.length))).to.equal(
          message.startsWith(wanted, from),
        );
      }),
    );
  });

  it('stand nowhere where one character differs, or the last is missing', () => {
    for (const wanted of [
      'client=',
      'disconnect ',
      'disconnect from ',
      'Service unavailable; Client host [',
    ]) {
      const words = new Words(wanted);
      for (let i = 0; i < wanted.length; i++)
        expect(words.standAt(`${wanted.slice(0, i)}_${wanted.slice(i + 1)}`, 0), wanted).to.equal(false);
      expect(words.standAt(wanted.slice(0, -1), 0), wanted).to.equal(false);
    }
  });
});
