// The text of show: the answer first, then all that the customer may ask, harmless to a terminal.

import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { showText } from '../../../src/cli/text/show-text.ts';
import type { ShowAnswer, ShownBlock } from '../../../src/desk/answers.ts';
import {
  below,
  FULL,
  flat,
  listed,
  listedSpared,
  NOW,
  PLAIN,
  shown,
  shownBlock,
  shownCount,
  WATCH,
} from '../../desk/answers.ts';
import { HOSTILE, isHarmless } from './hostile.ts';

const IPV6 = '2001:db80:1234:5678:1234:5678:1234:5678';
const NETWORK = '2001:db80:1234:5678::/64';
const GRANT = { entry: '192.0.2.0/24', until: '2026-11-27T19:09:10.000Z', by: 'alice', reason: 'ticket 1' };

describe('cli/text/show-text: the first line', () => {
  const end = '2026-11-25 23:10 UTC';
  const table: readonly [what: string, answer: ShowAnswer, start: string][] = [
    ['a client of whom nothing is known', shown(), '192.0.2.7 is not blocked Counts now'],
    [
      'a blocked client',
      shown({ block: shownBlock() }),
      `192.0.2.7 is blocked by rejected-recipients, ends in 1d 4h (${end}) `,
    ],
    [
      'a blocked client with a name, and when it was seen last',
      shown({
        block: shownBlock({ name: 'mail.example.org' }),
        lastAbuse: '2026-11-24T19:09:02.000Z',
      }),
      `192.0.2.7 (mail.example.org) is blocked by rejected-recipients, ends in 1d 4h (${end}) since 2026-11-23 23:09 UTC (20h ago), newest abuse 2026-11-24 19:09 UTC (8s ago) `,
    ],
    [
      'a client that is not blocked yet',
      shown({ lastAbuse: '2026-11-24T18:09:10.000Z' }),
      '192.0.2.7 is not blocked newest abuse 2026-11-24 18:09 UTC (1h ago) ',
    ],
    [
      'an address of a blocked network',
      shown({ ip: IPV6, key: NETWORK, block: shownBlock({ ip: NETWORK }) }),
      `${IPV6} (counted as ${NETWORK}) is blocked by rejected-recipients, ends in 1d 4h (${end}) `,
    ],
    [
      'a block whose time is over',
      shown({ block: shownBlock({ until: new Date(NOW).toISOString() }) }),
      '192.0.2.7 is not blocked: its block by rejected-recipients ended at 2026-11-24 19:09 UTC ',
    ],
    [
      'a watched client',
      shown({ watching: [WATCH, { ...WATCH, rule: 'auth-failures' }] }),
      '192.0.2.7 is not blocked, only watched by rejected-recipients, auth-failures ',
    ],
    ['an allowed client', shown({ allowed: GRANT }), '192.0.2.7 is allowed by 192.0.2.0/24 '],
    [
      'a blocked client that the allow list covers by now',
      shown({ allowed: GRANT, block: shownBlock() }),
      '192.0.2.7 is allowed by 192.0.2.0/24, so its block by rejected-recipients has no effect ',
    ],
    [
      'a client that its share spares',
      shown({ spared: [listedSpared()] }),
      '192.0.2.7 is not blocked, spared by rejected-recipients: 2 % of 6,000, share 10 % ',
    ],
    [
      'a client that the breaker spares',
      shown({ spared: [listedSpared({ reason: 'breaker', bad: 30, good: 0 })] }),
      '192.0.2.7 is not blocked, spared by rejected-recipients: the breaker was open ',
    ],
    [
      'a client that a rule would spare which only watches',
      shown({ spared: [listedSpared({ enforced: false })] }),
      '192.0.2.7 is not blocked Spared by rejected-recipients, which only watches, since 2026-11-24 17:09 UTC ',
    ],
    [
      'a private client',
      shown({ allowed: { entry: 'private', until: null, by: null, reason: null } }),
      '192.0.2.7 is allowed by private ',
    ],
    [
      'a client in grace',
      shown({ graceUntil: '2026-11-24T20:09:09.000Z', watching: [WATCH] }),
      '192.0.2.7 is not blocked, in grace: counted only; ends in 1h 1m (2026-11-24 20:10 UTC) ',
    ],
    [
      'a client whose grace is over',
      shown({ graceUntil: new Date(NOW).toISOString() }),
      '192.0.2.7 is not blocked Counts',
    ],
    [
      'a snapshot',
      shown({ source: 'snapshot', at: '2026-11-24T18:57:05.000Z' }),
      'the daemon is not running; its snapshot is 12m 5s old (2026-11-24 18:57 UTC) 192.0.2.7 is not blocked ',
    ],
  ];
  for (const [what, answer, start] of table) {
    it(`says it of ${what}`, () => expect(flat(answer).slice(0, start.length)).to.equal(start));
  }
});

