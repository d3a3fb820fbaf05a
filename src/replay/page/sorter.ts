// The only script of the page: sorts a table by the column whose title is pressed.

/**
 * The titles are buttons, so that a keyboard reaches them; aria-sort shows the order. Numbers start with the largest.
 * Cells with an empty data-key are empty and always stay last.
 */
export const SORTER = `(() => {
  'use strict';
  const collator = new Intl.Collator('en', { numeric: true });
  const keyOf = (row, column) => {
    const cell = row.cells[column];
    const key = cell.dataset.key;
    return key === undefined ? cell.textContent : key === '' ? null : Number(key);
  };
  const compare = (a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(a, b));
  const sort = (title) => {
    const body = title.closest('table').tBodies[0];
    const column = title.cellIndex;
    const before = title.getAttribute('aria-sort');
    const isNumber = title.classList.contains('number');
    const isDescending = before === 'none' ? isNumber : before === 'ascending';
    const rows = [...body.rows].map((row) => ({ row, key: keyOf(row, column) }));
    rows.sort((a, b) => {
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null);
      return isDescending ? compare(b.key, a.key) : compare(a.key, b.key);
    });
    body.append(...rows.map(({ row }) => row));
    for (const other of title.parentElement.cells) other.setAttribute('aria-sort', 'none');
    title.setAttribute('aria-sort', isDescending ? 'descending' : 'ascending');
  };
  for (const button of document.querySelectorAll('th button'))
    button.addEventListener('click', () => sort(button.closest('th')));
})();
`;
