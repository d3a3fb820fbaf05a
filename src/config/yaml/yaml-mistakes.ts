// What is wrong with a text that is not YAML, in the words of the person who wrote it and not of the parser.

import { type Document, isCollection, visit, type YAMLParseError } from 'yaml';
import { MAX_MISTAKES } from './mistake.ts';

/** A mistake at an offset of the text. */
export interface TextMistake {
  readonly offset: number;
  readonly message: string;
  /** what follows is a consequence of it */
  readonly isLast?: boolean;
}

/** The mistakes behind the errors of the parser: one a line, and none that only follows from another. */
export function textMistakes(text: string, document: Document): readonly TextMistake[] {
  const quote = openQuote(text, document.errors.slice(0, MAX_MISTAKES));
  const mistakes: TextMistake[] = [];
  let done = -1;
  for (const error of document.errors) {
    if (quote !== undefined && error.pos[0] >= quote.offset) break;
    if (error.pos[0] <= done) continue;
    const mistake = mistakeOf(error, text, document);
    mistakes.push(mistake);
    if (mistake.isLast || mistakes.length > MAX_MISTAKES) return mistakes;
    done = lineEnd(text, Math.max(mistake.offset, error.pos[0]));
  }
  return quote === undefined ? mistakes : [...mistakes, quote];
}

function mistakeOf(error: YAMLParseError, text: string, document: Document): TextMistake {
  const offset = error.pos[0];
  const message = `${error.message}; expected YAML`;
  const rest = text.slice(offset, lineEnd(text, offset));
  switch (error.code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
      return `${rest} `.includes(': ')
        ? { offset, message: 'the text has a colon in it; put the whole text in quotes' }
        : indented(text, offset);
    case 'TAB_AS_INDENT':
      return { offset, message: 'the line is indented with a tab; expected blanks' };
    case 'BAD_SCALAR_START':
      return { offset, message: `a text cannot start with ${rest.charAt(0)}; put the whole text in quotes` };
    case 'UNEXPECTED_TOKEN':
      return trailing(text, offset) ?? { offset, message };
    case 'MULTILINE_IMPLICIT_KEY':
    case 'MISSING_CHAR':
    case 'BAD_INDENT':
      if (error.message.endsWith('must start at the same column')) return indentedAt(text, offset);
      return openBracket(error, text, document) ?? noColon(text, offset) ?? { offset, message };
    default:
      return { offset, message };
  }
}

/** The parser takes a line that is indented further for a part of the value above it. */
function indented(text: string, value: number): TextMistake {
  let start = lineEnd(text, value) + 1;
  while (start < text.length && isBlank(lineAt(text, start))) start = lineEnd(text, start) + 1;
  return indentedAt(text, start);
}

function indentedAt(text: string, start: number): TextMistake {
  const line = lineAt(text, start);
  const offset = start + line.length - line.trimStart().length;
  return {
    offset,
    message: 'the line is not indented like the option above it; expected the same indentation',
  };
}

/** Text behind a bracket or a quote that ends the value, as in `message: {ip} is blocked`. */
function trailing(text: string, offset: number): TextMistake | undefined {
  const before = text.slice(lineStart(text, offset), offset).trimEnd().at(-1) ?? '';
  if (before === '' || !']}"\''.includes(before)) return undefined;
  return {
    offset,
    message: `the value ends with the ${before} before this; put the whole value in quotes`,
  };
}

/** A line that is no `OPTION: VALUE`. */
function noColon(text: string, at: number): TextMistake | undefined {
  const start = lineStart(text, at);
  const line = lineAt(text, start);
  const word = line.trim();
  const offset = start + line.length - line.trimStart().length;
  if (word.toLowerCase() === word.toUpperCase()) return undefined;
  const colon = word.indexOf(':');
  const name = colon < 0 ? word : word.slice(0, colon);
  if (name.includes(' ')) return undefined;
  if (colon < 0) return { offset, message: 'the option has no colon; expected OPTION: VALUE' };
  if (colon === word.length - 1 || word.charAt(colon + 1) === ' ') return undefined;
  return { offset: offset + colon + 1, message: 'no blank follows the colon; expected OPTION: VALUE' };
}

/** The bracket that the parser was in when it met the error. */
function openBracket(error: YAMLParseError, text: string, document: Document): TextMistake | undefined {
  if (!error.message.startsWith('Flow ')) return undefined;
  const at = error.pos[0];
  let offset = -1;
  visit(document, {
    Collection: (_key, node) => {
      const [start = 0, , end = 0] = node.range ?? [];
      if (isCollection(node) && node.flow && start < at && at <= end) offset = Math.max(offset, start);
    },
  });
  if (offset < 0) return undefined;
  const bracket = text.charAt(offset);
  const other = bracket === '[' ? ']' : '}';
  return { offset, message: `the ${bracket} is not closed; expected ${other}`, isLast: true };
}

/** A quote that is not closed on its line, where an error lies between it and the quote that closes it instead. */
function openQuote(text: string, errors: readonly YAMLParseError[]): TextMistake | undefined {
  for (let start = 0; start < text.length; start = lineEnd(text, start) + 1) {
    const offset = openQuoteIn(text, start, lineEnd(text, start));
    if (offset < 0) continue;
    const end = lineEnd(text, closingQuote(text, offset, text.length));
    if (!errors.some(({ pos }) => pos[0] >= offset && pos[0] <= end)) continue;
    const quote = text.charAt(offset);
    return {
      offset,
      message: `the ${quote} is not closed on this line; expected another ${quote} at the end`,
    };
  }
  return undefined;
}

/** @returns the offset of the quote, or -1 */
function openQuoteIn(text: string, start: number, end: number): number {
  let before = '';
  for (let i = start; i < end; i++) {
    const character = text.charAt(i);
    const isBehindBlank = i === start || ' \t'.includes(text.charAt(i - 1));
    if (character === '#' && isBehindBlank) return -1;
    const opens = '[{,'.includes(before) || (isBehindBlank && ':-'.includes(before));
    if ((character === '"' || character === "'") && opens) {
      const close = closingQuote(text, i, end);
      if (close >= end) return i;
      i = close;
    }
    if (character !== ' ' && character !== '\t') before = character;
  }
  return -1;
}

/** @returns the offset of the quote that closes the one at `open`; `end` if there is none before it */
function closingQuote(text: string, open: number, end: number): number {
  const quote = text.charAt(open);
  for (let i = open + 1; i < end; i++) {
    if (text.charAt(i) === '\\' && quote === '"') i++;
    else if (text.charAt(i) === quote) {
      if (quote === '"' || text.charAt(i + 1) !== quote) return i;
      i++;
    }
  }
  return end;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function lineAt(text: string, start: number): string {
  return text.slice(start, lineEnd(text, start));
}

/** A line that is empty, or a comment. */
function isBlank(line: string): boolean {
  const text = line.trimStart();
  return text === '' || text.startsWith('#');
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}
