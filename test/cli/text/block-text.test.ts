// One block in the text of show: what led to it, and what it cost.

import { expect } from 'chai';
import { showText } from '../../../src/cli/text/show-text.ts';
import type { Evidence, ShowAnswer } from '../../../src/desk/answers.ts';
import { below, FULL, flat, PLAIN, shown, shownBlock, WATCH } from '../../desk/answers.ts';

function evidence(changes: Partial<Evidence>): ShowAnswer {
  const event = { at: '2026-11-23T23:09:08.000Z', kind: 'auth-failure', line: '', ...changes };
  return shown({ block: shownBlock({ evidence: [event] }) });
}

describe('cli/text/block-text: a block as text', () => {
  it('has its parts in the order in which support needs them', () => {
    const titles = showText(FULL, PLAIN)
      .split('\n\n')
      .map((part) => part.split(/[\n:,]/, 1)[0]);
    expect(titles).to.deep.equal([
      '192.0.2.7 is blocked by rejected-recipients',
      'The client reads',
      'Why',
      'Refused mail',
      'Counts now',
      'Counts when the block by rejected-recipients started',
      'Allow list',
      'History',
    ]);
  });

  it('shows the text that the client reads', () => {
    expect(below(FULL, 'The client reads')).to.deep.equal([
      '  Your IP is sending excessive rejected recipients. Please contact support.',
    ]);
  });

  it('shows the abuse and its log lines', () => {
    expect(flat(FULL)).to.contain('Why: 100 events until 2026-11-23 23:09 UTC (20h ago), the newest 2 ');
    expect(below(FULL, 'Why')).to.deep.equal([
      '  TIME (UTC)      SENDER               RECIPIENT          ANSWER',
      '  11-23 23:09:08  shop@sender.example  anna@example.com   550 5.1.1 User unknown',
      '                                                          in local recipient',
      '                                                          table',
      '  11-23 23:09:10  shop@sender.example  berta@example.com  554 5.7.1 Relay access',
      '                                                          denied',
      '  In the log:',
      '  postfix/smtpd[412]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 550 5.1.1',
      '    <anna@example.com>: Recipient address rejected: User unknown in local',
      '    recipient table; from=<shop@sender.example> to=<anna@example.com>',
      '    proto=ESMTP helo=<mail.sender.example>',
      '  postfix/smtpd[412]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1',
      '    …',
    ]);
  });

  it('shows events and log lines that differ in their times and processes only as one, with their number', () => {
    const event = { kind: 'auth-failure', user: 'scanner', mechanism: 'LOGIN' };
    const lines = ['first', 'same', 'same', 'same'].map((line, i) => ({
      ...event,
      at: `2026-11-23T23:09:0${i}.000Z`,
      line: `postfix/smtpd[${i}]: ${line}`,
    }));
    expect(below(shown({ block: shownBlock({ evidence: lines }) }), 'Why: ')).to.deep.equal([
      '  TIME (UTC)      LAST      TIMES  USER     MECHANISM',
      '  11-23 23:09:00  23:09:03      4  scanner  LOGIN',
      '  In the log:',
      '  postfix/smtpd[0]: first',
      '  3 times, 11-23 23:09:01 to 23:09:03: postfix/smtpd[1]: same',
    ]);
  });

  it('shows when the first and the last of several events came, also where that was another day', () => {
    const event = { kind: 'auth-failure', line: '' };
    const lines = [
      { ...event, at: '2026-11-23T23:59:00.000Z', user: 'bob' },
      { ...event, at: '2026-11-24T00:01:00.000Z', user: 'eve' },
      { ...event, at: '2026-11-24T00:02:00.000Z', user: 'bob' },
    ];
    expect(below(shown({ block: shownBlock({ evidence: lines }) }), 'Why: ')).to.deep.equal([
      '  TIME (UTC)      LAST            TIMES  USER',
      '  11-23 23:59:00  11-24 00:02:00      2  bob',
      '  11-24 00:01:00  -                   1  eve',
    ]);
  });

  it('shows local times, and beside them UTC where there is room', () => {
    const zone = 'Europe/Berlin';
    const rows = (columns: number) => {
      const text = showText(FULL, { ...PLAIN, zone, columns });
      return text.split('\n').filter((line) => / TIME \(CET\)|11-24 00:09:08/.test(line));
    };
    expect(rows(80).map((line) => line.slice(0, 25))).to.deep.equal([
      '  TIME (CET)      SENDER ',
      '  11-24 00:09:08  shop@se',
      '  TIME (CET)      SENDER ',
    ]);
    expect(rows(120).map((line) => line.slice(0, 30))).to.deep.equal([
      '  TIME (CET)      UTC       SE',
      '  11-24 00:09:08  23:09:08  sh',
      '  TIME (CET)      UTC       SE',
    ]);
  });

  it('shows the mail that Postfix refused, connections and bounces too', () => {
    expect(flat(FULL)).to.contain(
      'Refused mail: 3, first 2026-11-23 23:10 UTC, last 2026-11-24 19:04 UTC (5m 5s ago) TIME',
    );
    const rows = below(FULL, 'Refused mail').slice(-5);
    expect(rows).to.deep.equal([
      '  11-23 23:10:00  shop@sender.    anna@example.   mail.sender.    shop@sender.',
      '                  example         com             example         example',
      '  11-23 23:12:00  (connection)    -               -               -',
      '  11-24 19:04:05  <>              anna@example.   -               -',
      '                                  com',
    ]);
  });

  it('says how many mails there are beyond those that are shown', () => {
    const mails = [{ at: '2026-11-24T19:04:05.000Z', stage: 'CONNECT' }];
    expect(flat(shown({ block: shownBlock({ mails, refused: 70 }) }))).to.contain(', the newest 1 TIME');
  });

  it('says that Postfix refused no mail', () => {
    const block = shownBlock({ refused: 0, firstRefused: null, lastRefused: null });
    expect(flat(shown({ block }))).to.contain(' Refused mail: none Counts');
  });

  it('names who blocked by hand, and why, and mentions no events', () => {
    const block = shownBlock({ by: 'alice', reason: 'ticket 4711', count: 0 });
    const text = flat(shown({ block }));
    expect(text).to.contain(' Blocked by hand, 2026-11-23 23:09 UTC (20h ago) by alice: ticket 4711 Refused');
    expect(text).to.not.contain('Why');
  });

  it('says that no evidence is left', () => {
    expect(flat(shown({ block: shownBlock() }))).to.contain('(20h ago), without details Refused');
  });

  it('shows a watched block as what would have happened, without refused mail', () => {
    const text = flat(shown({ watching: [WATCH] }));
    expect(text).to.contain('Watched by rejected-recipients: Postfix does not refuse it; ends in 1d 4h');
    expect(text).to.contain('The client would read');
    expect(text).to.not.contain('Refused mail');
  });
});

