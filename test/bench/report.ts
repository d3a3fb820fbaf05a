// Markdown tables, and numbers for people.

export type Cell = string | number;

export function print(text: string): void {
  console.log(text);
}

export function printTable(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const cells = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...others] = cells;
  print(
    [
      line(first),
      `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
      ...others.map(line),
      '',
    ].join('\n'),
  );
}

/** Thousands with commas. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Milliseconds from microseconds. */
export function ms(micros: number): string {
  const value = micros / 1000;
  return value < 1 ? value.toFixed(3) : value.toFixed(1);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
