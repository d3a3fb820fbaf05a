// Events that differ in their times only, as one row of a table with its first time, its last and their number.

import type { Column } from '../../terminal/table.ts';
import type { TextOptions } from '../../terminal/text.ts';
import { rowTime, zoneTitle } from '../../terminal/time-text.ts';

/** Equal events: the first of them, and when they came. */
export interface Folded<T> {
  readonly event: T;
  readonly first: string;
  readonly last: string;
  readonly count: number;
}

/** From this width on there is room for a column with the time in UTC. */
const WIDE = 110;
/** `11-24 ` */
const DAY_LENGTH = 6;

/** In the order in which each came first. @param events oldest first; @param textOf all that is shown of one but its time */
export function folded<T extends { readonly at: string }>(
  events: readonly T[],
  textOf: (event: T) => string,
): readonly Folded<T>[] {
  const groups = new Map<string, Folded<T>>();
  for (const event of events) {
    const text = textOf(event);
    const { first, count, event: shown } = groups.get(text) ?? { first: event.at, count: 0, event };
    groups.set(text, { event: shown, first, last: event.at, count: count + 1 });
  }
  return [...groups.values()];
}

/** The columns of times: of one event its time, of several the first and the last of them and their number. */
export function timeColumns(
  rows: readonly Folded<unknown>[],
  { columns, zone }: Pick<TextOptions, 'columns' | 'zone'>,
): readonly Column[] {
  const times = rows.flatMap(({ first, last }) => [first, last]);
  const isFolded = rows.some(({ count }) => count > 1);
  const isWide = zone !== undefined && columns >= WIDE;
  return [
    { title: `TIME (${zoneTitle(times, zone)})`, cells: rows.map(({ first }) => rowTime(first, zone)) },
    { title: 'UTC', cells: rows.map(({ first }) => (isWide ? rowTime(first).slice(DAY_LENGTH) : '')) },
    { title: 'LAST', cells: rows.map((row) => (row.count > 1 ? lastText(row, zone) : '')) },
    { title: 'TIMES', cells: rows.map(({ count }) => (isFolded ? String(count) : '')), isNumber: true },
  ];
}

/** `10 times, 11-23 23:00:01 to 23:09:21`; empty for one event */
export function timesText(row: Folded<unknown>, zone: string | undefined): string {
  if (row.count === 1) return '';
  const first = rowTime(row.first, zone);
  const last = row.last === row.first ? '' : ` to ${lastText(row, zone)}`;
  return `${row.count} times, ${first}${last}`;
}

/** Without its day where that is the day of the first. */
function lastText({ first, last }: Folded<unknown>, zone: string | undefined): string {
  const [start, end] = [rowTime(first, zone), rowTime(last, zone)];
  return start.slice(0, DAY_LENGTH) === end.slice(0, DAY_LENGTH) ? end.slice(DAY_LENGTH) : end;
}
