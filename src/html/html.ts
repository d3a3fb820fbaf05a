// HTML that is safe by type: all values are made harmless and escaped, and only this program's own text is markup.

import { visible } from '../terminal/text.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that is already markup. Made only by html`…`, or from this program's constants. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Part = Markup | string | number | readonly Part[];

export const NOTHING = new Markup('');

/** Markup with values in it. Texts are escaped for elements and for quoted attributes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.reduce((text, string, i) => text + textOf(parts[i - 1] ?? '') + string));
}

function textOf(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(textOf).join('');
  return escaped(String(part));
}

/** A browser breaks lines itself: the no-break spaces for terminals become spaces. */
function escaped(text: string): string {
  return visible(text.replaceAll('\u00a0', ' ')).replace(
    /[&<>"']/g,
    (character) => ENTITIES[character] ?? '',
  );
}
