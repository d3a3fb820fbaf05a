// A text at one place among bytes.

import { expect } from 'chai';
import fc from 'fast-check';
import { logTextOf } from '../../../src/maillog/syslog/log-text.ts';
import { Prefix, WORD } from '../../../src/maillog/syslog/prefix.ts';

const unit = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
const text = fc.string({ unit });

describe('maillog/syslog/prefix', () => {
  it('stands where startsWith finds it, of whatever length and at whatever place', () => {
    fc.assert(
      fc.property(
        text,
        fc.string({ unit, minLength: WORD }),
        text,
        fc.nat(20),
        (before, prefix, after, from) => {
          const all = before + prefix + after;
          const wanted = new Prefix(prefix);
          expect(wanted.standsAt(logTextOf(all), before.length)).to.equal(true);
          if (from <= all.length)
            expect(wanted.standsAt(logTextOf(all), from)).to.equal(all.startsWith(prefix, from));
        },
      ),
    );
  });

  it('stands nowhere where one character differs, or the last is missing', () => {
    const prefix = 'mx postfix/smtpd[1234';
    const wanted = new Prefix(prefix);
    for (let i = 0; i < prefix.length; i++) {
      const other = `${prefix.slice(0, i)}\xff${prefix.slice(i + 1)}]`;
      expect(wanted.standsAt(logTextOf(other), 0), other).to.equal(false);
    }
    expect(wanted.standsAt(logTextOf(prefix.slice(0, -1)), 0)).to.equal(false);
    expect(wanted.standsAt(logTextOf(prefix), prefix.length)).to.equal(false);
  });
});
