// The sections of the page, in the order in which an administrator needs them to decide.

import { breakable } from '../../html/breaks.ts';
import { html, type Markup, NOTHING, type Part } from '../../html/html.ts';
import { grouped } from '../../terminal/number-text.ts';
import type { Form, Report } from '../report/report.ts';
import { NO_BLIND_SPOTS, othersWords, UNCOUNTED, UNREADABLE } from '../text/blind-spot-text.ts';
import { allowComment, allowLine, clientsTable, mailsTable } from '../text/cost-tables.ts';
import { blocksTable, eventsTable, offendersTable, rulesTable, sweepTable } from '../text/rule-tables.ts';
import { ALLOW_HINT, clientsWords, lossWords, mailsWords, SPARED_HINT, WATCHED } from '../text/sentences.ts';
import { breakerTable, sparedClientsTable, sparedTable } from '../text/sparing-tables.ts';
import { distributionCharts } from './distribution-chart.ts';
import { pageTable } from './html-table.ts';
import { shareCharts } from './share-chart.ts';
import { hasChart, sweepChart } from './sweep-chart.ts';
import { timelineCharts } from './timeline-chart.ts';

const CURRENT = '* the value in the policy';

export function rulesSection(report: Report): Markup {
  if (report.rules.length === 0) return section('Rules', html`<p>no rules</p>`);
  const isWatched = report.rules.some(({ enforced }) => !enforced);
  return section(
    'Rules',
    html`${pageTable({ ...rulesTable(report), title: 'Limits and what they stop' }, 'rules')}${pageTable(blocksTable(report), 'blocks')}
${isWatched ? html`<p class="soft">${WATCHED}</p>` : ''}`,
  );
}

export function sparingSection(report: Report): Markup {
  const { sparing } = report;
  if (sparing === null) return NOTHING;
  return section(
    'Spared',
    html`<p class="soft">${SPARED_HINT}</p>
${pageTable(sparedTable(report), 'spared-rules')}${pageTable(sparedClientsTable(sparing, report), 'spared')}${pageTable(breakerTable(sparing), 'breaker')}`,
  );
}

export function costSection({ cost }: Report): Markup {
  const words = lossWords(cost);
  if (!cost.isKnown || cost.lost === 0)
    return section(
      'Cost',
      html`<p class="${cost.isKnown && cost.passed === 0 ? 'good' : 'warn'}">${words}</p>`,
    );
  const limits = clientsWords(cost);
  return section(
    'Cost',
    html`<p class="warn"><b>${words}</b></p>
${limits === '' ? '' : html`<p>${limits}:</p>`}
${pageTable(clientsTable(cost), 'clients')}
${allowEntries(cost.allow)}
${pageTable(mailsTable(cost.mails, false), 'mails')}
${cost.mails.length < cost.lost ? html`<p class="soft">${mailsWords(cost)}</p>` : ''}`,
  );
}

export function sweepsSection(report: Report): Markup {
  if (report.sweeps.length === 0) return NOTHING;
  const isMarked = report.sweeps.some(({ values }) => values.some(({ isCurrent }) => isCurrent));
  const parts = report.sweeps.map((sweep, i) => {
    const table = { ...sweepTable(sweep, report), title: 'Values' };
    const chart = hasChart(sweep)
      ? sweepChart(sweep, report, `sweep-chart-${i}`)
      : html`<p class="soft">No chart: no event was counted.</p>`;
    return html`<h3>${sweepTable(sweep, report).title}</h3>
<div class="pair">${chart}${pageTable(table, `sweep-${i}`)}</div>
`;
  });
  return section('Sweeps', html`${parts}${isMarked ? html`<p class="soft">${CURRENT}</p>` : ''}`);
}

export function timelineSection(report: Report): Markup {
  return chartsSection(
    'Over time',
    timelineCharts(report),
    'Each chart shows the events, and the blocks in the strip above them. Times in UTC.',
  );
}

export function distributionsSection(report: Report): Markup {
  return chartsSection(
    'Events per IP and period',
    distributionCharts(report),
    'Each bar counts the periods in which one IP had that many events; both axes are logarithmic. A good limit lies right of the many IPs with few events, and left of the few IPs with many.',
  );
}

export function sharesSection(report: Report): Markup {
  return chartsSection(
    'Shares',
    shareCharts(report),
    'Each circle is an IP in its busiest time, a larger one several IPs with nearly the same figures. Filled circles were blocked at some time. A rule blocks in the shaded area: right of its limit, and above its share. Abusers are at the top, busy senders at the bottom; a good share lies between them.',
  );
}

export function whoSection(report: Report): Markup {
  const { offenders, events } = report;
  return section(
    'Abuse',
    html`${offenders.length + events.length === 0 ? html`<p>no events</p>` : ''}
${pageTable(offendersTable(report), 'offenders')}
${pageTable({ ...eventsTable(report), title: 'Events of each kind' }, 'events')}`,
  );
}

export function blindSection({ blindSpots }: Report): Markup {
  const { unreadable, uncounted, others } = blindSpots;
  const isEmpty = unreadable.length + uncounted.length + others === 0;
  return section(
    'Blind spots',
    html`${isEmpty ? html`<p class="good">${NO_BLIND_SPOTS}</p>` : ''}
${formList(UNCOUNTED, uncounted)}${formList(UNREADABLE, unreadable)}
${others === 0 ? '' : html`<p>${othersWords(others)}</p>`}`,
  );
}

export function notesSection({ notes }: Report): Markup {
  if (notes.length === 0) return NOTHING;
  return section('Notes', html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`);
}

function section(title: string, body: Part): Markup {
  return html`<section>
<h2>${title}</h2>
${body}
</section>
`;
}

function chartsSection(title: string, charts: readonly Markup[], hint: string): Markup {
  if (charts.length === 0) return NOTHING;
  return section(
    title,
    html`<p class="soft">${hint}</p>
<div class="charts">${charts}</div>`,
  );
}

function allowEntries(allow: Report['cost']['allow']): Markup {
  if (allow.length === 0) return NOTHING;
  const lines = allow.map(allowLine);
  const width = lines.reduce((widest, line) => Math.max(widest, line.length), 0);
  const text = allow.map(
    (entry, i) => html`${(lines[i] ?? '').padEnd(width)}  ${allowComment(entry)}
`,
  );
  return html`<h3 id="allow">Allow entries that would have saved these mails</h3>
<p>${ALLOW_HINT}</p>
<pre tabindex="0" role="region" aria-labelledby="allow"><code>${text}</code></pre>`;
}

function formList(title: string, forms: readonly Form[]): Markup {
  if (forms.length === 0) return NOTHING;
  return html`<h3>${title}</h3>
<ul class="forms">${forms.map(
    ({ form, count, example, why }) =>
      html`<li><b>${grouped(count)} ×</b> <code>${breakable(form)}</code><br><span class="soft">e.g.</span> <code>${breakable(example)}</code>${why === null ? '' : html`<br><span class="soft">why:</span> ${why}`}</li>
`,
  )}</ul>
`;
}
