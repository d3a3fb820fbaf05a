// The text of a replay's report.

import { expect } from 'chai';
import { parse } from 'yaml';
import type { Report } from '../../../src/replay/report/report.ts';
import { reportText } from '../../../src/replay/text/report-text.ts';
import { HOSTILE, isHarmless } from '../../cli/text/hostile.ts';
import { PLAIN } from '../../desk/answers.ts';
import { hostileReport, largeReport } from '../large-reports.ts';
import { losing, lostMail, ruleReport, sweep } from '../report-parts.ts';
import { emptyReport, smallReport } from '../reports.ts';

function textOf(report: Report, columns = 80): string {
  return reportText(report, { ...PLAIN, columns });
}

/** The text as one line, so that wrapping does not matter. */
function flat(report: Report): string {
  return textOf(report).replace(/\s+/g, ' ');
}

/** The lines below a heading up to the next empty line. */
function section(report: Report, title: string, columns = 80): string[] {
  const lines = textOf(report, columns).split('\n');
  const start = lines.indexOf(title) + 1;
  expect(start, `no heading ${title}`).to.be.above(0);
  return lines.slice(start, lines.indexOf('', start));
}

function withCost(changes: Partial<Report['cost']>): Report {
  const small = smallReport();
  return { ...small, cost: { ...small.cost, ...changes } };
}

function withoutBlindSpots(): Report {
  return { ...smallReport(), blindSpots: { unreadable: [], uncounted: [], others: 0 } };
}

const INTERRUPTED = smallReport({ read: { ...smallReport().read, isComplete: false } });

