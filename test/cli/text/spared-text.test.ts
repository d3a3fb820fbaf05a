// The text of spared clients, in list and in show.

import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { sparedListText } from '../../../src/cli/text/spared-text.ts';
import type { ListedSpared, SparedAnswer } from '../../../src/desk/answers.ts';
import { below, listedSpared, NOW, PLAIN, shown, shownCount } from '../../desk/answers.ts';
import { HOSTILE, isHarmless } from './hostile.ts';

const BREAKER = listedSpared({
  ip: '198.51.100.23',
  rule: 'auth-failures',
  reason: 'breaker',
  bad: 30,
  good: 0,
  share: 0.5,
});

function answer(spared: readonly ListedSpared[], changes: Partial<SparedAnswer> = {}): SparedAnswer {
  return { at: new Date(NOW).toISOString(), source: 'daemon', trouble: [], spared, ...changes };
}

function linesOf(spared: readonly ListedSpared[], options = PLAIN): string[] {
  return sparedListText(answer(spared), options).trimEnd().split('\n');
}

describe('cli/text/spared-text: list --spared', () => {
  it('shows the figures that decided, aligned under their titles', () => {
    const big = listedSpared({ ip: '198.51.100.23', bad: 1200, good: 98_800 });
    expect(linesOf([listedSpared(), big])).to.deep.equal([
      'IP             RULE                 AGE  ABUSE       OF   PART  SHARE',
      '192.0.2.7      rejected-recipients  2h     120    6,000    2 %   10 %',
      '198.51.100.23  rejected-recipients  2h   1,200  100,000  1.2 %   10 %',
      '2 spared clients',
    ]);
  });

  it('says where the breaker is the reason, and what that means', () => {
    const [titles, , row, legend] = linesOf([listedSpared(), BREAKER]);
    expect(titles).to.match(/ WHY$/);
    expect(row).to.match(/ 100 % +50 % {2}breaker$/);
    expect(legend).to.match(/^breaker: /);
  });

  it('marks rules that only watch', () => {
    const lines = linesOf([listedSpared({ enforced: false }), { ...BREAKER, enforced: false }]);
    expect(lines[1]).to.match(/ {2}watched$/);
    expect(lines[2]).to.match(/ {2}breaker, watched$/);
    expect(lines.at(-2)).to.match(/^watched: /);
  });

  it('says that there are none', () => {
    expect(sparedListText(answer([]), PLAIN)).to.equal('no spared clients\n');
  });

  it('begins with the age of a snapshot', () => {
    const text = sparedListText(answer([], { source: 'snapshot', at: '2026-11-24T18:57:05.000Z' }), PLAIN);
    expect(text).to.match(/^the daemon is not running; its snapshot is 12m 5s old /);
  });

  for (const ip of [
    '255.255.255.255',
    '2001:db80:1234:5678::/64',
    '2001:db80:1234:5678:1234:5678:1234:5678',
  ]) {
    it(`fits 80 columns with ${ip}, cutting the rule and never the IP`, () => {
      const [titles = '', row = ''] = linesOf([listedSpared({ ip, rule: 'a'.repeat(64) })]);
      for (const line of [titles, row]) expect(line.length, line).to.be.at.most(80);
      expect(row).to.match(new RegExp(`^${ip}  a{5,63}…  `));
    });
  }

  it('colours only where it may, and changes no text by it', () => {
    const coloured = sparedListText(answer([BREAKER]), { ...PLAIN, isColored: true });
    expect(coloured).to.contain('\x1b[');
    expect(stripVTControlCharacters(coloured)).to.equal(sparedListText(answer([BREAKER]), PLAIN));
  });

  for (const [what, text] of HOSTILE) {
    it(`shows ${what} as plain characters`, () => {
      const spared = listedSpared({ ip: text, rule: text, since: text, last: text });
      expect(sparedListText(answer([spared], { source: 'snapshot', at: text }), PLAIN)).to.satisfy(
        isHarmless,
      );
    });
  }
});

