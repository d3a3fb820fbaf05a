// Places at which a browser may break a name, an address or a path.

import { html, Markup, type Part } from './html.ts';

const BREAK = new Markup('<wbr>');
/** Between a separator and the next part of a name: in `mail.example.com`, `anna@example.com`, `2001:db8::1`. */
const SEPARATOR = /(?<=[.@:/_=+,;-])(?=[^.@:/_=+,;\s-])/;

/** The text as markup that breaks between the parts of a name. Copied, searched and read aloud, it is the same text. */
export function breakable(text: string): Markup {
  return html`${text.split(SEPARATOR).map((part, i): Part => (i === 0 ? part : [BREAK, part]))}`;
}
