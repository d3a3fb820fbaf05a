// The YAML parser of a policy, with bounds: a file that is not a policy costs little time.

import { Composer, type CST, type Document, Lexer, LineCounter, Parser } from 'yaml';
import { MAX_MISTAKES, type Mistake } from './mistake.ts';
import { tooDeepAt } from './nesting.ts';
import { textMistakes } from './yaml-mistakes.ts';

/** Words, punctuation and blanks; an allow list of 80,000 addresses, one a line, has 480,000. */
const MAX_LEXEMES = 600_000;

export type YamlText =
  | { readonly document: Document; readonly lines: LineCounter; readonly mistakes?: undefined }
  | { readonly document?: undefined; readonly mistakes: Mistake[] };

/** One document of YAML, or what is wrong with it. */
export function parseYaml(text: string): YamlText {
  const deep = tooDeepAt(text);
  if (deep !== undefined) return { mistakes: [mistake(deep, 'is nested too deeply; expected a policy')] };
  const lines = new LineCounter();
  const place = (offset: number) => lineAndColumn(lines, offset);
  try {
    const composer = new Composer({ uniqueKeys: false });
    const [document, second] = composer.compose(tokensOf(text, lines), true, text.length);
    const wrong = document === undefined ? [] : textMistakes(text, document);
    const mistakes = wrong.map(({ offset, message }) => mistake(place(offset), message));
    if (second !== undefined)
      mistakes.push(mistake(place(second.range[0]), 'is a second document; expected one'));
    return document === undefined || mistakes.length > 0 ? { mistakes } : { document, lines };
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    return { mistakes: [mistake(place(error.offset), 'is too long; expected a policy')] };
  }
}

/** Line and column, from 1, of an offset from 0. */
export function lineAndColumn(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

class TooMuch extends Error {
  readonly offset: number;

  constructor(offset: number) {
    super('too much');
    this.offset = offset;
  }
}

/** As Parser.parse() of yaml gives them, but bounded: reading stops after too many mistakes. */
function* tokensOf(text: string, lines: LineCounter): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let lexemes = 0;
  let errors = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++lexemes > MAX_LEXEMES) throw new TooMuch(parser.offset);
    for (const token of parser.next(lexeme)) {
      // A policy has at most one directive, %YAML.
      if (token.type === 'error' || token.type === 'directive') errors++;
      yield token;
    }
    if (errors > MAX_MISTAKES) return;
  }
  yield* parser.end();
}

function mistake(place: { line: number; column: number }, message: string): Mistake {
  return { ...place, key: '', message };
}