describe('cli/text/spared-text: show', () => {
  const counts = [shownCount({ count: 120, bad: 120, good: 5880, share: 0.1 })];

  it('says since when, when last, and by which figures a client is spared', () => {
    const title = 'Spared by rejected-recipients, since 2026-11-24 17:09 UTC (2h ago)';
    expect(below(shown({ spared: [listedSpared()], counts }), title)).to.deep.equal([
      '  the limit was reached, last at 2026-11-24 19:04 UTC (5m ago), but 120 of its',
      '  6,000 recipients were rejected, 2 %; the rule blocks from 10 % on',
    ]);
  });

  it('says that the breaker spares it', () => {
    expect(below(shown({ spared: [BREAKER] }), 'Spared by auth-failures')).to.deep.equal([
      '  the limit was reached, last at 2026-11-24 19:04 UTC (5m ago), but the client',
      '  was in good standing, and the breaker was open',
    ]);
  });

  it('gives limit and share of each rule in one line', () => {
    const logins = { rule: 'auth-failures', limit: 30, sort: 'logins', share: 0.5 };
    const rules = [...counts, shownCount(logins), shownCount({ rule: 'probes', limit: 10, sort: null })];
    expect(below(shown({ counts: rules }), 'Counts now')).to.deep.equal([
      '  rejected-recipients  120 of 100 in 1h  2 % of 6,000 recipients, share 10 %',
      '  auth-failures          0 of 30 in 1h   share 50 %',
      '  probes                 0 of 10 in 1h',
    ]);
  });

  it('gives the share in a line of its own where the lines would be too long', () => {
    const spam = { rule: 'connection-spam', count: 119, limit: 120, within: 600, sort: 'connections' };
    const wide = shownCount({ ...spam, bad: 119, good: 12_345, share: 0.5, enforced: false });
    expect(below(shown({ counts: [wide] }), 'Counts now')).to.deep.equal([
      '  connection-spam  119 of 120 in 10m, watched',
      '    0.9 % of 12,464 connections, share 50 %',
    ]);
  });

  it('shows no share in the answer of a daemon that knows none', () => {
    const { rule, enforced, count, limit, within } = shownCount();
    const old = shown({ counts: [{ rule, enforced, count, limit, within }] as never });
    expect(below(old, 'Counts now')).to.deep.equal(['  rejected-recipients  0 of 100 in 1h']);
  });

  it('says when a client in good standing last did well', () => {
    expect(below(shown({ lastGood: '2026-11-24T19:04:10.000Z' }), 'In good standing')).to.deep.equal([
      '  its last accepted mail or login was at 2026-11-24 19:04 UTC (5m ago)',
    ]);
    expect(below(shown(), 'In good standing')).to.deep.equal([]);
  });

  it('says how long the next block lasts where former ones lengthen it', () => {
    const repeated = shownCount({ former: 2, blockFor: 96 * 3600 });
    expect(
      below(shown({ counts: [shownCount({ rule: 'auth-failures' }), repeated] }), 'Counts now'),
    ).to.deep.equal([
      '  auth-failures        0 of 100 in 1h',
      '  rejected-recipients  0 of 100 in 1h',
      '  after 2 former blocks, the next block by rejected-recipients lasts 4d',
    ]);
  });

  it('shows what a client did that is near a limit', () => {
    const at = '2026-11-24T19:04:10.000Z';
    const event = {
      at,
      kind: 'auth-failure',
      user: 'scanner',
      mechanism: 'LOGIN',
      line: 'postfix/smtpd[1]: x',
    };
    const near = shown({ spared: [listedSpared()], evidence: [event] });
    expect(below(near, 'The newest 1 event')).to.deep.equal([
      '  TIME (UTC)      USER     MECHANISM',
      '  11-24 19:04:10  scanner  LOGIN',
      '  In the log:',
      '  postfix/smtpd[1]: x',
    ]);
  });
});
