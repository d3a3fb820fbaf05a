// A table of the report as HTML, which the page's script can sort.

import { html, type Markup, NOTHING } from '../../html/html.ts';
import { filledColumns, type ReportColumn, type Table } from '../text/report-table.ts';

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
`;
}

function title({ title, isNumber }: ReportColumn): Markup {
  return html`<th scope="col" aria-sort="none"${isNumber ? html` class="number"` : ''}><button type="button">${title}</button></th>`;
}

function cell(column: ReportColumn, row: number, isFirst: boolean): Markup {
  const { cells, keys } = column;
  const text = cells[row] ?? '';
  const key = keys === undefined ? (text === '' ? '' : null) : (keys[row] ?? '');
  const attributes = html`${key === null ? '' : html` data-key="${key}"`}${kindOf(column)}`;
  const content = text === '' ? html`<span class="none">–</span>` : text;
  return isFirst
    ? html`<th scope="row"${attributes}>${content}</th>`
    : html`<td${attributes}>${content}</td>`;
}

/** The class of a cell. Only cells that a terminal may cut are wrapped. */
function kindOf({ isNumber, keys, minWidth }: ReportColumn): Markup {
  if (isNumber) return html` class="number"`;
  if (keys !== undefined) return html` class="time"`;
  return minWidth === undefined ? NOTHING : html` class="long"`;
}