describe('replay/text/report-text', () => {
  const said: readonly [promise: string, report: Report, text: string][] = [
    ['the span that was read', smallReport(), '2026-10-01 00:00 UTC to 2026-10-31 23:54 UTC (30d 23h)'],
    [
      'the sources and lines',
      smallReport(),
      'mail.log.2.xz, mail.log.1, mail.log: 10,000,000 lines (1.4 GB)',
    ],
    ['how many sources more there are', largeReport(), 'mail.log.2.xz and 28 more: '],
    ['the policy with what was set beside it', smallReport(), 'policy.yml with rules.auth-failures.limit=30'],
    [
      'what the rules would have done if they spared nobody',
      smallReport(),
      'If they spared nobody, they would have made 152 blocks and stopped 93.3 %; 1,225 accepted mails would have been lost.',
    ],
    [
      'which clients were spared',
      smallReport(),
      '192.0.2.50 mx.big.example 249 6,000 3.9 % 1,213 auth-failures',
    ],
    ['when the breaker was open', smallReport(), '10-04 18:00:00 10-04 20:00:00 6 212 192.0.2.7'],
    ['that there was no line of Postfix', emptyReport(), 'Read no line of Postfix'],
    [
      'when the logs begin and end where nothing of them is left',
      emptyReport({
        read: {
          ...emptyReport().read,
          leftOut: 12,
          first: '2026-10-01T00:00:00.000Z',
          last: '2026-10-31T23:54:00.000Z',
        },
      }),
      'Nothing is left to replay: the lines of Postfix in these logs are from 2026-10-01 00:00 UTC to 2026-10-31 23:54 UTC, and --since and --until leave out all of them.',
    ],
    [
      'what it comes down to',
      smallReport(),
      'made 140 blocks and stopped 93.1 % of 481,204 counted events. 12 of 345,678 accepted mails would have been lost, from 3 IPs.',
    ],
    [
      'that nobody would have been blocked',
      smallReport({ rules: [ruleReport({ blocks: 0 })] }),
      'These rules would have blocked no client.',
    ],
    [
      'the cost in words',
      smallReport(),
      'Cost 12 accepted mails from 3 IPs would have been lost, 11 of them delivered;',
    ],
    [
      'the cost of one mail in the singular',
      withCost({ lost: 1, delivered: 1, ips: 1 }),
      '1 accepted mail from 1 IP would have been lost, and it was delivered;',
    ],
    [
      'that none of the lost was delivered',
      withCost({ delivered: 0 }),
      'would have been lost, none of them delivered;',
    ],
    [
      'that nothing would have been lost',
      withCost({ lost: 0 }),
      'Cost No accepted mail would have been lost: of 345,678 mails, none came from an IP at a time when',
    ],
    [
      'what is saved only where Postfix asks after the login',
      withCost({ lost: 0, passed: 136 }),
      'if Postfix asks after the login. 136 mails came from blocked IPs with a login, which their rules pass.',
    ],
    [
      'that no mail was accepted',
      withCost({ accepted: 0, lost: 0 }),
      'Cost Postfix accepted no mail from SMTP clients in this log',
    ],
    [
      'why the cost is not known',
      withCost({ isKnown: false, lost: 0 }),
      'Cost The cost is not known: the log has no line of qmgr(8)',
    ],
    ['which value of a sweep the policy has', smallReport(), '* the value in the policy'],
    [
      'each blind spot with its count and an example',
      smallReport(),
      '1,204 × postfix/smtpd: NOQUEUE: reject: CONNECT from HOST: 554 TEXT e.g. Oct 3 10:00:00 mx1 postfix/smtpd[311]: NOQUEUE:',
    ],
    ['why a blind spot is one', smallReport(), 'why: a connection refused by a blocklist'],
    ['how many lines are of forms not shown', smallReport(), '3 more lines of other forms'],
    ['that there is no blind spot', withoutBlindSpots(), 'Blind spots none: every line was read'],
    ['the notes', smallReport(), 'Notes - The stamps have no year;'],
    ['what watched means', largeReport(), 'watched: a rule with enforce: false;'],
    ['of how many IPs it shows the first', largeReport(), 'The 50 IPs that lost the most, of 212:'],
  ];
  for (const [promise, report, text] of said) {
    it(`says ${promise}`, () => expect(flat(report)).to.contain(text));
  }

  const unsaid: readonly [promise: string, report: Report, text: string][] = [
    ['no clients where the cost is not known', withCost({ isKnown: false }), 'gw.office.example: the first'],
    ['no allow entries where nothing was lost', withCost({ lost: 0 }), 'Allow entries'],
    ['no mails lost by a rule where that is not known', withCost({ isKnown: false }), 'MAILS LOST'],
    ['no sweeps where none was asked for', smallReport({ sweeps: [] }), 'Sweep'],
    [
      'no mark where the policy has none of the values',
      smallReport({ sweeps: [sweep({ values: [] })] }),
      '* the value',
    ],
    ['no notes where there are none', emptyReport(), 'Notes'],
    ['nothing of an interruption where there was none', smallReport(), 'INCOMPLETE'],
  ];
  for (const [promise, report, text] of unsaid) {
    it(`says ${promise}`, () => expect(flat(report)).to.not.contain(text));
  }

  it('says first of all that it is incomplete', () => {
    expect(textOf(INTERRUPTED)).to.match(/^INCOMPLETE: /);
  });

  it('shows for each rule what it counted and stopped', () => {
    expect(section(smallReport(), 'Rules')).to.deep.equal([
      '  RULE              LIMIT   EVENTS  STOPPED  MAILS LOST',
      '  auth-failures  30 in 1h  481,204   93.1 %          12',
    ]);
  });

  it('shows for each rule how many IPs it blocked', () => {
    expect(section(smallReport(), 'Blocks')).to.deep.equal([
      '  RULE           BLOCKS  FOR  IPS  AGAIN  FIRST (UTC)     MEDIAN TO BLOCK',
      '  auth-failures     140   1d  128     12  10-01 03:12:00          12m 34s',
    ]);
  });

  it('marks the current value of a sweep', () => {
    const [, ...rows] = section(smallReport(), 'Sweep of rules.auth-failures.limit');
    expect(rows.map((row) => row.trim().split(/ {2,}/)[0])).to.deep.equal([
      '10',
      '20',
      '30 *',
      '50',
      '100',
      '* the value in the policy',
    ]);
  });

  it('shows the first mails of each client, whole queue IDs, and the empty sender as <>', () => {
    const lines = textOf(smallReport());
    expect(lines).to.contain('\n  192.0.2.7 gw.office.example: the first 5 of 9 mails\n');
    expect(lines).to.contain('\n  192.0.2.200: the first of 2 mails\n');
    expect(lines).to.match(/ 4cXyZ12Qk3z9vN {2}<> +bert@example\.org \+3 +delivered\n/);
  });

  it('shows more columns where there is room', () => {
    expect(textOf(smallReport(), 80)).to.not.contain('FIRST BLOCK');
    expect(textOf(smallReport(), 160))
      .to.match(/ FIRST BLOCK +RULES\n/)
      .and.to.match(/ USER +RULE\n/);
  });

  const entries = [
    'gw.office.example',
    '.example.com',
    '192.0.2.0/24',
    '2001:db8::/64',
    '2001:db8::',
    '::1',
    '12',
    'a: b',
    '- #',
  ];
  it('gives allow entries as lines of YAML that mean the same, whatever their form', () => {
    const allow = entries.map((entry) => ({ entry, ips: ['192.0.2.7'], mails: 1 }));
    const lines = textOf(withCost({ allow }))
      .split('\n')
      .filter((line) => line.startsWith('  - '))
      .slice(0, entries.length);
    expect(parse(`allow:\n${lines.join('\n')}\n`)).to.deep.equal({ allow: entries });
  });

  it('never cuts an allow entry', () => {
    const entry = `${'a'.repeat(60)}.${'b'.repeat(60)}.example`;
    expect(textOf(withCost({ allow: [{ entry, ips: [], mails: 1 }] }))).to.contain(`\n  - ${entry}\n`);
  });

  const sizes: readonly [name: string, report: Report][] = [
    ['an empty', emptyReport()],
    ['a small', smallReport()],
    ['an interrupted', INTERRUPTED],
    ['a large', largeReport()],
  ];
  for (const [name, report] of sizes) {
    for (const columns of [80, 100, 132, 200]) {
      it(`fits ${name} report into ${columns} columns`, () => {
        for (const line of textOf(report, columns).split('\n'))
          expect(line.length, line).to.be.at.most(columns);
      });
    }
  }

  for (const [what, text] of HOSTILE) {
    it(`shows ${what} harmlessly wherever it occurs`, () => {
      for (const columns of [80, Number.POSITIVE_INFINITY])
        expect(isHarmless(textOf(hostileReport(text), columns))).to.equal(true);
    });
  }

  it('keeps a text with newlines on one line, so that it cannot add an allow entry', () => {
    const report = withCost({
      allow: [{ entry: 'a.example\n  - 0.0.0.0/0', ips: ['1\n  - ::/0'], mails: 1 }],
      clients: [losing()],
      mails: [lostMail({ sender: '\n  - 0.0.0.0/0' })],
    });
    expect(
      textOf(report)
        .split('\n')
        .filter((line) => /^ {2}- /.test(line) && line.includes('/0')),
    ).to.have.length(1);
  });

  it('colours important lines where the terminal has colours, and nothing elsewhere', () => {
    expect(reportText(INTERRUPTED, { ...PLAIN, isColored: true })).to.satisfy((text: string) =>
      text.startsWith('\x1b[31mINCOMPLETE'),
    );
    expect(textOf(INTERRUPTED)).to.not.contain('\x1b');
  });
});
