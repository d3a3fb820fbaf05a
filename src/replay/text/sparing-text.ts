// What a policy spares, in the text of the report: by rule, the clients, and when its breaker was open.

import { heading, type TextOptions, wrapped } from '../../terminal/text.ts';
import type { Report } from '../report/report.ts';
import { reportTable } from './report-table.ts';
import { SPARED_HINT } from './sentences.ts';
import { breakerTable, sparedClientsTable, sparedTable } from './sparing-tables.ts';

export function sparingLines(report: Report, options: TextOptions): string[] {
  const { sparing } = report;
  if (sparing === null) return [];
  return [
    ...heading('Spared', options),
    ...wrapped(SPARED_HINT, options.columns, '  ', '  '),
    ...[sparedTable(report), sparedClientsTable(sparing, report), breakerTable(sparing)].flatMap((table) => {
      const lines = reportTable(table, options);
      return lines.length === 0 ? [] : ['', `  ${table.title}:`, ...lines];
    }),
  ];
}
