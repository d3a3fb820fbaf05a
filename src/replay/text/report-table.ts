// A table of the report, for the text and for the page.

import { grouped } from '../../terminal/number-text.ts';
import { type Column, tableLines } from '../../terminal/table.ts';
import { painted, type TextOptions } from '../../terminal/text.ts';
import { rowTime } from '../../terminal/time-text.ts';

export interface ReportColumn extends Column {
  /** what the page sorts by: a number for each cell; without keys, the text of the cell */
  readonly keys?: readonly (number | null)[];
  /** the text omits it where the terminal is too narrow; the last optional column first */
  readonly isOptional?: boolean;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly ReportColumn[];
  /** indexes of the rows to highlight, such as the value in the policy */
  readonly marked?: readonly number[];
}

type ColumnOptions = Pick<ReportColumn, 'minWidth' | 'isOptional' | 'isNumber'>;

/** @param textOf gives text that is harmless already; empty where a row has none */
export function textColumn<Row>(
  title: string,
  rows: readonly Row[],
  textOf: (row: Row) => string,
  options: ColumnOptions = {},
): ReportColumn {
  return { title, cells: rows.map(textOf), ...options };
}

/** Numbers, right-aligned; null where unknown. */
export function numberColumn<Row>(
  title: string,
  rows: readonly Row[],
  numberOf: (row: Row) => number | null,
  textOf: (number: number, row: Row) => string = (number) => grouped(number),
  options: ColumnOptions = {},
): ReportColumn {
  const keys = rows.map(numberOf);
  const cells = rows.map((row, i) => {
    const key = keys[i] ?? null;
    return key === null ? '' : textOf(key, row);
  });
  return { title, cells, keys, isNumber: true, ...options };
}

/** Times; the page sorts them by the year too, which the cells do not show. */
export function timeColumn<Row>(
  title: string,
  rows: readonly Row[],
  isoOf: (row: Row) => string | null,
  options: ColumnOptions = {},
): ReportColumn {
  const times = rows.map(isoOf);
  const cells = times.map((iso) => (iso === null ? '' : rowTime(iso)));
  return { title, cells, keys: times.map((iso) => (iso === null ? null : Date.parse(iso))), ...options };
}

/** The columns with at least one cell that is not empty. */
export function filledColumns({ columns }: Table): ReportColumn[] {
  return columns.filter(({ cells }) => cells.some((cell) => cell !== ''));
}

/** The lines of the table, marked rows in bold. */
export function reportTable(table: Table, options: TextOptions, indent = '  '): string[] {
  const named = filledColumns(table).map((column) => ({ ...column, title: column.title.toUpperCase() }));
  const lines = tableLines(fitting(named, options.columns - indent.length), options.columns, indent);
  const marked = new Set(table.marked);
  return lines.flatMap((line, i) => (marked.has(i - 1) ? painted([line], 'bold', options) : [line]));
}

const GAP = 2;
/** Optional columns are omitted before a column that can be cut becomes narrower than this. */
const MIN_WIDTH = 24;

function fitting(columns: readonly ReportColumn[], room: number): readonly ReportColumn[] {
  const needed = columns.reduce((sum, column) => sum + roomFor(column) + GAP, -GAP);
  const last = columns.findLastIndex(({ isOptional }) => isOptional === true);
  if (needed <= room || last < 0) return columns;
  return fitting(columns.toSpliced(last, 1), room);
}

function roomFor({ title, cells, minWidth = Number.POSITIVE_INFINITY }: ReportColumn): number {
  const whole = cells.reduce((widest, cell) => Math.max(widest, cell.length), title.length);
  return Math.min(whole, Math.max(minWidth, MIN_WIDTH));
}
