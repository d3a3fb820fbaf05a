// The events that led to a block, or to a limit: a table for each kind, and the lines of the log.

import type { Evidence } from '../../desk/answers.ts';
import { type Column, tableLines } from '../../terminal/table.ts';
import { type TextOptions, visible, wrapped } from '../../terminal/text.ts';
import { folded, timeColumns, timesText } from './folding.ts';

type Cell = readonly [title: string, textOf: (event: Evidence) => string];

const SENDER: Cell = ['SENDER', ({ sender }) => addressText(sender)];
const RECIPIENT: Cell = ['RECIPIENT', ({ recipient }) => addressText(recipient)];
const ANSWER: Cell = ['ANSWER', ({ reply }) => answerText(reply)];
const ENDING: Cell = ['ENDED BY', ({ ending }) => visible(ending ?? '')];
const USER: Cell = ['USER', ({ user }) => addressText(user)];

/** The columns of the table of events of each kind. */
const CELLS: Readonly<Record<string, readonly Cell[]>> = {
  'rejected-recipient': [SENDER, RECIPIENT, ANSWER],
  'auth-failure': [USER, ['MECHANISM', ({ mechanism }) => visible(mechanism ?? '')]],
  'dropped-connection': [ENDING],
  'abandoned-connection': [ENDING],
  'rejected-message': [SENDER, RECIPIENT, ['REASON', ({ reply }) => answerText(reply)]],
  'mailbox-full': [SENDER, RECIPIENT, ANSWER],
  probe: [SENDER, RECIPIENT, ANSWER, ENDING],
};
/** A cell that is wrapped is not narrower, and has no more lines: the client writes it. */
export const CELL = { minWidth: 8, maxLines: 6 } as const;
/** Lines that one line of the log takes at most. */
const MAX_LOG_LINES = 12;
const INDENT = '    ';
/** The number of a process of Postfix: another one does not make another line. */
const PROCESS = /\[\d{1,10}\]: /;

/** @param evidence oldest first */
export function evidenceLines(evidence: readonly Evidence[], options: TextOptions): string[] {
  const kinds = [...new Set(evidence.map(({ kind }) => kind))];
  const tables = kinds.map((kind) => evidence.filter((event) => event.kind === kind));
  return [...tables.flatMap((events) => kindTable(events, options)), ...logLines(evidence, options)];
}

/** RFC 5321 4.5.5: the sender of a bounce is empty, and written so. */
export function addressText(address: string | undefined): string {
  return address === '' ? '<>' : visible(address ?? '');
}

/** @param events of one kind */
function kindTable(events: readonly Evidence[], options: TextOptions): string[] {
  const kind = events[0]?.kind ?? '';
  const own = (Object.hasOwn(CELLS, kind) ? CELLS[kind] : undefined) ?? [];
  const isKnown = own.some(([, textOf]) => events.some((event) => textOf(event) !== ''));
  const cells: readonly Cell[] = isKnown ? own : [['WHAT', () => visible(kind)]];
  const rows = folded(events, (event) => cells.map(([, textOf]) => textOf(event)).join('\n'));
  const abuse = cells.map(
    ([title, textOf]): Column => ({ title, cells: rows.map(({ event }) => textOf(event)), ...CELL }),
  );
  return tableLines([...timeColumns(rows, options), ...abuse], options.columns, '  ');
}

/** Lines that differ in their times and processes only are one, with their number. */
function logLines(evidence: readonly Evidence[], { columns, zone }: TextOptions): string[] {
  const logged = evidence.filter(({ line }) => line !== '');
  if (logged.length === 0) return [];
  const rows = folded(logged, ({ line }) => line.replace(PROCESS, ''));
  const lines = rows.flatMap((row) => {
    const times = timesText(row, zone);
    const text = `${times === '' ? '' : `${times}: `}${visible(row.event.line)}`;
    return bounded(wrapped(text, columns, '  ', INDENT));
  });
  return ['  In the log:', ...lines];
}

function bounded(lines: readonly string[]): readonly string[] {
  return lines.length <= MAX_LOG_LINES ? lines : [...lines.slice(0, MAX_LOG_LINES - 1), `${INDENT}…`];
}

/** The server's reply without the address, which has its own column, and without Postfix's words for its kind. */
function answerText(reply: string | undefined): string {
  return visible(reply ?? '').replace(
    /^(\d{3} (?:\d\.\d{1,3}\.\d{1,3} )?)<[^>]*>: (?:(?:Recipient|Sender) address rejected: )?/,
    '$1',
  );
}