describe('cli/text/show-text: the rest of the answer', () => {
  it('shows all counts and their limits', () => {
    expect(below(FULL, 'Counts now')).to.deep.equal([
      '  rejected-recipients   57 of 100 in 1h',
      '  auth-failures          0 of 30 in 1h',
      '  connection-spam      119 of 120 in 10m, watched',
    ]);
  });

  it('shows the counts of each kind at the start of the block, without zeros', () => {
    expect(below(FULL, 'Counts when')).to.deep.equal([
      '  rejected-recipient  100',
      '  auth-failure          3',
    ]);
  });

  it('names the allow entry, its end, and who made it', () => {
    expect(below(shown({ allowed: GRANT }), 'Allow list')).to.deep.equal([
      '  192.0.2.0/24, ends in 3d (2026-11-27 19:10 UTC): by alice: ticket 1',
    ]);
    const allowed = { ...GRANT, until: null, by: null, reason: null };
    expect(below(shown({ allowed }), 'Allow list')).to.deep.equal(['  192.0.2.0/24, permanent']);
  });

  it('says so if nothing is known', () => {
    expect(showText(shown(), PLAIN)).to.equal(
      '192.0.2.7 is not blocked\n\nCounts now\n  no rules\n\nAllow list\n  no entry covers it\n\nHistory\n  no former blocks\n',
    );
  });

  it('uses colour only where it may, and changes no text', () => {
    const coloured = showText(FULL, { ...PLAIN, isColored: true });
    expect(showText(FULL, PLAIN)).to.not.contain('\x1b');
    expect(coloured.startsWith('\x1b[31m192.0.2.7 is blocked')).to.equal(true);
    expect(stripVTControlCharacters(coloured)).to.equal(showText(FULL, PLAIN));
  });
});

describe('cli/text/show-text: any width, any content', () => {
  /** An answer in which every text is the same. */
  function filled(text: string): ShowAnswer {
    const event = { at: text, stage: text, sender: text, recipient: text, helo: text, user: text };
    const kinds = ['rejected-recipient', 'auth-failure', 'dropped-connection', 'rejected-message', text];
    const more = { reply: text, mechanism: text, ending: text, line: text };
    const block: ShownBlock = {
      ...listed({ ip: text, rule: text, by: text, reason: text, lastRefused: text }),
      text,
      passes: 'authenticated',
      firstRefused: text,
      evidence: kinds.map((kind) => ({ ...event, kind, ...more })),
      counts: { [text]: 3 },
      classes: { [text]: 2, milter: 1 },
      mails: [event, { at: text, stage: text }],
    };
    const hand = { by: text, why: text, reason: text };
    const history = ['block', 'end', 'grace', 'allow', 'disallow', text].map((name) => ({
      event: name,
      at: text,
      ip: text,
      rule: text,
      until: text,
      since: text,
      ...hand,
    }));
    const counts = [
      shownCount({ rule: text, count: 1, limit: 2, within: 60, sort: text, share: 0.5, good: 9 }),
    ];
    const spared = [listedSpared({ ip: text, rule: text, since: text, last: text })];
    const allowed = { entry: text, until: text, by: text, reason: text };
    const watching = [{ ...block, enforced: false, by: null, reason: null }];
    return shown({
      ip: text,
      key: `${text}/64`,
      source: 'snapshot',
      at: text,
      block,
      watching,
      spared,
      counts,
      evidence: block.evidence,
      allowed,
      lastGood: text,
      history,
    });
  }

  for (const [what, text] of HOSTILE) {
    it(`shows ${what} as plain characters, in every field`, () => {
      expect(showText(filled(text), PLAIN)).to.satisfy(isHarmless);
    });

    it(`gives a client no more than some lines for ${what}`, () => {
      const { block, ...rest } = FULL;
      const fields = { sender: text, recipient: text, helo: text, user: text };
      const more = { reply: text, mechanism: text, ending: text, line: text };
      const written = shownBlock({
        ...block,
        evidence: (block?.evidence ?? []).map((event) => ({ ...event, ...fields, ...more })),
        mails: (block?.mails ?? []).map((mail) => ({ ...mail, ...fields })),
      });
      const lines = showText({ ...rest, block: written }, PLAIN).split('\n');
      // Two events with their log lines, and three mails.
      const most = showText(FULL, PLAIN).split('\n').length + 2 * 6 + 2 * 12 + 3 * 6;
      expect(lines).to.have.length.at.most(most);
    });
  }

  const answers: readonly [what: string, answer: ShowAnswer][] = [
    ['a full answer', FULL],
    ['an empty answer', shown()],
    ['an IPv6 network', { ...FULL, ip: IPV6, key: NETWORK }],
    ['an answer from a snapshot', { ...FULL, source: 'snapshot', at: '2025-11-23T01:02:03.000Z' }],
    ['watched blocks', { ...FULL, block: null, watching: [WATCH, { ...WATCH, rule: 'r'.repeat(64) }] }],
    [
      'a spared client',
      shown({
        spared: [listedSpared(), listedSpared({ rule: 'r'.repeat(64), reason: 'breaker' })],
        counts: FULL.counts.map((count) => ({ ...count, bad: 12_345, good: 1_234_567, share: 0.5 })),
        lastGood: '2026-11-24T19:04:10.000Z',
      }),
    ],
    ['an allowed client', { ...FULL, allowed: { ...GRANT, reason: 'long '.repeat(60).trim() } }],
    ['a client in grace', { ...FULL, block: null, graceUntil: '2026-11-24T20:09:09.000Z' }],
    ['the longest rule name', { ...FULL, block: shownBlock({ rule: 'r'.repeat(64), counts: { k: 1 } }) }],
    ['a block by hand', shown({ block: shownBlock({ by: 'alice', reason: 'x'.repeat(200), count: 0 }) })],
    ['ordinary texts of any length', filled('word '.repeat(300).trim())],
  ];
  for (const columns of [80, 132, 60]) {
    for (const [what, answer] of answers) {
      it(`keeps ${what} within ${columns} columns`, () => {
        for (const line of showText(answer, { ...PLAIN, columns }).split('\n'))
          expect(line.length, line).to.be.at.most(columns);
      });
    }
  }

  it('cuts nothing if the width is unlimited', () => {
    const text = showText(FULL, { ...PLAIN, columns: Number.POSITIVE_INFINITY });
    expect(text).to.contain('helo=<mail.sender.example>');
    expect(text.replaceAll('554 5.7.1 …', '')).to.not.contain('…');
  });
});
