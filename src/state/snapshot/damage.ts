// What makes a snapshot unusable, and the readers of JSON and times that find it.

import { isoTime } from '../../values/iso-time.ts';

/** The message names the line. */
export class SnapshotDamage extends Error {
  readonly code: 'damaged' | 'foreign-version';

  constructor(code: SnapshotDamage['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** The value of a JSON text. @param number of the line, for the error; @throws SnapshotDamage */
export function parsed(text: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damage(number, 'JSON');
  }
}

/** ms since 1970. @throws SnapshotDamage */
export function parseTime(value: unknown, number: number): number {
  const ms = isoTime(value);
  if (Number.isNaN(ms)) throw damage(number, 'ISO 8601 times');
  return ms;
}

export function damage(number: number, expected: string): SnapshotDamage {
  return new SnapshotDamage('damaged', `line ${number}: expected ${expected}`);
}
