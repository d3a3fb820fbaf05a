// Text for a terminal: what others wrote made harmless, lines wrapped and cut to a width, times in UTC, colour.

import { durationText, MINUTE } from '../values/duration.ts';

export interface TextOptions {
  /** ms since 1970 */
  readonly now: number;
  /** width of the terminal; Infinity where nothing is to be cut or wrapped */
  readonly columns: number;
  readonly isColored: boolean;
}

/** What standard output shows: colour on a terminal, unless NO_COLOR is set (no-color.org). */
export function terminal(now: number): TextOptions {
  const { isTTY = false, columns = 80 } = process.stdout;
  const { NO_COLOR } = process.env;
  return { now, columns, isColored: isTTY && (NO_COLOR ?? '') === '' };
}

/** SGR parameters of ECMA-48 8.3.117. */
const STYLES = { bold: 1, red: 31, green: 32, yellow: 33 } as const;
export type Style = keyof typeof STYLES;

/**
 * All but ASCII, Latin, Greek and Cyrillic letters with their signs, and the … of a cut text. What is shown takes one
 * column and runs from left to right: whatever steers a terminal, turns, hides, stacks or widens text is not.
 */
const UNSAFE = /\p{Cn}|[^ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1eff\u2026]/gu;

/** Holds two words on one line; visible() lets none through, so that all there are come from here. */
const JOINT = '\u00a0';
/** Narrowest column that text is wrapped to. */
const LEAST_ROOM = 10;

/** Text that a client, a log or a person wrote: what is not plainly printable stands as `\x1b` or `\u{202e}`. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Words that wrapped() does not part. */
export function held(text: string): string {
  return text.replaceAll(' ', JOINT);
}

/** Lines of at most `columns`, parted between words where that can be; `first` stands before the first of them. */
export function wrapped(text: string, columns: number, first = '', rest = '    '): string[] {
  const room = Math.max(columns - Math.max(first.length, rest.length), LEAST_ROOM);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((long) => pieces(long, room))) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((part, i) => `${i === 0 ? first : rest}${part}`.replaceAll(JOINT, ' '));
}

export function painted(lines: readonly string[], style: Style, { isColored }: TextOptions): string[] {
  return isColored ? lines.map((line) => `\x1b[${STYLES[style]}m${line}\x1b[0m`) : [...lines];
}

/** An empty line, and the title of what follows. */
export function heading(title: string, options: TextOptions, style: Style = 'bold'): string[] {
  return ['', ...painted(wrapped(title, options.columns), style, options)];
}

/** `2026-11-23 23:09 UTC`, held together; of a text that is no time, as much as takes the same place. */
export function utcText(iso: string): string {
  return minuteText(iso, Math.floor);
}

/** As utcText, but the full minute after an end: what `{until}` in a rule's message tells the client. */
export function endText(iso: string): string {
  return minuteText(iso, Math.ceil);
}

/** `11-23 23:09:21`: the time of a row of a table, in UTC. */
export function rowTime(iso: string): string {
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? cut(visible(iso), 14) : new Date(ms).toISOString().slice(5, 19).replace('T', ' ');
}

export function isOver(iso: string, now: number): boolean {
  return Date.parse(iso) <= now;
}

export function timeTo(iso: string, now: number): string {
  return held(durationText(Date.parse(iso) - now));
}

export function timeSince(iso: string, now: number): string {
  return held(durationText(now - Date.parse(iso)));
}

function minuteText(iso: string, round: (minutes: number) => number): string {
  const date = new Date(round(Date.parse(iso) / MINUTE) * MINUTE);
  if (Number.isNaN(date.getTime())) return cut(visible(iso), 20);
  return held(`${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`);
}

function pieces(word: string, room: number): string[] {
  if (word.length <= room) return [word];
  return [word.slice(0, room), ...pieces(word.slice(room), room)];
}
