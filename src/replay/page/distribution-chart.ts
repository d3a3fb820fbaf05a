// The chart of the events of one IP in one period: two logarithmic axes, with the limit as a line.

import { html, type Markup } from '../../html/html.ts';
import { counted, grouped, percentText } from '../../terminal/number-text.ts';
import { visible } from '../../terminal/text.ts';
import { durationText } from '../../values/duration.ts';
import type { Distribution } from '../report/histogram.ts';
import type { Report } from '../report/report.ts';
import { colorOf } from './color.ts';
import { logarithmic, logarithmicTicks, type Scale } from './scale.ts';
import { bottomAxis, figure, leftAxis, type Plot, round, WIDTH } from './svg.ts';

const PLOT: Plot = { left: 52, right: WIDTH - 8, top: 22, bottom: 150 };
const HEIGHT = 190;
/** A bar of one must be visible, but log 1 is 0. */
const BASE = 0.7;
const ROOM_ABOVE = 1.3;
/** An axis from 1 to 1 would have one number, and no scale. */
const MIN_SPAN = 2;

export function distributionCharts({ distributions, rules }: Report): Markup[] {
  return distributions
    .filter(({ bins }) => bins.some(({ count }) => count > 0))
    .map((each, i) => distributionChart(each, `spread-${i}`, colorOf(each.rule, rules)));
}

function distributionChart(distribution: Distribution, id: string, color: string): Markup {
  const { rule, limit, within, bins } = distribution;
  const most = Math.max(MIN_SPAN, ...bins.map(({ count }) => count));
  const last = Math.max(bins.at(-1)?.to ?? 1, limit) + 1;
  const x = logarithmic([1, last * ROOM_ABOVE], [PLOT.left, PLOT.right]);
  const y = logarithmic([BASE, most * ROOM_ABOVE], [PLOT.bottom, PLOT.top]);
  return figure(
    {
      id,
      color,
      caption: html`<b>${visible(rule)}</b> ${reachedWords(distribution)}`,
      title: `${visible(rule)}: events of one IP in ${durationText(within * 1000)}`,
      description: `${reachedWords(distribution)}. The most events of one IP in a period: up to ${grouped(bins.at(-1)?.to ?? 0)}.`,
      height: HEIGHT,
    },
    [
      ...leftAxis(PLOT, y, logarithmicTicks(most)),
      ...bins.filter(({ count }) => count > 0).map((bin) => binBar(bin, limit, x, y)),
      ...bottomAxis(PLOT, x, logarithmicTicks(last)),
      html`<text class="middle" x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 4}">events of one IP in ${durationText(within * 1000)}</text>`,
      ...limitLine(limit, x),
    ],
  );
}

function binBar(
  { from, to, count }: Distribution['bins'][number],
  limit: number,
  x: Scale,
  y: Scale,
): Markup {
  const left = round(x(from) + 0.5);
  const right = round(x(to + 1) - 0.5);
  const events = from === to ? counted(from, 'event') : `${grouped(from)} to ${counted(to, 'event')}`;
  return html`<path class="${from >= limit ? 'mark' : 'area'}" d="M${left} ${PLOT.bottom}V${round(y(count))}H${Math.max(right, left + 1)}V${PLOT.bottom}"><title>${events}: ${counted(count, 'period')}</title></path>`;
}

function limitLine(limit: number, x: Scale): Markup[] {
  const at = round(x(limit));
  const isRight = at > (PLOT.left + PLOT.right) * 0.7;
  return [
    html`<path class="limit" d="M${at} ${PLOT.top - 8}V${PLOT.bottom}"/>`,
    html`<text class="strong ${isRight ? 'end' : 'start'}" x="${at + (isRight ? -5 : 5)}" y="${PLOT.top - 6}">limit ${grouped(limit)}</text>`,
  ];
}

/** The periods of a bin that contains the limit are not known to reach it. */
function reachedWords({ bins, limit }: Distribution): string {
  const all = bins.reduce((sum, { count }) => sum + count, 0);
  const reached = bins.reduce((sum, { from, count }) => sum + (from >= limit ? count : 0), 0);
  const isApproximate = bins.some(({ from, to, count }) => from < limit && to >= limit && count > 0);
  const share = percentText(reached, all);
  return `${isApproximate ? 'at least ' : ''}${grouped(reached)} of ${counted(all, 'period')} (${share}) reach the limit`;
}
