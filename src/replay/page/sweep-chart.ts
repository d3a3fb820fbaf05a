// The chart of a sweep: for each value, a bar of the abuse stopped beside a bar of the mails lost.

import { html, type Markup } from '../../html/html.ts';
import { counted, grouped, percentText } from '../../terminal/number-text.ts';
import { cut, visible } from '../../terminal/text.ts';
import type { Report, Sweep, SweptValue } from '../report/report.ts';
import { colorOf } from './color.ts';
import { linear, type Scale } from './scale.ts';
import { figure, round, WIDTH } from './svg.ts';

const TOP = 26;
const ROW = 26;
const BAR = 14;
const GAP = 14;
const LETTER = 8.5;
const MAX_LABEL = 14;
/** Units for `93.1 %` and for `1,234,567` behind a bar. */
const PERCENT_ROOM = 62;
const COUNT_ROOM = 86;
const WHOLE = 100;

/** One half of the chart: the bars begin at `left`. */
interface Half {
  readonly left: number;
  readonly length: Scale;
}

/** false where no event was counted */
export function hasChart({ values }: Sweep): boolean {
  return values.some(({ events }) => events > 0);
}

/** Bars, since several values often stop or lose the same. */
export function sweepChart({ key, rule, values }: Sweep, { cost, rules }: Report, id: string): Markup {
  const labels = values.map(
    ({ value, isCurrent }) => `${cut(visible(value), MAX_LABEL)}${isCurrent ? ' *' : ''}`,
  );
  const left = Math.max(...labels.map((label) => label.length)) * LETTER + GAP;
  const middle = cost.isKnown ? (left + WIDTH) / 2 : WIDTH;
  const stopped = halfOf(left, middle - GAP - PERCENT_ROOM, WHOLE);
  const lost = halfOf(middle, WIDTH - COUNT_ROOM, Math.max(...values.map((value) => value.lost)));
  return figure(
    {
      id,
      color: colorOf(rule, rules),
      caption: cost.isKnown
        ? 'Abuse stopped, and mails lost, with each value'
        : 'Abuse stopped with each value',
      title: `Sweep of ${visible(key)}`,
      description: `${values.map((value) => valueWords(value, cost.isKnown)).join('; ')}.`,
      height: TOP + values.length * ROW + 4,
    },
    [
      html`<text class="start" x="${round(stopped.left)}" y="16">abuse stopped</text>`,
      cost.isKnown ? html`<text class="start" x="${round(lost.left)}" y="16">mails lost</text>` : html``,
      ...values.flatMap((value, i) => [
        ...valueLabel(labels[i] ?? '', value, left, i),
        ...stoppedBar(value, stopped, i),
        ...(cost.isKnown ? lostBar(value, lost, i) : []),
      ]),
    ],
  );
}

function halfOf(left: number, right: number, most: number): Half {
  return { left, length: linear([0, most], [0, right - left]) };
}

function valueLabel(label: string, { isCurrent }: SweptValue, left: number, row: number): Markup[] {
  const band = html`<path class="band" d="M0 ${topOf(row)}H${WIDTH}v${ROW}H0"/>`;
  return [
    ...(isCurrent ? [band] : []),
    html`<text class="end${isCurrent ? ' strong' : ''}" x="${round(left - GAP / 2)}" y="${baseline(row)}">${label}</text>`,
  ];
}

function stoppedBar(value: SweptValue, half: Half, row: number): Markup[] {
  const { stopped, events, isCurrent } = value;
  const share = events === 0 ? 0 : (WHOLE * stopped) / events;
  return bar(
    { share, text: percentText(stopped, events), color: isCurrent ? 'mark current' : 'area', isCurrent },
    half,
    row,
  );
}

function lostBar({ lost, isCurrent }: SweptValue, half: Half, row: number): Markup[] {
  return bar(
    { share: lost, text: grouped(lost), color: isCurrent ? 'mark lost' : 'area lost', isCurrent },
    half,
    row,
  );
}

interface Bar {
  readonly share: number;
  readonly text: string;
  readonly color: string;
  readonly isCurrent: boolean;
}

/** A bar with its number behind it. No bar for nothing; a small part stays visible. */
function bar({ share, text, color, isCurrent }: Bar, { left, length }: Half, row: number): Markup[] {
  const width = share === 0 ? 0 : Math.max(1, length(share));
  const path = `M${round(left)} ${topOf(row) + (ROW - BAR) / 2}h${round(width)}v${BAR}h${round(-width)}`;
  return [
    ...(width === 0 ? [] : [html`<path class="${color}" d="${path}"/>`]),
    html`<text class="start${isCurrent ? ' strong' : ''}" x="${round(left + width + 5)}" y="${baseline(row)}">${text}</text>`,
  ];
}

function topOf(row: number): number {
  return TOP + row * ROW;
}

function baseline(row: number): number {
  return topOf(row) + ROW / 2 + 5;
}

function valueWords({ value, isCurrent, stopped, events, lost }: SweptValue, isCostKnown: boolean): string {
  const current = isCurrent ? ' (in the policy)' : '';
  const cost = isCostKnown ? `, ${counted(lost, 'mail')} lost` : '';
  return `${visible(value)}${current}: ${percentText(stopped, events)} of ${grouped(events)} stopped${cost}`;
}