describe('cli/text/block-text: evidence as text', () => {
  const table: readonly [what: string, changes: Partial<Evidence>, titles: string, row: string][] = [
    ['user and mechanism', { user: 'bob', mechanism: 'LOGIN' }, 'USER  MECHANISM', 'bob   LOGIN'],
    ['a mechanism alone', { mechanism: 'PLAIN' }, 'MECHANISM', 'PLAIN'],
    [
      'how a connection ended',
      { kind: 'dropped-connection', ending: 'too many errors after RCPT' },
      'ENDED BY',
      'too many errors after RCPT',
    ],
    [
      'how a client hung up',
      { kind: 'abandoned-connection', ending: 'lost connection after AUTH' },
      'ENDED BY',
      'lost connection after AUTH',
    ],
    [
      'sender, recipient and answer',
      {
        kind: 'rejected-recipient',
        sender: 'x@y.example',
        recipient: 'a@b.example',
        reply: '554 5.7.1 Relay access denied',
      },
      'SENDER       RECIPIENT    ANSWER',
      'x@y.example  a@b.example  554 5.7.1 Relay access denied',
    ],
    [
      'sender and reason',
      { kind: 'rejected-message', sender: 'a@b.example', reply: '5.7.1 Spam message rejected' },
      'SENDER       REASON',
      'a@b.example  5.7.1 Spam message rejected',
    ],
    [
      'the empty sender',
      { kind: 'rejected-message', sender: '', reply: '554 5.7.1 No' },
      'SENDER  REASON',
      '<>      554 5.7.1 No',
    ],
    [
      'an answer about the client',
      {
        kind: 'rejected-recipient',
        recipient: 'a@b.example',
        reply: '504 5.5.2 <WIN>: Helo command rejected: bad',
      },
      'RECIPIENT    ANSWER',
      'a@b.example  504 5.5.2 Helo command rejected: bad',
    ],
    ['the kind where nothing more is known', { kind: 'dropped-connection' }, 'WHAT', 'dropped-connection'],
    ['a kind that is new', { kind: 'novel', user: 'bob' }, 'WHAT', 'novel'],
    ['a kind that is named like a method', { kind: 'constructor' }, 'WHAT', 'constructor'],
  ];
  for (const [what, changes, titles, row] of table) {
    it(`shows ${what}`, () =>
      expect(below(evidence(changes), 'Why').slice(0, 2)).to.deep.equal([
        `  TIME (UTC)      ${titles}`,
        `  11-23 23:09:08  ${row}`,
      ]));
  }

  it('has a table for each kind of a rule that counts several', () => {
    const event = { at: '2026-11-23T23:09:08.000Z', line: '' };
    const both = [
      { ...event, kind: 'auth-failure', user: 'bob' },
      { ...event, kind: 'dropped-connection', ending: 'timeout after AUTH' },
      { ...event, kind: 'auth-failure', user: 'eve' },
    ];
    expect(below(shown({ block: shownBlock({ evidence: both }) }), 'Why')).to.deep.equal([
      '  TIME (UTC)      USER',
      '  11-23 23:09:08  bob',
      '  11-23 23:09:08  eve',
      '  TIME (UTC)      ENDED BY',
      '  11-23 23:09:08  timeout after AUTH',
    ]);
  });
});
