// The notes of a report.

import { expect } from 'chai';
import { SuspectedProxies } from '../../../src/replay/report/suspected-proxies.ts';
import { type Caveats, noteSentences } from '../../../src/replay/text/notes.ts';

const NONE: Caveats = {
  proxies: { shown: [], others: 0 },
  isCostKnown: true,
  refusals: 0,
  sparedLogins: 0,
  lostLines: 0,
  evictedRecords: 0,
  evictedClients: 0,
};

describe('replay/text/notes', () => {
  it('are none where nothing was left out', () => {
    expect(noteSentences(NONE)).to.deep.equal([]);
  });

  it('name the private clients that would have been blocked, ten at most, and say how many more there are', () => {
    const proxies = new SuspectedProxies();
    for (let i = 1; i <= 12; i++)
      for (const rule of ['auth', 'rcpt', 'auth'])
        proxies.suspect({ type: 'proxy-suspected', ip: `172.18.0.${i}`, rule, at: i });
    const notes = noteSentences({ ...NONE, proxies });
    expect(notes).to.have.length(11);
    expect(notes[0]).to.contain(
      '172.18.0.1 would have been blocked by auth and rcpt if it were not on the allow',
    );
    expect(notes[10]).to.contain('2 more private client');
  });

  for (const [caveat, words] of [
    [{ isCostKnown: false }, 'the cost is not known'],
    [{ refusals: 1200 }, 'rejected 1,200 commands'],
    [{ sparedLogins: 1 }, '1 failed login is not counted'],
    [{ lostLines: 3 }, 'lost 3 lines'],
    [{ evictedRecords: 2 }, 'max-tracked was reached: 2 records evicted'],
    [{ evictedClients: 2 }, 'evicted 2 IPs'],
  ] as const)
    it(`have one sentence for ${Object.keys(caveat)[0]}`, () => {
      const notes = noteSentences({ ...NONE, ...caveat });
      expect(notes).to.have.length(1);
      expect(notes[0]).to.include(words);
    });
});
