// Text for a terminal: untrusted text made safe, lines wrapped or cut to a width, colours.

import { localZone } from './zone.ts';

export interface TextOptions {
  /** ms since 1970 */
  readonly now: number;
  /** width of the terminal; Infinity: nothing is cut or wrapped */
  readonly columns: number;
  readonly isColored: boolean;
  /** IANA name of the time zone; undefined: UTC */
  readonly zone?: string | undefined;
}

/** Options for standard output: coloured on a terminal, unless NO_COLOR is set (no-color.org). */
export function terminal(now: number): TextOptions {
  const { isTTY = false, columns = 80 } = process.stdout;
  const { NO_COLOR } = process.env;
  return { now, columns, isColored: isTTY && (NO_COLOR ?? '') === '', zone: localZone() };
}

/** SGR parameters of ECMA-48 8.3.117. */
const STYLES = { bold: 1, red: 31, green: 32, yellow: 33 } as const;
export type Style = keyof typeof STYLES;

/**
 * All but ASCII, Latin, Greek and Cyrillic letters and signs, and the … of a cut text. What is shown takes one column
 * and runs from left to right: a character that controls a terminal, or turns, hides, stacks or widens text, is escaped.
 */
const UNSAFE = /\p{Cn}|[^ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1eff\u2026]/gu;

/** Keeps two words on one line; visible() escapes it in other text. */
const JOINT = '\u00a0';
const SIGN_NEAR_END = /^.*[@.,;:=/>)\]_-]/;
/** The narrowest column that text is wrapped to. */
const MIN_COLUMNS = 10;

/** Text that a client, a log or a person wrote, with `\x1b` or `\u{202e}` for each character that is not safe. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Words that wrapped() keeps on one line. */
export function unbroken(text: string): string {
  return text.replaceAll(' ', JOINT);
}

/** Lines of at most `columns`, broken between words if possible; the first begins with `first`, the others with `rest`. */
export function wrapped(text: string, columns: number, first = '', rest = '    '): string[] {
  const room = Math.max(columns - Math.max(first.length, rest.length), MIN_COLUMNS);
  return linesOf(text, room).map((part, i) => `${i === 0 ? first : rest}${part}`.replaceAll(JOINT, ' '));
}

/** As wrapped(), without indent; of more than `most` lines the last is cut. */
export function wrappedCell(text: string, width: number, most: number): string[] {
  const lines = linesOf(text, Math.max(width, 1));
  const isCut = lines.length > most;
  const shown = isCut ? [...lines.slice(0, most - 1), cut(lines.slice(most - 1).join(' '), width)] : lines;
  return shown.map((line) => line.replaceAll(JOINT, ' '));
}

function linesOf(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((long) => pieces(long, room))) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

export function painted(lines: readonly string[], style: Style, { isColored }: TextOptions): string[] {
  return isColored ? lines.map((line) => `\x1b[${STYLES[style]}m${line}\x1b[0m`) : [...lines];
}

/** An empty line, and the title of what follows. */
export function heading(title: string, options: TextOptions, style: Style = 'bold'): string[] {
  return ['', ...painted(wrapped(title, options.columns), style, options)];
}

/** Parts of a long word: behind a sign such as @ where one is near the end of a part. */
function pieces(word: string, room: number): string[] {
  const parts: string[] = [];
  let rest = word;
  while (rest.length > room) {
    const part = rest.slice(0, room);
    const end = SIGN_NEAR_END.exec(part.slice(Math.floor(room / 3)))?.[0].length;
    const length = end === undefined ? room : Math.floor(room / 3) + end;
    parts.push(rest.slice(0, length));
    rest = rest.slice(length);
  }
  return [...parts, rest];
}
