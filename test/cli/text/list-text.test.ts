// The text of list and of what was done by hand.

import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { listText } from '../../../src/cli/text/list-text.ts';
import type { ListAnswer, ListedBlock } from '../../../src/desk/answers.ts';
import { listed, NOW, PLAIN } from '../../desk/answers.ts';
import { HOSTILE, isHarmless } from './hostile.ts';

const LONGEST_RULE = 'a'.repeat(64);

function answer(blocks: readonly ListedBlock[], changes: Partial<ListAnswer> = {}): ListAnswer {
  return { at: new Date(NOW).toISOString(), source: 'daemon', trouble: [], blocks, ...changes };
}

function linesOf(blocks: readonly ListedBlock[], options = PLAIN): string[] {
  return listText(answer(blocks), options).split('\n');
}

describe('cli/text/list-text: list as text', () => {
  it('aligns the columns under their titles', () => {
    const other = listed({ ip: '198.51.100.23', rule: 'auth-failures', refused: 1200, lastRefused: null });
    expect(linesOf([listed(), other])).to.deep.equal([
      'IP             RULE                 AGE  ENDS IN  REFUSED  LAST',
      '192.0.2.7      rejected-recipients  20h  1d 4h          3  5m',
      '198.51.100.23  auth-failures        20h  1d 4h       1200  -',
      '',
    ]);
  });

  it('says no blocks where there are none', () => {
    expect(listText(answer([]), PLAIN)).to.equal('no blocks\n');
  });

  it('marks watched blocks and says what that means', () => {
    const [, row, legend] = linesOf([listed({ enforced: false, refused: 0, lastRefused: null })]);
    expect(row).to.equal('192.0.2.7  rejected-recipients  20h  1d 4h    watched  -');
    expect(legend).to.match(/^watched: /);
  });

  it('explains no mark if nothing is watched', () => {
    expect(linesOf([listed()])).to.have.length(3);
  });

  it('begins with the age of a snapshot', () => {
    const at = '2026-11-24T18:57:05.000Z';
    const [first, second] = listText(answer([], { source: 'snapshot', at }), PLAIN).split('\n');
    expect(first).to.equal('the daemon is not running; its snapshot is 12m 5s old (2026-11-24 18:57 UTC)');
    expect(second).to.equal('no blocks');
  });

  it('shows that a block has expired', () => {
    expect(linesOf([listed({ until: new Date(NOW).toISOString() })])[1]).to.contain('  over ');
  });

  const widest: readonly [what: string, block: Partial<ListedBlock>][] = [
    ['an IPv4 address', { ip: '255.255.255.255' }],
    ['an IPv6 /64', { ip: '2001:db80:1234:5678::/64' }],
    ['an IPv6 address', { ip: '2001:db80:1234:5678:1234:5678:1234:5678' }],
    ['a watched /64', { ip: '2001:db80:1234:5678::/64', enforced: false }],
    ['times of a year', { since: '2025-11-24T20:00:00.000Z', until: '2027-11-20T20:00:00.000Z' }],
    ['a million refusals', { ip: '2001:db80:1234:5678::/64', refused: 9_999_999 }],
  ];
  for (const [what, block] of widest) {
    it(`fits 80 columns with ${what}, cutting the rule and never the IP`, () => {
      const whole = listed({ ...block, rule: LONGEST_RULE });
      const lines = linesOf([whole]);
      for (const line of lines) expect(line.length, line).to.be.at.most(80);
      expect(lines[1]).to.match(new RegExp(`^${whole.ip}  a{5,63}…  `));
    });
  }

  it('leaves the shipped rules whole beside an IPv6 /64', () => {
    const row = linesOf([listed({ ip: '2001:db80:1234:5678::/64', since: '2026-11-20T20:00:00.000Z' })])[1];
    expect(row).to.contain(' rejected-recipients ');
  });

  it('cuts nothing if the width is unlimited', () => {
    const options = { ...PLAIN, columns: Number.POSITIVE_INFINITY };
    expect(linesOf([listed({ rule: LONGEST_RULE })], options)[1]).to.contain(LONGEST_RULE);
  });

  it('keeps the IP whole on the narrowest terminal', () => {
    expect(linesOf([listed()], { ...PLAIN, columns: 10 })[1]).to.match(/^192\.0\.2\.7 {2}rejec…/);
  });

  it('uses colour only where it may, and changes no text', () => {
    const blocks = [listed(), listed({ enforced: false })];
    const coloured = listText(answer(blocks), { ...PLAIN, isColored: true });
    const bare = listText(answer(blocks), PLAIN);
    expect(coloured).to.contain('\x1b[');
    expect(bare).to.not.contain('\x1b');
    expect(stripVTControlCharacters(coloured)).to.equal(bare);
  });

  for (const [what, text] of HOSTILE) {
    it(`shows ${what} as plain characters`, () => {
      const block = listed({ ip: text, rule: text, since: text, until: text, lastRefused: text });
      expect(listText(answer([block], { source: 'snapshot', at: text }), PLAIN)).to.satisfy(isHarmless);
    });
  }
});
