// Former blocks and what was done by hand, as sentences.

import { expect } from 'chai';
import { historyLines } from '../../../src/cli/text/history-text.ts';
import type { HistoryEntry } from '../../../src/desk/answers.ts';
import { PLAIN, shown, shownBlock } from '../../desk/answers.ts';

const WIDE = { ...PLAIN, columns: Number.POSITIVE_INFINITY };
const AT = '2026-11-20T10:00:00.000Z';
const LATER = '2026-11-20T15:00:00.000Z';
const IP = '192.0.2.7';
const BLOCK: HistoryEntry = {
  event: 'block',
  at: AT,
  ip: IP,
  rule: 'r',
  enforced: true,
  until: LATER,
  count: 3,
};
const END: HistoryEntry = {
  event: 'end',
  at: LATER,
  ip: IP,
  rule: 'r',
  enforced: true,
  since: AT,
  refused: 12,
};
const SPARED: HistoryEntry = {
  event: 'spared',
  at: AT,
  ip: IP,
  rule: 'r',
  enforced: true,
  reason: 'share',
  bad: 120,
  good: 5880,
  share: 0.1,
};
const ALICE = { by: 'alice', why: 'ticket 4711' };

function sentences(history: readonly HistoryEntry[]): string[] {
  return historyLines(shown({ history }), WIDE).map((line) =>
    line.trim().slice('2026-11-20 15:00 UTC  '.length),
  );
}

describe('cli/text/history-text: history as text', () => {
  const table: readonly [entry: HistoryEntry, sentence: string][] = [
    [{ ...END, reason: 'expired' }, 'r ended after 5h, 12 refused: expired'],
    [{ ...END, reason: 'expired', refused: 0 }, 'r ended after 5h: expired'],
    [{ ...END, reason: 'lifted', ...ALICE }, 'r ended after 5h, 12 refused: lifted by alice: ticket 4711'],
    [{ ...END, reason: 'allow-listed' }, 'r ended after 5h, 12 refused: added to the allow list'],
    [{ ...END, reason: 'rule-removed', refused: 0 }, 'r ended after 5h: the rule was removed'],
    [
      { ...END, reason: 'rule-changed', enforced: false },
      'r (watched) ended after 5h, 12 refused: the rule was changed',
    ],
    [{ ...END, reason: 'toString' }, 'r ended after 5h, 12 refused: toString'],
    [BLOCK, 'blocked by r until 2026-11-20 15:00 UTC'],
    [{ ...BLOCK, enforced: false }, 'watched by r until 2026-11-20 15:00 UTC'],
    [{ ...BLOCK, ...ALICE }, 'blocked by r until 2026-11-20 15:00 UTC by alice: ticket 4711'],
    [
      { event: 'grace', at: AT, ip: IP, until: LATER, ...ALICE },
      'grace until 2026-11-20 15:00 UTC by alice: ticket 4711',
    ],
    [
      { event: 'allow', at: AT, ip: '192.0.2.0/24', until: LATER, ...ALICE },
      'allow 192.0.2.0/24 until 2026-11-20 15:00 UTC by alice: ticket 4711',
    ],
    [{ event: 'disallow', at: AT, ip: IP, ...ALICE }, 'disallow by alice: ticket 4711'],
    [{ event: 'disallow', at: AT, ip: '192.0.2.0/24' }, 'disallow 192.0.2.0/24: expired'],
    [SPARED, 'spared by r: 2 % of 6,000, share 10 %'],
    [{ ...SPARED, enforced: false }, 'spared by r (watched): 2 % of 6,000, share 10 %'],
    [
      { ...SPARED, reason: 'breaker', bad: 30, good: 0, share: 0.5 },
      'spared by r, the breaker was open: 100 % of 30, share 50 %',
    ],
    [
      { event: 'breaker', at: AT, ip: IP, state: 'open', blocked: 6, standing: 212 },
      'opened the breaker: 6 of 212 clients in good standing reached a limit',
    ],
    [{ event: 'novel', at: AT, ip: IP }, 'novel'],
  ];
  for (const [entry, sentence] of table) {
    it(`says ${sentence}`, () => expect(sentences([entry])).to.deep.equal([sentence]));
  }

  it('shows a block that has ended once', () => {
    expect(sentences([BLOCK, { ...END, reason: 'expired' }])).to.have.length(1);
  });

  it('shows two blocks by one rule, one of which has not ended in the trail', () => {
    const before = { ...BLOCK, at: '2026-11-19T10:00:00.000Z' };
    expect(sentences([before, BLOCK, { ...END, reason: 'expired' }])).to.have.length(2);
  });

  it('leaves out the running blocks, which are shown above', () => {
    const block = shownBlock({ rule: 'r', since: AT });
    const watch = { ...block, rule: 'w', enforced: false };
    const history = [BLOCK, { ...BLOCK, rule: 'w', enforced: false }];
    expect(historyLines(shown({ block, watching: [watch], history }), WIDE)).to.deep.equal([
      '  no former blocks',
    ]);
  });

  it('says that there are none', () => {
    expect(historyLines(shown(), PLAIN)).to.deep.equal(['  no former blocks']);
  });
});
