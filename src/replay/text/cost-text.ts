// The cost in the text of the report: a sentence, the clients, their mails, and the allow entries ready to paste.

import { counted } from '../../terminal/number-text.ts';
import { cut, heading, painted, type TextOptions, wrapped } from '../../terminal/text.ts';
import type { Cost, LosingClient, SavingEntry } from '../report/report.ts';
import { allowComment, allowLine, clientsTable, mailsTable } from './cost-tables.ts';
import { reportTable } from './report-table.ts';
import { ALLOW_HINT, clientsWords, clientWords, lossWords } from './sentences.ts';

/** Of one client; the page and --json have more. */
const MAILS_SHOWN = 5;
const MIN_COMMENT = 20;

export function costLines(cost: Cost, options: TextOptions): string[] {
  const { columns } = options;
  const isLost = cost.isKnown && cost.lost > 0;
  const words = wrapped(lossWords(cost), columns, '  ', '  ');
  const title = heading('Cost', options);
  if (!isLost)
    return [...title, ...painted(words, cost.isKnown && cost.passed === 0 ? 'green' : 'yellow', options)];
  const limits = clientsWords(cost);
  return [
    ...title,
    ...painted(words, 'yellow', options),
    '',
    ...(limits === '' ? [] : wrapped(`${limits}:`, columns, '  ')),
    ...reportTable(clientsTable(cost), options),
    ...cost.clients.flatMap((client) => mailLines(client, cost, options)),
    ...allowLines(cost.allow, options),
  ];
}

function mailLines(client: LosingClient, { mails }: Cost, options: TextOptions): string[] {
  const own = mails.filter(({ ip }) => ip === client.ip).slice(0, MAILS_SHOWN);
  if (own.length === 0) return [];
  const first = own.length < client.lost ? `the first${own.length === 1 ? '' : ` ${own.length}`} of ` : '';
  const title = `${clientWords(client)}: ${first}${counted(client.lost, 'mail')}`;
  return [
    '',
    ...wrapped(title, options.columns, '  '),
    ...reportTable(mailsTable(own, true), options, '    '),
  ];
}

/** Never cuts or wraps a line of YAML, so that it can be pasted. */
function allowLines(allow: readonly SavingEntry[], options: TextOptions): string[] {
  if (allow.length === 0) return [];
  const { columns } = options;
  const lines = allow.map(allowLine);
  const width = Math.min(Math.max(...lines.map((line) => line.length)), columns - MIN_COMMENT);
  return [
    ...heading('Allow entries that would have saved these mails', options),
    ...wrapped(ALLOW_HINT, columns, '  ', '  '),
    '',
    ...allow.map((entry, i) => {
      const line = (lines[i] ?? '').padEnd(width);
      const room = columns - line.length - 2;
      return room < MIN_COMMENT - 2 ? line : `${line}  ${cut(allowComment(entry), room)}`;
    }),
  ];
}
