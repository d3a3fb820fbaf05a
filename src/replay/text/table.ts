// A table of the report, as the text prints it and the page shows it.

import { type Column, tableLines } from '../../terminal/table.ts';
import { painted, rowTime, type TextOptions } from '../../terminal/text.ts';
import { grouped } from './number-text.ts';

export interface ReportColumn extends Column {
  /** what the page sorts by: a number for each cell, or the cell's own text where there are no keys */
  readonly keys?: readonly (number | null)[];
  /** the text leaves it out where the room is too small; the last one goes first */
  readonly isOptional?: boolean;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly ReportColumn[];
  /** places of the rows that are to be seen first, such as the value that the policy has */
  readonly marked?: readonly number[];
}

type Manner = Pick<ReportColumn, 'least' | 'isOptional' | 'isNumber'>;

/** @param textOf harmless already; empty where a row has nothing to say */
export function textColumn<Row>(
  title: string,
  rows: readonly Row[],
  textOf: (row: Row) => string,
  manner: Manner = {},
): ReportColumn {
  return { title, cells: rows.map(textOf), ...manner };
}

/** Numbers, right-aligned; null stands for what is not known. */
export function numberColumn<Row>(
  title: string,
  rows: readonly Row[],
  numberOf: (row: Row) => number | null,
  textOf: (number: number, row: Row) => string = (number) => grouped(number),
  manner: Manner = {},
): ReportColumn {
  const keys = rows.map(numberOf);
  const cells = rows.map((row, i) => {
    const key = keys[i] ?? null;
    return key === null ? '' : textOf(key, row);
  });
  return { title, cells, keys, isNumber: true, ...manner };
}

/** Times of rows, which sort by the year as well. */
export function timeColumn<Row>(
  title: string,
  rows: readonly Row[],
  isoOf: (row: Row) => string | null,
  manner: Manner = {},
): ReportColumn {
  const times = rows.map(isoOf);
  const cells = times.map((iso) => (iso === null ? '' : rowTime(iso)));
  return { title, cells, keys: times.map((iso) => (iso === null ? null : Date.parse(iso))), ...manner };
}

/** Those that say something at all. */
export function filledColumns({ columns }: Table): ReportColumn[] {
  return columns.filter(({ cells }) => cells.some((cell) => cell !== ''));
}

/** The lines of the table, its marked rows in bold. */
export function reportTable(table: Table, options: TextOptions, indent = '  '): string[] {
  const named = filledColumns(table).map((column) => ({ ...column, title: column.title.toUpperCase() }));
  const lines = tableLines(thatFit(named, options.columns - indent.length), options.columns, indent);
  const marked = new Set(table.marked);
  return lines.flatMap((line, i) => (marked.has(i - 1) ? painted([line], 'bold', options) : [line]));
}

const GAP = 2;
/** A column that may be cut is not cut below this only to make room for one that may be left out. */
const COMFORT = 24;

function thatFit(columns: readonly ReportColumn[], room: number): readonly ReportColumn[] {
  const needed = columns.reduce((sum, column) => sum + roomFor(column) + GAP, -GAP);
  const last = columns.findLastIndex(({ isOptional }) => isOptional === true);
  if (needed <= room || last < 0) return columns;
  return thatFit(columns.toSpliced(last, 1), room);
}

function roomFor({ title, cells, least = Number.POSITIVE_INFINITY }: ReportColumn): number {
  const whole = cells.reduce((widest, cell) => Math.max(widest, cell.length), title.length);
  return Math.min(whole, Math.max(least, COMFORT));
}
