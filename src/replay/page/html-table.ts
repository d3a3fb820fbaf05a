// A table of the report as HTML, which the page's script can sort and fold.

import { breakable } from '../../html/breaks.ts';
import { html, type Markup, NOTHING } from '../../html/html.ts';
import { grouped } from '../../terminal/number-text.ts';
import { filledColumns, type ReportColumn, type Table } from '../text/report-table.ts';

/** Rows of a folded table; the style sheet hides the others. */
export const FOLDED = 20;
/** A table with this many rows is not folded: few would be hidden. */
const MAX_WHOLE = 30;

/** Nothing where the table has no rows. @param id unique on the page */
export function pageTable(table: Table, id: string): Markup {
  const columns = filledColumns(table);
  const rows = columns[0]?.cells.map((_, i) => i) ?? [];
  if (rows.length === 0) return NOTHING;
  const marked = new Set(table.marked);
  return html`<div class="scroll" role="region" tabindex="0" aria-labelledby="${id}"><table>
<caption id="${id}">${table.title}</caption>
<thead><tr>${columns.map(title)}</tr></thead>
<tbody>
${rows.map(
  (
    row,
  ) => html`<tr${marked.has(row) ? html` class="current"` : ''}>${columns.map((column, i) => cell(column, row, i === 0))}</tr>
`,
)}</tbody>
</table></div>
${rows.length > MAX_WHOLE ? foldButton(rows.length) : NOTHING}`;
}

/** Hidden where the script does not run, since all rows are shown then. */
function foldButton(rows: number): Markup {
  const [more, less] = [`Show all ${grouped(rows)} rows`, `Show ${FOLDED} rows`];
  return html`<p class="more" hidden><button type="button" aria-expanded="true" data-more="${more}" data-less="${less}">${less}</button></p>
`;
}

/** In print, the title stands without its button: Chromium does not repeat a head with buttons on each page. */
function title({ title, isNumber }: ReportColumn): Markup {
  return html`<th scope="col" data-title="${title}" aria-sort="none"${isNumber ? html` class="number"` : ''}><button type="button">${title}</button></th>`;
}

function cell(column: ReportColumn, row: number, isFirst: boolean): Markup {
  const { cells, keys } = column;
  const text = cells[row] ?? '';
  const key = keys === undefined ? (text === '' ? '' : null) : (keys[row] ?? '');
  const attributes = html`${key === null ? '' : html` data-key="${key}"`}${kindOf(column)}`;
  const content = text === '' ? html`<span class="none">–</span>` : isLong(column) ? breakable(text) : text;
  return isFirst
    ? html`<th scope="row"${attributes}>${content}</th>`
    : html`<td${attributes}>${content}</td>`;
}

function kindOf(column: ReportColumn): Markup {
  if (column.isNumber) return html` class="number"`;
  if (column.keys !== undefined) return html` class="time"`;
  return isLong(column) ? html` class="long"` : NOTHING;
}

/** Whether the cells are wrapped: those that a terminal may cut. */
function isLong({ isNumber, keys, minWidth }: ReportColumn): boolean {
  return !isNumber && keys === undefined && minWidth !== undefined;
}
