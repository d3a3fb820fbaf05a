// The text of `list`: a line for each block, and the totals.

import type { ListAnswer, ListedBlock } from '../../desk/answers.ts';
import { counted, grouped } from '../../terminal/number-text.ts';
import { tableLines } from '../../terminal/table.ts';
import { painted, type TextOptions, visible, wrapped } from '../../terminal/text.ts';
import { isOver, timeTo } from '../../terminal/time-text.ts';
import { durationText } from '../../values/duration.ts';
import { type OriginOptions, originLines } from './origin-text.ts';
import { totalText } from './total-text.ts';

/** From this width on there is room for the name of the client, and for who blocked it. */
const WIDE = 100;
/** Rules that the totals name. */
const MAX_RULES = 8;
const WATCHED = 'watched: the rule has enforce: false, so Postfix does not refuse the client';

/** The blocks in the order of the answer. */
export function listText(answer: ListAnswer, options: OriginOptions): string {
  const { blocks } = answer;
  const lines = [
    ...originLines(answer, options),
    ...blockLines(blocks, options),
    ...(blocks.length === 0 ? [] : totalLines(answer, options)),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function blockLines(blocks: readonly ListedBlock[], options: TextOptions): string[] {
  if (blocks.length === 0) return ['no blocks'];
  const { now, columns } = options;
  const isWide = columns >= WIDE;
  const wide = (cellOf: (block: ListedBlock) => string | null) =>
    blocks.map((block) => (isWide ? visible(cellOf(block) ?? '') : ''));
  const [titles = '', ...rows] = tableLines(
    [
      { title: 'IP', cells: blocks.map(({ ip }) => visible(ip)) },
      // An answer of an earlier release has no names.
      { title: 'NAME', cells: wide(({ name = null }) => name), minWidth: 10 },
      { title: 'RULE', cells: blocks.map(({ rule }) => visible(rule)), minWidth: 6 },
      { title: 'AGE', cells: blocks.map(({ since }) => durationText(now - Date.parse(since))) },
      { title: 'ENDS IN', cells: blocks.map(({ until }) => restText(until, now)) },
      { title: 'REFUSED', cells: blocks.map(refusedText), isNumber: true },
      {
        title: isWide ? 'LAST REFUSED' : 'LAST',
        cells: blocks.map(({ lastRefused }) => lastText(lastRefused, now)),
      },
      { title: 'BY', cells: wide(({ by }) => by), minWidth: 6 },
    ],
    columns,
  );
  return [
    ...painted([titles], 'bold', options),
    ...rows.flatMap((row, i) => (blocks[i]?.enforced ? [row] : painted([row], 'yellow', options))),
    ...(blocks.some(({ enforced }) => !enforced) ? wrapped(WATCHED, columns) : []),
  ];
}

/** `3 blocks: 2 by auth-failures, 1 by connection-spam; 1,203 mails refused` */
function totalLines({ blocks, total = blocks.length }: ListAnswer, { columns }: TextOptions): string[] {
  const counts = new Map<string, number>();
  for (const { rule } of blocks) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  const rules = [...counts].sort(([, a], [, b]) => b - a);
  const named = rules.slice(0, MAX_RULES).map(([rule, count]) => `${grouped(count)} by ${visible(rule)}`);
  const others = rules.length > MAX_RULES ? [`others by ${rules.length - MAX_RULES} more rules`] : [];
  const refused = blocks.reduce((sum, block) => sum + block.refused, 0);
  const mails = blocks.some(({ enforced }) => enforced) ? `; ${counted(refused, 'mail')} refused` : '';
  const start = totalText(blocks.length, total, ['block', 'blocks']);
  return wrapped(`${start}: ${[...named, ...others].join(', ')}${mails}`, columns);
}

/** A watched block refuses nothing, so the word takes the place of the number. */
function refusedText({ enforced, refused }: ListedBlock): string {
  return enforced ? String(refused) : 'watched';
}

function restText(until: string, now: number): string {
  return isOver(until, now) ? 'over' : timeTo(until, now);
}

/** The largest unit is enough to see whether the client still tries, and leaves room for an IPv6 network. */
function lastText(lastRefused: string | null, now: number): string {
  return lastRefused === null ? '-' : (durationText(now - Date.parse(lastRefused)).split(' ')[0] ?? '');
}
