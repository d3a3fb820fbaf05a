// The notes of a report.

import { expect } from 'chai';
import { type Caveats, noteSentences } from '../../../src/replay/text/notes.ts';

const NONE: Caveats = {
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
