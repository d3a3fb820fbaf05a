// The clients that a search keeps: the newest, and no more than a bound.

import { expect } from 'chai';
import fc from 'fast-check';
import type { FoundMatch } from '../../../src/desk/find/answer.ts';
import { Newest } from '../../../src/desk/find/newest.ts';
import { isoText } from '../../../src/values/iso-time.ts';

function match(at: number): FoundMatch {
  return { at: isoText(at), place: 'evidence', event: null, field: 'user', text: 'bob' };
}

describe('desk/find/newest', () => {
  it('keeps the clients with the newest matches, whatever their order', () => {
    const times = fc.uniqueArray(fc.nat(1e12), { maxLength: 60 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 10 }), (all, limit) => {
        const newest = new Newest(limit);
        for (const at of all) newest.add(`client ${at}`, match(at));
        const expected = [...all].sort((a, b) => b - a).slice(0, limit);
        expect(newest.all.map(({ ip }) => ip)).to.deep.equal(expected.map((at) => `client ${at}`));
        expect(newest.isMore).to.equal(all.length > limit);
      }),
    );
  });

  it('counts the matches of a client, and has the newest of them', () => {
    const newest = new Newest(5);
    for (const at of [2000, 3000, 1000]) newest.add('192.0.2.1', match(at));
    expect(newest.all).to.deep.equal([{ ip: '192.0.2.1', matches: 3, newest: match(3000) }]);
    expect(newest.isMore).to.equal(false);
  });
});
