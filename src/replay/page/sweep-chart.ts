// The chart of a sweep: abuse stopped against mail lost, with a labelled point for each value.

import { html, type Markup } from '../../html/html.ts';
import { counted, grouped, percentText } from '../../terminal/number-text.ts';
import { cut, visible } from '../../terminal/text.ts';
import type { Report, Sweep, SweptValue } from '../report/report.ts';
import { colorOf } from './color.ts';
import { type Label, placed } from './labels.ts';
import { linear, roundTicks, shortNumber } from './scale.ts';
import { bottomAxis, figure, leftAxis, type Plot, round, WIDTH } from './svg.ts';

const PLOT: Plot = { left: 56, right: WIDTH - 24, top: 16, bottom: 178 };
const HEIGHT = 218;
const MAX_LABEL = 30;
const WHOLE = 100;
/** Per cent; a shorter axis would make small differences look large. */
const MIN_SPAN = 10;

interface Point {
  readonly x: number;
  readonly y: number;
  readonly isCurrent: boolean;
  readonly label: string;
}

/** false where the cost is not known, or no event was counted. */
export function hasCurve({ values }: Sweep, { cost }: Report): boolean {
  return cost.isKnown && values.some(({ events }) => events > 0);
}

export function sweepChart(sweep: Sweep, report: Report, id: string): Markup {
  const values = sweep.values.filter(({ events }) => events > 0);
  const [low, high] = percentSpan(values.map(stoppedPercent));
  const ticksX = roundTicks(0, Math.max(...values.map(({ lost }) => lost)), 5);
  const ticksY = roundTicks(low, high, 4);
  const x = linear([0, ticksX.at(-1) ?? 1], [PLOT.left + 8, PLOT.right]);
  const y = linear([ticksY[0] ?? 0, ticksY.at(-1) ?? WHOLE], [PLOT.bottom, PLOT.top]);
  const points = values.map(
    (value): Point => ({
      x: round(x(value.lost)),
      y: round(y(stoppedPercent(value))),
      isCurrent: value.isCurrent,
      label: cut(visible(value.value), MAX_LABEL),
    }),
  );
  return figure(
    {
      id,
      color: colorOf(sweep.rule, report.rules),
      caption: 'Abuse stopped in per cent by mails lost, a point for each value',
      title: `Sweep of ${visible(sweep.key)}`,
      description: `${values.map(valueWords).join('; ')}.`,
      height: HEIGHT,
    },
    [
      ...leftAxis(
        PLOT,
        y,
        ticksY.map((at) => ({ at, text: `${at} %` })),
      ),
      ...bottomAxis(
        PLOT,
        x,
        ticksX.map((at) => ({ at, text: shortNumber(at) })),
      ),
      html`<text class="middle" x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 4}">mails lost</text>`,
      html`<path class="curve" d="M${points.map(({ x, y }) => `${x} ${y}`).join('L')}"/>`,
      ...points.map(pointMark),
      ...placed(points, PLOT).map(labelMark),
    ],
  );
}

function pointMark({ x, y, isCurrent }: Point): Markup {
  return html`<circle class="${isCurrent ? 'point current' : 'point'}" cx="${x}" cy="${y}" r="${isCurrent ? 6 : 4}"/>`;
}

function labelMark({ x, y, text, isStrong }: Label): Markup {
  return html`<text class="start${isStrong ? ' strong' : ''}" x="${round(x)}" y="${round(y)}">${text}</text>`;
}

function percentSpan(percents: readonly number[]): readonly [low: number, high: number] {
  const high = Math.min(WHOLE, Math.ceil(Math.max(...percents)));
  const low = Math.max(0, Math.floor(Math.min(...percents)));
  return high - low >= MIN_SPAN ? [low, high] : [Math.max(0, high - MIN_SPAN), high];
}

function stoppedPercent({ stopped, events }: SweptValue): number {
  return (WHOLE * stopped) / events;
}

function valueWords({ value, isCurrent, stopped, events, lost }: SweptValue): string {
  const current = isCurrent ? ' (in the policy)' : '';
  return `${visible(value)}${current}: ${percentText(stopped, events)} of ${grouped(events)} stopped, ${counted(lost, 'mail')} lost`;
}
