// The charts over time: events and blocks of each rule, and accepted and lost mails.

import { html, type Markup } from '../../html/html.ts';
import { counted } from '../../terminal/number-text.ts';
import { utcText } from '../../terminal/time-text.ts';
import type { Report } from '../report/report.ts';
import { colorOf } from './color.ts';
import { linear, roundTicks, type Scale, shortNumber, timeTicks } from './scale.ts';
import { bars, bottomAxis, figure, leftAxis, type Plot, WIDTH } from './svg.ts';

const PLOT: Plot = { left: 56, right: WIDTH - 8, top: 40, bottom: 132 };
const STRIP = { top: 8, bottom: 30 } as const;
const HEIGHT = 154;

interface Series {
  readonly id: string;
  readonly name: string;
  readonly color: string;
  readonly much: { readonly noun: string; readonly counts: readonly number[] };
  /** shown in the strip above */
  readonly few: { readonly noun: string; readonly counts: readonly number[] };
}

/** No charts where there are no events or mails. */
export function timelineCharts({ timeline, cost, rules }: Report): Markup[] {
  const { start, width } = timeline;
  if (start === null) return [];
  const series = timeline.rules.map(
    ({ rule, events, blocks }, i): Series => ({
      id: `time-${i}`,
      name: rule,
      color: colorOf(rule, rules),
      much: { noun: 'event', counts: events },
      few: { noun: 'block', counts: blocks },
    }),
  );
  const mails: Series = {
    id: 'time-mails',
    name: 'Accepted mail',
    color: 'mail',
    much: { noun: 'accepted mail', counts: timeline.accepted },
    few: { noun: 'lost mail', counts: timeline.lost },
  };
  return [...series, ...(cost.isKnown ? [mails] : [])].map((each) =>
    timelineChart(each, Date.parse(start), width * 1000),
  );
}

function timelineChart({ id, name, color, much, few }: Series, start: number, width: number): Markup {
  const slices = Math.max(much.counts.length, few.counts.length, 1);
  const ticks = roundTicks(0, largest(much.counts), 3);
  const x = linear([0, slices], [PLOT.left, PLOT.right]);
  const y = linear([0, ticks.at(-1) ?? 1], [PLOT.bottom, PLOT.top]);
  const strip = linear([0, largest(few.counts) || 1], [STRIP.bottom, STRIP.top]);
  const times = timeTicks(start, start + slices * width);
  const amounts = `${counted(sum(much.counts), much.noun)}, ${counted(sum(few.counts), few.noun)}`;
  return figure(
    {
      id,
      color,
      caption: html`<b>${name}</b> ${amounts}`,
      title: `${name} over time`,
      description: `${amounts}. ${peakWords(much, start, width)}`,
      height: HEIGHT,
    },
    [
      ...leftAxis(
        PLOT,
        y,
        ticks.map((at) => ({ at, text: shortNumber(at) })),
      ),
      html`<text class="end" x="${PLOT.left - 6}" y="${STRIP.bottom - 4}">${few.noun.split(' ')[0] ?? ''}${few.noun === 'block' ? 's' : ''}</text><path class="axis" d="M${PLOT.left} ${STRIP.bottom}H${PLOT.right}"/>`,
      bars(much.counts, x, y, 'area'),
      bars(few.counts, x, strip, 'mark'),
      ...bottomAxis(PLOT, (at) => x((at - start) / width), times),
      ...hints({ much, few }, x, start, width),
    ],
  );
}

/** The tooltip of each slice. */
function hints(
  { much, few }: Pick<Series, 'much' | 'few'>,
  x: Scale,
  start: number,
  width: number,
): Markup[] {
  return much.counts.map((count, i) => {
    const left = Math.round(x(i) * 100) / 100;
    const right = Math.round(x(i + 1) * 100) / 100;
    const blocks = few.counts[i] ?? 0;
    const text = `${momentText(start + i * width)}: ${counted(count, much.noun)}, ${counted(blocks, few.noun)}`;
    return count + blocks === 0
      ? html``
      : html`<path class="hit" d="M${left} ${STRIP.top}H${right}V${PLOT.bottom}H${left}"><title>${text}</title></path>`;
  });
}

function peakWords({ counts, noun }: Series['much'], start: number, width: number): string {
  const most = largest(counts);
  if (most === 0) return 'None at any time.';
  const when = momentText(start + counts.indexOf(most) * width);
  return `The peak is ${counted(most, noun)} from ${when} on.`;
}

function momentText(ms: number): string {
  return utcText(new Date(ms).toISOString());
}

function largest(counts: readonly number[]): number {
  return counts.reduce((most, count) => Math.max(most, count), 0);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}
