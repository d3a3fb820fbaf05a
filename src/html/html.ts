// HTML in which only what this program wrote is markup: everything put into it is made harmless and escaped.

import { visible } from '../terminal/text.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that is markup already. Made by html`…` alone, and of what this program has as constants. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Part = Markup | string | number | readonly Part[];

export const NOTHING = new Markup('');

/** Markup with parts in it: texts are escaped, in elements as well as in quoted attributes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.reduce((text, string, i) => text + textOf(parts[i - 1] ?? '') + string));
}

function textOf(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(textOf).join('');
  return escaped(String(part));
}

/** A browser breaks lines itself, so that what holds two words together for a terminal is a space here. */
function escaped(text: string): string {
  return visible(text.replaceAll('\u00a0', ' ')).replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
}
