// README.md as the tests read it: its sections, and the commands in them.

import { readFileSync } from 'node:fs';

export const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

/** The text of a section, without its heading. */
export function section(heading: string): string {
  const [, text] = README.split(`\n## ${heading}\n`);
  return text?.split('\n## ', 1)[0] ?? '';
}

/** The blocks of code in a text, without their indentation. */
export function blocks(text: string): string[] {
  const found = text.match(/(?:^ {4}.*\n)+/gm) ?? [];
  return found.map((block) => block.replace(/^ {4}/gm, ''));
}
