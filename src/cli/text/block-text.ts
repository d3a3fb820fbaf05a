// The text of one block: what the client reads, who made it or what led to it, and the mail that it refused.

import type { RefusedMail, ShownBlock } from '../../desk/answers.ts';
import { type Column, tableLines } from '../../terminal/table.ts';
import { heading, type TextOptions, visible, wrapped } from '../../terminal/text.ts';
import { momentText, pastText } from '../../terminal/time-text.ts';
import { addressText, CELL, evidenceLines } from './evidence-text.ts';
import { folded, timeColumns } from './folding.ts';

const PASSES = '  A client that has logged in is not refused by this rule.';

type MailCell = readonly [title: string, textOf: (mail: RefusedMail) => string];

const MAIL_CELLS: readonly MailCell[] = [
  ['SENDER', senderText],
  ['RECIPIENT', ({ recipient }) => addressText(recipient)],
  ['HELO', ({ helo }) => visible(helo ?? '')],
  ['USER', ({ user }) => visible(user ?? '')],
];

export function blockLines(block: ShownBlock, options: TextOptions): string[] {
  return [
    ...clientLines(block, options),
    ...handLines(block, options),
    ...whyLines(block, options),
    ...(block.enforced ? refusedLines(block, options) : []),
  ];
}

function clientLines({ text, enforced, passes = null }: ShownBlock, options: TextOptions): string[] {
  if (text === null) return [];
  const title = enforced ? 'The client reads' : 'The client would read';
  return [
    ...heading(title, options),
    ...wrapped(visible(text), options.columns, '  ', '  '),
    ...(passes === null ? [] : [PASSES]),
  ];
}

function handLines({ by, reason, since }: ShownBlock, options: TextOptions): string[] {
  if (by === null && reason === null) return [];
  const text = `by ${visible(by ?? 'somebody')}: ${visible(reason ?? 'no reason given')}`;
  const title = `Blocked by hand, ${pastText(since, options)}`;
  return [...heading(title, options), ...wrapped(text, options.columns, '  ')];
}

function whyLines({ count, since, evidence, by, classes }: ShownBlock, options: TextOptions): string[] {
  if (evidence.length === 0 && by !== null) return [];
  const kept = evidence.length === 0 ? 'without details' : `the newest ${evidence.length}`;
  const events = `${count} ${count === 1 ? 'event' : 'events'} until ${pastText(since, options)}`;
  const title = by === null ? `Why: ${events}, ${kept}` : 'Events before it';
  return [...heading(title, options), ...classLines(classes, options), ...evidenceLines(evidence, options)];
}

/** The most frequent class first. */
function classLines(classes: ShownBlock['classes'], { columns }: TextOptions): string[] {
  const counts = Object.entries(classes).sort(([, a], [, b]) => b - a);
  const text = counts.map(([name, count]) => `${count} ${visible(name)}`).join(', ');
  return text === '' ? [] : wrapped(text, columns, '  ');
}

function refusedLines(block: ShownBlock, options: TextOptions): string[] {
  const { refused, firstRefused, lastRefused, mails } = block;
  const parts = [`Refused mail: ${refused === 0 ? 'none' : refused}`];
  if (firstRefused !== null) parts.push(`first ${momentText(firstRefused, options)}`);
  if (lastRefused !== null) parts.push(`last ${pastText(lastRefused, options)}`);
  if (mails.length > 0 && mails.length < refused) parts.push(`the newest ${mails.length}`);
  return [...heading(parts.join(', '), options), ...mailTable(mails, options)];
}

function mailTable(mails: readonly RefusedMail[], options: TextOptions): string[] {
  const rows = folded(mails, (mail) => MAIL_CELLS.map(([, textOf]) => textOf(mail)).join('\n'));
  const cells = MAIL_CELLS.map(
    ([title, textOf]): Column => ({ title, cells: rows.map(({ event }) => textOf(event)), ...CELL }),
  );
  return tableLines([...timeColumns(rows, options), ...cells], options.columns, '  ');
}

/** A connection that was refused at CONNECT has neither sender nor recipient. */
function senderText({ stage, sender, recipient }: RefusedMail): string {
  if (sender !== undefined || recipient !== undefined) return addressText(sender);
  return stage === 'CONNECT' ? '(connection)' : `(${visible(stage)})`;
}
