// The parts that the charts share: the frame with its title and description, axes, and bars.

import { html, type Markup, type Part } from '../../html/html.ts';
import type { Scale } from './scale.ts';

/** Units of the drawing; its container decides how wide it is shown. */
export const WIDTH = 480;
/** Half of the longest text below an axis: nearer to the edge, it would be cut. */
const EDGE = 24;

export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Drawing {
  /** unique on the page */
  readonly id: string;
  /** shown above the drawing */
  readonly caption: Part;
  readonly title: string;
  /** the content of the drawing in words, for readers who cannot see it */
  readonly description: string;
  readonly height: number;
  /** CSS class of the colour */
  readonly color: string;
}

export function figure(drawing: Drawing, body: readonly Markup[]): Markup {
  const { id, caption, title, description, height, color } = drawing;
  return html`<figure class="${color}"><figcaption>${caption}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-title ${id}-text"><title id="${id}-title">${title}</title><desc id="${id}-text">${description}</desc>
${body}</svg></figure>
`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Horizontal grid lines, with texts at the left. */
export function leftAxis(plot: Plot, scale: Scale, ticks: readonly { at: number; text: string }[]): Markup[] {
  return ticks.map(({ at, text }) => {
    const y = round(scale(at));
    return html`<path class="grid" d="M${plot.left} ${y}H${plot.right}"/><text class="end" x="${plot.left - 6}" y="${y + 4}">${text}</text>`;
  });
}

/** Ticks below the plot, with texts. */
export function bottomAxis(
  plot: Plot,
  scale: Scale,
  ticks: readonly { at: number; text: string }[],
): Markup[] {
  return [
    html`<path class="axis" d="M${plot.left} ${plot.bottom}H${plot.right}"/>`,
    ...ticks.map(({ at, text }) => {
      const x = round(scale(at));
      const isAtEdge = x > WIDTH - EDGE;
      return html`<path class="axis" d="M${x} ${plot.bottom}v4"/><text class="${isAtEdge ? 'end' : 'middle'}" x="${isAtEdge ? WIDTH : x}" y="${plot.bottom + 17}">${text}</text>`;
    }),
  ];
}

/** One path of adjacent bars, from the base up to each value; zeros are left out. */
export function bars(values: readonly number[], x: Scale, y: Scale, color: string): Markup {
  const base = round(y(0));
  const path = values
    .map((value, i) =>
      value === 0 ? '' : `M${round(x(i))} ${base}V${round(y(value))}H${round(x(i + 1))}V${base}`,
    )
    .join('');
  return html`<path class="${color}" d="${path}"/>`;
}
