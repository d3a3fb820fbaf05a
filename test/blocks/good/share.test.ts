// The share of a rule: a table of what a client did, and whether that is abuse enough for a block.

import { expect } from 'chai';
import { codeNamed } from '../../../src/blocks/events/codes.ts';
import { stampOf } from '../../../src/blocks/events/window.ts';
import { type ShareQuestion, shareAt } from '../../../src/blocks/good/share.ts';
import { DAY, HOUR } from '../../../src/values/duration.ts';

const NOW = 100 * DAY;
const CODE = codeNamed('auth-failure');
const RULE: ShareQuestion = {
  mask: 1 << CODE,
  limit: 1,
  within: HOUR,
  floor: 0,
  share: 0.1,
  sort: 'recipients',
};

function counts(good: number) {
  return { count: () => good, users: () => good, lastLogin: () => 0 };
}

/** Of a client with so many events at NOW. */
function share(bad: number, good: number, rule: Partial<ShareQuestion> = {}) {
  const events = new Array<number>(bad).fill(stampOf(NOW, CODE));
  return shareAt({ key: '192.0.2.1', events }, { ...RULE, ...rule }, counts(good), NOW);
}

describe('blocks/good/share', () => {
  for (const [bad, good, part, isMet] of [
    [100, 0, 0.1, true],
    [100, 899, 0.1, true],
    [100, 900, 0.1, true],
    [100, 901, 0.1, false],
    [120, 6000, 0.1, false],
    [1, 9, 0.1, true],
    [3, 27, 0.1, true],
    [7, 63, 0.1, true],
    [1, 1, 0.5, true],
    [1, 2, 0.5, false],
    [29, 116, 0.2, true],
    [29, 117, 0.2, false],
    [1, 1_000_000, 0, true],
    [5, 0, 1, true],
    [5, 1, 1, false],
  ] as const) {
    it(`of ${bad} beside ${good} good is ${isMet ? '' : 'not '}met at ${part * 100} %`, () => {
      expect(share(bad, good, { share: part }).isMet).to.equal(isMet);
    });
  }

  it('counts abuse within the time of the rule, up to the moment and from the floor on', () => {
    const times = [NOW - HOUR, NOW - HOUR + 1, NOW - 2, NOW - 1, NOW, NOW + 1];
    const events = times.map((at) => stampOf(at, CODE));
    const client = { key: '192.0.2.1', events };
    expect(shareAt(client, RULE, counts(0), NOW).bad).to.equal(4);
    expect(shareAt(client, { ...RULE, floor: NOW - 1 }, counts(0), NOW).bad).to.equal(2);
  });

  it('compares nothing where a rule counts several sorts, or has no share', () => {
    expect(share(1, 1000, { sort: undefined })).to.include({ good: 0, isMet: true });
    expect(share(1, 1000, { share: undefined })).to.include({ good: 0, share: 0, isMet: true });
  });

  it('decides by the whole numbers that are reported', () => {
    expect(share(1, 9.4)).to.include({ good: 9, isMet: true });
    expect(share(1, 9.5)).to.include({ good: 10, isMet: false });
  });
});
