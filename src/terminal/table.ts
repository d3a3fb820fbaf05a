// Tables of aligned columns that fit a width.

import { cut } from './text.ts';

export interface Column {
  /** if all titles of a table are empty, it has no line of titles */
  readonly title: string;
  /** safe for a terminal already; if all are empty, the column is left out */
  readonly cells: readonly string[];
  /** the width to which cells may be cut, with …; without it they are never cut */
  readonly minWidth?: number;
  readonly isNumber?: boolean;
}

const GAP = 2;

/** The lines of a table, that of the titles first. */
export function tableLines(columns: readonly Column[], width: number, indent = ''): string[] {
  const filled = columns.filter(({ cells }) => cells.some((cell) => cell !== ''));
  const widths = fittingWidths(filled, width - indent.length);
  const row = (cellOf: (column: Column) => string) =>
    indent +
    filled
      .map((column, i) => aligned(cut(cellOf(column), widths[i] ?? 0), widths[i] ?? 0, column))
      .join(' '.repeat(GAP))
      .trimEnd();
  const titles = filled.some(({ title }) => title !== '') ? [row(({ title }) => title)] : [];
  const rows = filled[0]?.cells.map((_, i) => row(({ cells }) => cells[i] || '-')) ?? [];
  return [...titles, ...rows];
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
