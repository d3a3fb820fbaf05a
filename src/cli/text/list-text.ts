// The text of `list`, a line for each block.

import type { ListAnswer, ListedBlock } from '../../desk/answers.ts';
import { tableLines } from '../../terminal/table.ts';
import { painted, type TextOptions, visible, wrapped } from '../../terminal/text.ts';
import { isOver, timeTo } from '../../terminal/time-text.ts';
import { durationText } from '../../values/duration.ts';
import { type OriginOptions, originLines } from './origin-text.ts';

const WATCHED = 'watched: the rule has enforce: false, so Postfix does not refuse the client';

/** The blocks in the order of the answer. */
export function listText(answer: ListAnswer, options: OriginOptions): string {
  const lines = [...originLines(answer, options), ...blockLines(answer.blocks, options)];
  return lines.map((line) => `${line}\n`).join('');
}

function blockLines(blocks: readonly ListedBlock[], options: TextOptions): string[] {
  if (blocks.length === 0) return ['no blocks'];
  const { now, columns } = options;
  const [titles = '', ...rows] = tableLines(
    [
      { title: 'IP', cells: blocks.map(({ ip }) => visible(ip)) },
      { title: 'RULE', cells: blocks.map(({ rule }) => visible(rule)), minWidth: 6 },
      { title: 'AGE', cells: blocks.map(({ since }) => durationText(now - Date.parse(since))) },
      { title: 'ENDS IN', cells: blocks.map(({ until }) => restText(until, now)) },
      { title: 'REFUSED', cells: blocks.map(refusedText), isNumber: true },
      { title: 'LAST', cells: blocks.map(({ lastRefused }) => lastText(lastRefused, now)) },
    ],
    columns,
  );
  return [
    ...painted([titles], 'bold', options),
    ...rows.flatMap((row, i) => (blocks[i]?.enforced ? [row] : painted([row], 'yellow', options))),
    ...(blocks.some(({ enforced }) => !enforced) ? wrapped(WATCHED, columns) : []),
  ];
}

/** A watched block refuses nothing, so the word takes the place of the number. */
function refusedText({ enforced, refused }: ListedBlock): string {
  return enforced ? String(refused) : 'watched';
}

function restText(until: string, now: number): string {
  return isOver(until, now) ? 'over' : timeTo(until, now).replaceAll('\u00a0', ' ');
}

/** The largest unit is enough to see whether the client still tries, and leaves room for an IPv6 network. */
function lastText(lastRefused: string | null, now: number): string {
  return lastRefused === null ? '-' : (durationText(now - Date.parse(lastRefused)).split(' ')[0] ?? '');
}
