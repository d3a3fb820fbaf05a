// The text that `replay` prints: what the rules would have done, and the mail that this would have cost.

import { heading, painted, type Style, type TextOptions, visible, wrapped } from '../../terminal/text.ts';
import type { Report } from '../report/report.ts';
import { blindLines } from './blind-spot-text.ts';
import { costLines } from './cost-text.ts';
import { reportTable, type Table } from './report-table.ts';
import { blocksTable, eventsTable, offendersTable, rulesTable, sweepTable } from './rule-tables.ts';
import { INCOMPLETE, policyWords, readWords, verdictWords, WATCHED } from './sentences.ts';
import { sparingLines } from './sparing-text.ts';

/** The report for a terminal of 80 columns or more; each line ends with a newline. */
export function reportText(report: Report, options: TextOptions): string {
  const lines = [
    ...readLines(report, options),
    ...verdictLines(report, options),
    ...(report.read.records === 0 ? [] : foundLines(report, options)),
    ...blindLines(report, options),
    ...noteLines(report, options),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function foundLines(report: Report, options: TextOptions): string[] {
  return [
    ...tableOf(eventsTable(report), 'no events', options),
    ...tableOf(rulesTable(report), 'no rules', options),
    ...watchedLines(report, options),
    ...(hasBlocks(report) ? tableOf(blocksTable(report), '', options) : []),
    ...tableOf(offendersTable(report), 'none', options),
    ...sparingLines(report, options),
    ...costLines(report.cost, options),
    ...sweepLines(report, options),
  ];
}

function readLines(report: Report, options: TextOptions): string[] {
  const { columns } = options;
  const incomplete = report.read.isComplete
    ? []
    : [...painted(wrapped(INCOMPLETE, columns), 'red', options), ''];
  const [span = '', amount = ''] = readWords(report.read);
  return [
    ...incomplete,
    ...wrapped(span, columns, 'Read    ', '        '),
    ...wrapped(amount, columns, '        ', '        '),
    ...wrapped(policyWords(report), columns, 'Policy  ', '        '),
  ];
}

function verdictLines(report: Report, options: TextOptions): string[] {
  const { isKnown, lost } = report.cost;
  const style: Style = isKnown && lost === 0 ? 'green' : 'yellow';
  return [
    '',
    ...verdictWords(report).flatMap((text) =>
      painted(wrapped(text, options.columns, '', ''), style, options),
    ),
  ];
}

function tableOf(table: Table, empty: string, options: TextOptions): string[] {
  const lines = reportTable(table, options);
  return [...heading(table.title, options), ...(lines.length > 0 ? lines : [`  ${empty}`])];
}

function watchedLines({ rules }: Report, { columns }: TextOptions): string[] {
  return rules.every(({ enforced }) => enforced) ? [] : wrapped(WATCHED, columns, '  ');
}

function hasBlocks({ rules }: Report): boolean {
  return rules.some(({ blocks }) => blocks > 0);
}

function sweepLines(report: Report, options: TextOptions): string[] {
  if (report.sweeps.length === 0) return [];
  const tables = report.sweeps.map((sweep) => sweepTable(sweep, report));
  return [
    ...tables.flatMap((table) =>
      tableOf({ ...table, title: `Sweep of ${table.title}` }, 'no values', options),
    ),
    ...(tables.some(({ marked = [] }) => marked.length > 0) ? ['  * the value in the policy'] : []),
  ];
}

function noteLines({ notes }: Report, options: TextOptions): string[] {
  if (notes.length === 0) return [];
  return [
    ...heading('Notes', options),
    ...notes.flatMap((note) => wrapped(visible(note), options.columns, '  - ', '    ')),
  ];
}
