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
      '2 blocks: 1 by rejected-recipients, 1 by auth-failures; 1,203 mails refused',
      '',
    ]);
  });

  it('says no blocks where there are none', () => {
    expect(listText(answer([]), PLAIN)).to.equal('no blocks\n');
  });

  it('marks watched blocks and says what that means', () => {
    const [, row, legend, total] = linesOf([listed({ enforced: false, refused: 0, lastRefused: null })]);
    expect(row).to.equal('192.0.2.7  rejected-recipients  20h  1d 4h    watched  -');
    expect(legend).to.match(/^watched: /);
    expect(total).to.equal('1 block: 1 by rejected-recipients');
  });

  it('explains no mark if nothing is watched', () => {
    expect(linesOf([listed()])).to.have.length(4);
  });

  it('says how many there are beyond those that it shows', () => {
    const text = listText(answer([listed(), listed()], { total: 5312 }), PLAIN);
    expect(text.split('\n').slice(-3)).to.deep.equal([
      'the first 2 of 5,312 blocks (--limit N shows more): 2 by',
      '    rejected-recipients; 6 mails refused',
      '',
    ]);
  });

  it('names the rules with the most blocks, and not all of many', () => {
    const blocks = Array.from({ length: 20 }, (_, i) => listed({ rule: `r${i % 10}` }));
    const text = linesOf(blocks, { ...PLAIN, columns: 300 }).at(-2);
    expect(text).to.match(
      /^20 blocks: 2 by r0, 2 by r1, .*, 2 by r7, others by 2 more rules; 60 mails refused$/,
    );
  });

  it('shows the names of clients and who blocked them where there is room', () => {
    const blocks = [listed({ name: 'mail.example.org' }), listed({ ip: '192.0.2.8', by: 'alice' })];
    expect(linesOf(blocks, { ...PLAIN, columns: 100 }).slice(0, 3)).to.deep.equal([
      'IP         NAME              RULE                 AGE  ENDS IN  REFUSED  LAST REFUSED  BY',
      '192.0.2.7  mail.example.org  rejected-recipients  20h  1d 4h          3  5m            -',
      '192.0.2.8  -                 rejected-recipients  20h  1d 4h          3  5m            alice',
    ]);
    expect(linesOf(blocks)[0]).to.not.contain('NAME');
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
      const block = listed({
        ip: text,
        name: text,
        by: text,
        rule: text,
        since: text,
        until: text,
        lastRefused: text,
      });
      const from = answer([block], { source: 'snapshot', at: text });
      for (const columns of [80, 200]) expect(listText(from, { ...PLAIN, columns })).to.satisfy(isHarmless);
    });
  }
});
