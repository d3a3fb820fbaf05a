// What other hosts have seen: only what an answer of a host can hold is taken, whatever comes over the server.

import { expect } from 'chai';
import { seenBy } from '../../src/desk/elsewhere.ts';

const AT = '2026-11-23T10:20:30.000Z';
const EVENT = { at: AT, kind: 'auth-failure', user: 'bob', line: 'a line' };
const WHOLE = {
  counts: [{ rule: 'auth-failures', count: 2 }],
  refused: 1,
  evidence: [EVENT],
  mails: [{ at: AT, stage: 'RCPT', sender: 'bob@example.com', recipient: 'alice@example.com' }],
};

describe('desk/elsewhere: the answer of another host', () => {
  it('is taken as it is where it is whole', () => {
    expect(seenBy('mx2', WHOLE)).to.deep.equal({ host: 'mx2', ...WHOLE });
  });

  for (const wrong of [
    undefined,
    null,
    'text',
    [],
    {},
    { ...WHOLE, refused: -1 },
    { ...WHOLE, counts: 'many' },
  ])
    it(`is not taken where it is ${JSON.stringify(wrong)}`, () => {
      expect(seenBy('mx2', wrong)).to.equal(undefined);
    });

  it('loses what no host sends, and what is too much', () => {
    const seen = seenBy('mx2', {
      counts: [...WHOLE.counts, { rule: 7, count: 1 }, { rule: 'r', count: 1.5 }, null],
      refused: 0,
      evidence: [
        { ...EVENT, more: 'x', recipient: 7 },
        { ...EVENT, at: 'yesterday' },
        { at: AT },
        { ...EVENT, line: 'x'.repeat(10_000) },
      ],
      mails: Array.from({ length: 1000 }, () => ({ at: AT })),
    });
    expect(seen?.counts).to.deep.equal(WHOLE.counts);
    expect(seen?.evidence).to.deep.equal([EVENT, { ...EVENT, line: 'x'.repeat(4096) }]);
    expect(seen?.mails).to.have.length(10);
  });
});
