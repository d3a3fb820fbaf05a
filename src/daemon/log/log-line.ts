// A line of the daemon's log: text to grep, or JSON to parse.

import type { LogSpec } from '../../config/fields/log-fields.ts';

/** The fields of a line beside its event; undefined values are left out. */
export type Details = Readonly<Record<string, string | number | boolean | undefined>>;

export interface LogLine {
  /** in ISO 8601 */
  readonly time: string;
  readonly level: string;
  readonly event: string;
  readonly details: Details;
}

export function lineText(line: LogLine, format: LogSpec['format']): string {
  return format === 'json' ? jsonLine(line) : textLine(line);
}

function textLine({ time, level, event, details }: LogLine): string {
  const values = Object.entries(details).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${textValue(value)}`,
  );
  return [time, level, event, ...values].join(' ');
}

function jsonLine({ time, level, event, details }: LogLine): string {
  return escaped({ time, level, event, ...details });
}

/** Quotes a value that could be mistaken for several, or that came from a client. */
function textValue(value: string | number | boolean): string {
  const text = String(value);
  return /^[\w.:/@+-]+$/.test(text) ? text : escaped(text);
}

/** JSON in ASCII: JSON.stringify leaves some control characters that a terminal obeys. */
function escaped(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\x7f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
