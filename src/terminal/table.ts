// Tables of aligned columns that fit a width: cells are cut, or wrapped to several lines.

import { cut, wrappedCell } from './text.ts';

export interface Column {
  /** if all titles of a table are empty, it has no line of titles */
  readonly title: string;
  /** safe for a terminal already; if all are empty, the column is left out */
  readonly cells: readonly string[];
  /** the width to which cells may be cut, with …; without it they are never cut */
  readonly minWidth?: number;
  /** cells that are too long are wrapped, to no more than so many lines, and not cut */
  readonly maxLines?: number;
  readonly isNumber?: boolean;
}

const GAP = 2;

/** The lines of a table, that of the titles first. */
export function tableLines(columns: readonly Column[], width: number, indent = ''): string[] {
  const filled = columns.filter(({ cells }) => cells.some((cell) => cell !== ''));
  const widths = fittingWidths(filled, width - indent.length);
  const line = (textOf: (column: Column, width: number, place: number) => string) =>
    indent +
    filled
      .map((column, i) => {
        const own = widths[i] ?? 0;
        return aligned(textOf(column, own, i), own, column);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  const hasTitles = filled.some(({ title }) => title !== '');
  const titles = hasTitles ? [line(({ title }, own) => cut(title, own))] : [];
  const rows = (filled[0]?.cells ?? []).flatMap((_, row) => {
    const parts = filled.map((column, i) => partsOf(column, row, widths[i] ?? 0));
    const height = Math.max(...parts.map(({ length }) => length));
    return Array.from({ length: height }, (_, i) => line((_column, _own, place) => parts[place]?.[i] ?? ''));
  });
  return [...titles, ...rows];
}

/** The lines of one cell. */
function partsOf({ cells, maxLines = 1 }: Column, row: number, width: number): readonly string[] {
  const cell = cells[row] || '-';
  return maxLines > 1 ? wrappedCell(cell, width, maxLines) : [cut(cell, width)];
}

/** The widths of the columns; if the sum is too large, the widest of those that may be cut becomes narrower. */
function fittingWidths(columns: readonly Column[], width: number): number[] {
  const widths = columns.map(({ title, cells }) =>
    cells.reduce((widest, cell) => Math.max(widest, cell.length), title.length),
  );
  const gaps = GAP * Math.max(0, columns.length - 1);
  let excess = widths.reduce((sum, each) => sum + each, gaps) - width;
  for (; excess > 0; excess--) {
    const widest = widestToCut(columns, widths);
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function widestToCut(columns: readonly Column[], widths: readonly number[]): number {
  let widest = -1;
  for (const [i, { minWidth }] of columns.entries()) {
    const own = widths[i] ?? 0;
    if (minWidth !== undefined && own > minWidth && own > (widths[widest] ?? 0)) widest = i;
  }
  return widest;
}

function aligned(text: string, width: number, { isNumber }: Column): string {
  return isNumber ? text.padStart(width) : text.padEnd(width);
}
