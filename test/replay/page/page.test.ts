// The page of a replay as text: its content, and that no text in it becomes markup.

import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { reportPage } from '../../../src/replay/page/page.ts';
import type { Report } from '../../../src/replay/report/report.ts';
import { HOSTILE, isHarmless } from '../../cli/text/hostile.ts';
import { hostileReport, largeReport } from '../large-reports.ts';
import { sweep } from '../report-parts.ts';
import { emptyReport, MAKING, smallReport } from '../reports.ts';

function inside(page: string, element: 'style' | 'script'): string {
  return page.split(`<${element}>`)[1]?.split(`</${element}>`)[0] ?? '';
}

/** All tags without texts of drawings, which may give way to each other, and without the breaks of long names. */
function tagsOf(page: string): string[] {
  return (page.match(/<[^>]*>/g) ?? []).flatMap((tag) => {
    const name = tag.split(/[\s>]/)[0] ?? '';
    return ['<text', '</text', '<wbr'].includes(name) ? [] : [name];
  });
}

/** The text between the tags, in one line. */
function wordsOf(report: Report): string {
  return reportPage(report, MAKING)
    .replace(/<(style|script)>.*?<\/\1>/gs, '')
    .replaceAll('<wbr>', '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}

const INTERRUPTED = smallReport({ read: { ...smallReport().read, isComplete: false } });
const UNKNOWN_COST = smallReport({ cost: { ...smallReport().cost, isKnown: false } });
const NO_LOSS = smallReport({ cost: { ...smallReport().cost, lost: 0 } });

describe('replay/page/page', () => {
  it('allows its own style and script by their hashes, and nothing else', () => {
    const page = reportPage(largeReport(), MAKING);
    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const policy = `default-src 'none'; style-src ${hash(inside(page, 'style'))}; script-src ${hash(inside(page, 'script'))}`;
    expect(page).to.contain(`<meta http-equiv="Content-Security-Policy" content="${policy}">`);
  });

  it('refers to nothing that a browser could load', () => {
    expect(reportPage(largeReport(), MAKING)).to.not.match(
      /\b(?:src|href|action|srcset)=|url\(|@import|<(?:link|img|iframe|object)/i,
    );
  });

  const said: readonly [promise: string, report: Report, text: string][] = [
    [
      'the cost in words',
      smallReport(),
      '12 accepted mails from 3 IPs would have been lost, 11 of them delivered',
    ],
    [
      'that nothing would have been lost',
      NO_LOSS,
      'No accepted mail would have been lost: of 345,678 mails,',
    ],
    ['why the cost is not known', UNKNOWN_COST, 'is not known: the log has no line of qmgr(8)'],
    ['that it is incomplete', INTERRUPTED, 'INCOMPLETE: the replay was interrupted'],
    ['the allow entries', smallReport(), '- 192.0.2.200 # 2 mails from 192.0.2.200'],
    ['each recipient with its status', smallReport(), 'bert@example.org (sent)'],
    ['how many mails are not shown', smallReport(), '11 of 12 mails are shown.'],
    ['where the others are', smallReport(), 'To find the others, search the log for the IP.'],
    ['which host it is about', smallReport(), 'Host mx1 Log'],
    ['which hosts it is about', largeReport(), 'mx4.mail.provider.example and others Log'],
    ['when and where it was made', smallReport(), 'Made 2026-11-27 07:30 UTC on desk7 by postblock 1.2.3.'],
    ['what it is about in its title', smallReport(), 'postblock replay: mx1, 2026-10-01 to 2026-10-31'],
    [
      'how many periods reach the limit',
      smallReport(),
      'at least 942 of 265,728 periods (0.4 %) reach the limit',
    ],
    ['which value of a sweep the policy has', smallReport(), '* the value in the policy'],
    ['blind spots with an example', smallReport(), 'NOQUEUE: reject: CONNECT from a[192.0.2.9]: 554 no'],
    ['that there is no blind spot', emptyReport(), 'none: every line was read'],
    ['the notes', smallReport(), 'The stamps have no year;'],
  ];
  for (const [promise, report, text] of said) {
    it(`says ${promise}`, () => expect(wordsOf(report)).to.contain(text));
  }

  it('draws each rule over time, the mails, each distribution, the shares of each rule and each sweep', () => {
    expect(reportPage(largeReport(), MAKING).match(/<svg /g)).to.have.length(4 + 1 + 4 + 4 + 8);
  });

  it('draws nothing where there is nothing', () => {
    expect(reportPage(emptyReport(), MAKING)).to.not.contain('<svg');
  });

  it('draws no cost where it is not known', () => {
    const words = wordsOf(UNKNOWN_COST);
    expect(words).to.contain('Abuse stopped with each value').and.to.not.contain('mails lost,');
    expect(words).to.not.contain('Accepted mail over time');
  });

  it('draws a bar for each value of a sweep, also where all values cost the same', () => {
    const [swept] = smallReport().sweeps;
    const values = (swept?.values ?? []).map((each) => ({ ...each, stopped: 1000, lost: 7 }));
    const page = reportPage(smallReport({ sweeps: [sweep({ values })] }), MAKING);
    const chart = page.split('aria-labelledby="sweep-chart-0-title')[1]?.split('</svg>')[0] ?? '';
    expect(chart.match(/class="(?:area|mark)[^"]*" d="/g)).to.have.length(2 * values.length);
    expect(chart.match(/>7<\/text>/g)).to.have.length(values.length);
  });

  it('draws the share and the limit of a rule through its clients', () => {
    const page = reportPage(smallReport(), MAKING);
    const chart = page.split('aria-labelledby="share-0-title')[1]?.split('</svg>')[0] ?? '';
    const [limit = 0, share = 0] = [/M([\d.]+) 16V206"/, /M56 ([\d.]+)H420"\/><text class="strong/].map(
      (form) => Number(form.exec(chart)?.[1]),
    );
    const circles = [...chart.matchAll(/class="(point[^"]*)" cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"/g)];
    expect(circles).to.have.length(20);
    // A tenth of the way up from 206 to 24.
    expect(share).to.be.closeTo(187.8, 0.1);
    for (const [, kind, x, y] of circles) {
      const isBlocked = Number(x) >= limit && Number(y) <= share;
      expect(kind === 'point blocked', `${x} ${y}`).to.equal(isBlocked);
    }
    // The circle of 4,000 clients is the largest, and drawn first.
    const radii = circles.map(([, , , , radius]) => Number(radius));
    expect(radii).to.deep.equal([...radii].sort((a, b) => b - a));
    expect(chart).to.contain('>192.0.2.50</text>');
    expect(chart).to.contain('1,164 events, 89.1 % abuse, blocked.');
  });

  it('marks the current value in table and chart', () => {
    const page = reportPage(smallReport(), MAKING);
    expect(page).to.contain('<tr class="current"><th scope="row" class="long">30 *</th>');
    expect(page.match(/class="mark current"/g)).to.have.length(1);
  });

  it('has only valid numbers in its charts, whatever is missing', () => {
    const flat = smallReport({
      timeline: {
        start: '2026-10-01T00:00:00.000Z',
        width: 60,
        rules: [{ rule: 'a', events: [0], blocks: [] }],
        accepted: [],
        lost: [],
      },
      distributions: [{ rule: 'a', limit: 1, within: 1, bins: [{ from: 1, to: 1, count: 1 }] }],
      sweeps: smallReport().sweeps.map((each) => ({ ...each, values: each.values.slice(0, 1) })),
    });
    expect(reportPage(flat, MAKING).replace(/<script>.*<\/script>/s, '')).to.not.match(
      /NaN|Infinity|undefined|null/,
    );
  });

  const PLAIN_TAGS = tagsOf(reportPage(hostileReport('x'), MAKING));
  for (const [what, text] of [...HOSTILE, ['markup', `"'></script><img onerror=x>&lt;`] as const]) {
    it(`shows ${what} as text`, () => {
      const page = reportPage(hostileReport(text), MAKING);
      expect(tagsOf(page)).to.deep.equal(PLAIN_TAGS);
      expect(isHarmless(wordsOf(hostileReport(text)).replaceAll('–', '-'))).to.equal(true);
    });
  }

  it('has the same markup whatever the texts are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        expect(tagsOf(reportPage(hostileReport(text), MAKING))).to.deep.equal(PLAIN_TAGS);
      }),
      { numRuns: 20 * Number(process.env.POSTBLOCK_TEST_SCALE ?? 1) },
    );
  });
});
