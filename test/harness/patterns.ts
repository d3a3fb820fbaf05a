// Finds every regular expression of a TypeScript source, by tokenizing it.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../../src', import.meta.url));

export interface Found {
  /** path below src/ */
  readonly file: string;
  /** as it stands in the source, `/x/g` */
  readonly text: string;
}

/** A token of the source: a comment, a string, a regular expression, a name, or one character. */
const COMMENT = String.raw`\/\/[^\n]*|\/\*[^]*?\*\/`;
const TEXT = String.raw`'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"`;
const REGEX = String.raw`\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[dgimsuvy]*`;
const WORD = String.raw`[\w$]+`;
const WITH_REGEX = new RegExp(`${COMMENT}|${TEXT}|${REGEX}|${WORD}|[^]`, 'y');
const WITHOUT = new RegExp(`${COMMENT}|${TEXT}|${WORD}|[^]`, 'y');
/** Tokens that a value may follow; after any other, a slash divides. */
const BEFORE_VALUE = /^(?:[(,=:[!&|?{};+\-*%~^<>]|return|typeof|case|in|of|await|yield|void)?$/;

export function patternsOf(source: string): string[] {
  const found: string[] = [];
  /** open braces within each open template */
  const templates: number[] = [];
  let before = '';
  let place = source.startsWith('#!') ? source.indexOf('\n') : 0;
  while (place < source.length) {
    const lexer = BEFORE_VALUE.test(before) ? WITH_REGEX : WITHOUT;
    lexer.lastIndex = place;
    const token = lexer.exec(source)?.[0] ?? '';
    place += token.length;
    if (token.startsWith('//') || token.startsWith('/*') || token.trim() === '') continue;
    if (token.length > 1 && token.startsWith('/')) found.push(token);
    const depth = templates.at(-1);
    if (token === '{' && depth !== undefined) templates[templates.length - 1] = depth + 1;
    if (token === '}' && depth !== undefined) templates[templates.length - 1] = depth - 1;
    before = token;
    if (token !== '`' && !(token === '}' && depth === 0)) continue;
    if (token === '}') templates.pop();
    const end = templateEnd(source, place);
    place = end.place;
    if (end.isOpen) templates.push(0);
    before = end.isOpen ? '{' : 'text';
  }
  return found;
}

/** The end of a template's text: after its last backtick, or after the `${` of a value in it. */
function templateEnd(source: string, from: number): { place: number; isOpen: boolean } {
  for (let place = from; place < source.length; place++) {
    if (source[place] === '\\') place++;
    else if (source[place] === '`') return { place: place + 1, isOpen: false };
    else if (source.startsWith('${', place)) return { place: place + 2, isOpen: true };
  }
  return { place: source.length, isOpen: false };
}

/** The sources of the product, by path below src/. */
export function sources(): Map<string, string> {
  const names = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return new Map(names.sort().map((name) => [name, readFileSync(join(SOURCES, name), 'utf8')]));
}

export function productPatterns(): Found[] {
  return [...sources()].flatMap(([file, source]) => patternsOf(source).map((text) => ({ file, text })));
}
