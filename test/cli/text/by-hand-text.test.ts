// The text of graces and temporary allow entries.

import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { byHandText } from '../../../src/cli/text/by-hand-text.ts';
import type { ListedByHand } from '../../../src/desk/answers.ts';
import { NOW, PLAIN } from '../../desk/answers.ts';
import { HOSTILE, isHarmless } from './hostile.ts';

const GRACE: ListedByHand = {
  ip: '192.0.2.7',
  since: '2026-11-24T18:09:10.000Z',
  until: '2026-11-24T20:09:10.000Z',
  by: 'alice',
  reason: 'ticket 4711',
};

function textOf(listed: readonly ListedByHand[], options = PLAIN, total = listed.length): string {
  const at = new Date(NOW).toISOString();
  return byHandText('grace', { at, source: 'daemon', trouble: [], listed, total }, options);
}

describe('cli/text/by-hand-text', () => {
  it('has a line for each, with who made it and why, and the total', () => {
    const other = { ...GRACE, ip: '2001:db8::/64', by: null, reason: null };
    expect(textOf([GRACE, other]).split('\n')).to.deep.equal([
      'IP             AGE  ENDS IN  BY     REASON',
      '192.0.2.7      1h   1h 1m    alice  ticket 4711',
      '2001:db8::/64  1h   1h 1m    -      -',
      '2 graces',
      '',
    ]);
  });

  it('says that there are none', () => {
    expect(textOf([])).to.equal('no graces\n');
    const origin = { at: GRACE.since, source: 'daemon', trouble: [] } as const;
    expect(byHandText('allow entry', { ...origin, listed: [], total: 0 }, PLAIN)).to.equal(
      'no temporary allow entries\n',
    );
  });

  it('says how many there are beyond those that it shows', () => {
    expect(textOf([GRACE], PLAIN, 7)).to.match(/\nthe first 1 of 7 graces \(--limit N shows more\)\n$/);
  });

  it('wraps a long reason within the width, and changes no text by its colours', () => {
    const listed = [{ ...GRACE, reason: 'the customer cleans up '.repeat(8).trim() }];
    const text = textOf(listed, { ...PLAIN, columns: 60 });
    for (const line of text.split('\n')) expect(line.length, line).to.be.at.most(60);
    expect(text.replace(/\s+/g, ' ')).to.contain('cleans up');
    const coloured = textOf(listed, { ...PLAIN, columns: 60, isColored: true });
    expect(stripVTControlCharacters(coloured)).to.equal(text);
  });

  for (const [what, text] of HOSTILE) {
    it(`shows ${what} as plain characters`, () => {
      expect(textOf([{ ip: text, since: text, until: text, by: text, reason: text }])).to.satisfy(isHarmless);
    });
  }
});
