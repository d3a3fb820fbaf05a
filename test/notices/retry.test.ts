// When a failed delivery is tried again: doubled pauses with bounds, and what the receiver asks for.

import { expect } from 'chai';
import fc from 'fast-check';
import { MAX_ASKED, pauseAfter, retryAfter } from '../../src/notices/retry.ts';
import { MINUTE } from '../../src/values/duration.ts';
import { AT } from './events.ts';

const CHANCE = fc.double({ min: 0, max: 1, noNaN: true });

describe('notices/retry: the pause after a failure', () => {
  it('doubles up to five minutes', () => {
    const pauses = [1, 2, 3, 4, 8, 9, 1000].map((failures) => pauseAfter(failures, 1));
    expect(pauses).to.deep.equal([2000, 4000, 8000, 16_000, 256_000, 5 * MINUTE, 5 * MINUTE]);
  });

  it('is at least half of that, and as long as is asked, with a bound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), CHANCE, fc.nat(), (failures, chance, asked) => {
        const pause = pauseAfter(failures, chance, asked);
        expect(pause).to.be.within(1000, MAX_ASKED);
        expect(pause).to.be.at.least(pauseAfter(failures, 1) / 2);
        expect(pause).to.be.at.least(Math.min(asked, MAX_ASKED));
      }),
    );
  });
});

describe('notices/retry: Retry-After', () => {
  const cases: readonly (readonly [string | undefined, number | undefined])[] = [
    ['120', 120_000],
    [' 0 ', 0],
    ['999999999', MAX_ASKED],
    ['Tue, 24 Nov 2026 19:10:10 GMT', 60_000],
    ['Tue, 24 Nov 2026 19:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [field, ms] of cases)
    it(`is ${ms} ms for ${field}`, () => expect(retryAfter(field, AT)).to.equal(ms));
});
