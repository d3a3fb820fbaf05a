// The text of one block: what the client reads, who made it or what led to it, and the mail that it refused.

import type { Evidence, RefusedMail, ShownBlock } from '../../desk/answers.ts';
import { type Column, tableLines } from '../../terminal/table.ts';
import {
  cut,
  heading,
  rowTime,
  type TextOptions,
  timeSince,
  unbroken,
  utcText,
  visible,
  wrapped,
} from '../../terminal/text.ts';

/** The columns of the table of events of each kind: title and cell. */
const ABUSE: Readonly<Record<string, readonly (readonly [string, (event: Evidence) => string])[]>> = {
  'rejected-recipient': [
    ['RECIPIENT', ({ recipient }) => addressText(recipient)],
    ['ANSWER', ({ reply }) => answerText(reply)],
  ],
  'auth-failure': [
    ['USER', ({ user }) => addressText(user)],
    ['MECHANISM', ({ mechanism }) => visible(mechanism ?? '')],
  ],
  'dropped-connection': [['ENDED BY', ({ ending }) => visible(ending ?? '')]],
  'abandoned-connection': [['ENDED BY', ({ ending }) => visible(ending ?? '')]],
  'rejected-message': [
    ['SENDER', ({ sender }) => addressText(sender)],
    ['REASON', ({ reply }) => answerText(reply)],
  ],
  'mailbox-full': [
    ['RECIPIENT', ({ recipient }) => addressText(recipient)],
    ['ANSWER', ({ reply }) => answerText(reply)],
  ],
  probe: [
    ['RECIPIENT', ({ recipient }) => addressText(recipient)],
    ['ANSWER', ({ reply }) => answerText(reply)],
  ],
};
const MIN_WIDTH = 6;
const PASSES = '  A client that has logged in is not refused by this rule.';

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
  const title = `Blocked by hand, ${momentText(since, options)}`;
  return [...heading(title, options), ...wrapped(text, options.columns, '  ')];
}

function whyLines({ count, since, evidence, by, classes }: ShownBlock, options: TextOptions): string[] {
  if (evidence.length === 0 && by !== null) return [];
  const kept = evidence.length === 0 ? 'without details' : `the newest ${evidence.length}`;
  const events = `${count} ${count === 1 ? 'event' : 'events'} until ${momentText(since, options)}`;
  const title = by === null ? `Why: ${events}, ${kept}` : 'Events before it';
  return [...heading(title, options), ...classLines(classes, options), ...evidenceLines(evidence, options)];
}

/** A table for each kind of event, and the log lines. */
export function evidenceLines(evidence: readonly Evidence[], options: TextOptions): string[] {
  const kinds = [...new Set(evidence.map(({ kind }) => kind))];
  const tables = kinds.map((kind) => evidence.filter((event) => event.kind === kind));
  return [...tables.flatMap((events) => kindTable(events, options)), ...logLines(evidence, options)];
}

/** The most frequent class first. */
function classLines(classes: ShownBlock['classes'], { columns }: TextOptions): string[] {
  const counts = Object.entries(classes).sort(([, a], [, b]) => b - a);
  const text = counts.map(([name, count]) => `${count} ${visible(name)}`).join(', ');
  return text === '' ? [] : wrapped(text, columns, '  ');
}

/** @param events of one kind */
function kindTable(events: readonly Evidence[], { columns }: TextOptions): string[] {
  const kind = events[0]?.kind ?? '';
  const abuse = ((Object.hasOwn(ABUSE, kind) ? ABUSE[kind] : undefined) ?? []).map(
    ([title, textOf]): Column => ({ title, cells: events.map(textOf), minWidth: MIN_WIDTH }),
  );
  const isKnown = abuse.some(({ cells }) => cells.some((cell) => cell !== ''));
  const shown = isKnown
    ? abuse
    : [{ title: 'WHAT', cells: events.map(() => visible(kind)), minWidth: MIN_WIDTH }];
  const times = { title: 'TIME (UTC)', cells: events.map(({ at }) => rowTime(at)) };
  return tableLines([times, ...shown], columns, '  ');
}

/** Equal lines, which differ in their times only, are one with their number. */
function logLines(evidence: readonly Evidence[], { columns }: TextOptions): string[] {
  const times = new Map<string, number>();
  for (const { line } of evidence) if (line !== '') times.set(line, (times.get(line) ?? 0) + 1);
  const lines = [...times].map(([line, count]) =>
    cut(`  ${count === 1 ? '' : `${count} times: `}${visible(line)}`, columns),
  );
  return lines.length === 0 ? [] : ['  In the log:', ...lines];
}

function refusedLines(block: ShownBlock, options: TextOptions): string[] {
  const { refused, firstRefused, lastRefused, mails } = block;
  const parts = [`Refused mail: ${refused === 0 ? 'none' : refused}`];
  if (firstRefused !== null) parts.push(`first ${utcText(firstRefused)}`);
  if (lastRefused !== null) parts.push(`last ${momentText(lastRefused, options)}`);
  if (mails.length > 0 && mails.length < refused) parts.push(`the newest ${mails.length}`);
  return [...heading(parts.join(', '), options), ...mailTable(mails, options)];
}

function mailTable(mails: readonly RefusedMail[], { columns }: TextOptions): string[] {
  const column = (title: string, textOf: (mail: RefusedMail) => string): Column => ({
    title,
    cells: mails.map(textOf),
    minWidth: MIN_WIDTH,
  });
  return tableLines(
    [
      { title: 'TIME (UTC)', cells: mails.map(({ at }) => rowTime(at)) },
      column('SENDER', senderText),
      column('RECIPIENT', ({ recipient }) => addressText(recipient)),
      column('HELO', ({ helo }) => visible(helo ?? '')),
      column('USER', ({ user }) => visible(user ?? '')),
    ],
    columns,
    '  ',
  );
}

/** A connection that was refused at CONNECT has neither sender nor recipient. */
function senderText({ stage, sender, recipient }: RefusedMail): string {
  if (sender !== undefined || recipient !== undefined) return addressText(sender);
  return stage === 'CONNECT' ? '(connection)' : `(${visible(stage)})`;
}

/** RFC 5321 4.5.5: the sender of a bounce is empty, and written so. */
function addressText(address: string | undefined): string {
  return address === '' ? '<>' : visible(address ?? '');
}

/** The server's reply without the address, which has its own column, and without Postfix's words for its kind. */
function answerText(reply: string | undefined): string {
  return visible(reply ?? '').replace(
    /^(\d{3} (?:\d\.\d{1,3}\.\d{1,3} )?)<[^>]*>: (?:(?:Recipient|Sender) address rejected: )?/,
    '$1',
  );
}

/** `2026-11-23 23:09 UTC (19h 2m ago)` */
function momentText(iso: string, { now }: TextOptions): string {
  return `${utcText(iso)} ${unbroken(`(${timeSince(iso, now)} ago)`)}`;
}
