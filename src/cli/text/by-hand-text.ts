// The text of `list --graces` and `list --allowed`: what was made by hand, a line for each.

import type { ListedByHand } from '../../desk/answers.ts';
import type { Origin } from '../../health/status.ts';
import { tableLines } from '../../terminal/table.ts';
import { painted, type TextOptions, visible, wrapped } from '../../terminal/text.ts';
import { isOver, timeTo } from '../../terminal/time-text.ts';
import { durationText } from '../../values/duration.ts';
import { type OriginOptions, originLines } from './origin-text.ts';
import { totalText } from './total-text.ts';

export interface ByHand extends Origin {
  readonly listed: readonly ListedByHand[];
  readonly total: number;
}

const NOUNS = {
  grace: ['grace', 'graces'],
  'allow entry': ['temporary allow entry', 'temporary allow entries'],
} as const;
/** A reason is wrapped, and takes no more lines. */
const REASON = { minWidth: 12, maxLines: 6 } as const;

export function byHandText(what: keyof typeof NOUNS, answer: ByHand, options: OriginOptions): string {
  const { listed, total } = answer;
  const lines = [
    ...originLines(answer, options),
    ...(listed.length === 0
      ? [`no ${NOUNS[what][1]}`]
      : [
          ...rowLines(listed, options),
          ...wrapped(totalText(listed.length, total, NOUNS[what]), options.columns),
        ]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function rowLines(listed: readonly ListedByHand[], options: TextOptions): string[] {
  const { now, columns } = options;
  const cells = (textOf: (one: ListedByHand) => string) => listed.map(textOf);
  const [titles = '', ...rows] = tableLines(
    [
      { title: 'IP', cells: cells(({ ip }) => visible(ip)) },
      { title: 'AGE', cells: cells(({ since }) => durationText(now - Date.parse(since))) },
      { title: 'ENDS IN', cells: cells(({ until }) => (isOver(until, now) ? 'over' : timeTo(until, now))) },
      { title: 'BY', cells: cells(({ by }) => visible(by ?? '')), minWidth: 6 },
      { title: 'REASON', cells: cells(({ reason }) => visible(reason ?? '')), ...REASON },
    ],
    columns,
  );
  return [...painted([titles], 'bold', options), ...rows];
}
