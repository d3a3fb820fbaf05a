// The text of spared clients: the table of `list --spared`, and why `show` finds a client not blocked.

import { partOf } from '../../blocks/good/share.ts';
import type { ListedSpared, ShowAnswer, SparedAnswer } from '../../desk/answers.ts';
import { flooredPercent, grouped } from '../../terminal/number-text.ts';
import { tableLines } from '../../terminal/table.ts';
import { heading, painted, type TextOptions, visible, wrapped } from '../../terminal/text.ts';
import { pastText } from '../../terminal/time-text.ts';
import { durationText } from '../../values/duration.ts';
import { type OriginOptions, originLines } from './origin-text.ts';
import { shareSentence, wrappableShare } from './share-text.ts';
import { totalText } from './total-text.ts';

const BREAKER = 'breaker: the client was in good standing, and the breaker was open';
const WATCHED = 'watched: the rule has enforce: false, and would not block the client';

/** The clients in the order of the answer. */
export function sparedListText(answer: SparedAnswer, options: OriginOptions): string {
  const lines = [...originLines(answer, options), ...listLines(answer, options)];
  return lines.map((line) => `${line}\n`).join('');
}

/** Why a client is spared, for the first line of `show`. */
export function sparedFor(spared: ListedSpared): string {
  return spared.reason === 'breaker' ? 'the breaker was open' : wrappableShare(spared, null);
}

/** For each rule that spares the client, since when and why. */
export function sparedLines({ spared = [], counts }: ShowAnswer, options: TextOptions): string[] {
  return spared.flatMap((one) => {
    const { rule: name, enforced, since, last, reason } = one;
    const sort = counts.find(({ rule }) => rule === name)?.sort ?? null;
    const title = `Spared by ${visible(name)}${enforced ? '' : ', which only watches'}, since ${pastText(since, options)}`;
    const why =
      reason === 'breaker'
        ? 'the client was in good standing, and the breaker was open'
        : shareSentence(one, sort);
    const text = `the limit was reached, last at ${pastText(last, options)}, but ${why}`;
    return [...heading(title, options), ...wrapped(text, options.columns, '  ', '  ')];
  });
}

function listLines({ spared, total = spared.length }: SparedAnswer, options: TextOptions): string[] {
  if (spared.length === 0) return ['no spared clients'];
  const { now, columns } = options;
  const cells = (textOf: (one: ListedSpared) => string) => spared.map(textOf);
  const [titles = '', ...rows] = tableLines(
    [
      { title: 'IP', cells: cells(({ ip }) => visible(ip)) },
      { title: 'RULE', cells: cells(({ rule }) => visible(rule)), minWidth: 6 },
      { title: 'AGE', cells: cells(({ since }) => ageText(since, now)) },
      { title: 'ABUSE', cells: cells(({ bad }) => grouped(bad)), isNumber: true },
      { title: 'OF', cells: cells(({ bad, good }) => grouped(bad + good)), isNumber: true },
      { title: 'PART', cells: cells((one) => flooredPercent(partOf(one))), isNumber: true },
      { title: 'SHARE', cells: cells(({ share }) => flooredPercent(share)), isNumber: true },
      { title: 'WHY', cells: cells(whyText) },
    ],
    columns,
  );
  return [
    ...painted([titles], 'bold', options),
    ...rows,
    ...(spared.some(({ reason }) => reason === 'breaker') ? wrapped(BREAKER, columns) : []),
    ...(spared.some(({ enforced }) => !enforced) ? wrapped(WATCHED, columns) : []),
    ...wrapped(totalText(spared.length, total, ['spared client', 'spared clients']), columns),
  ];
}

/** The largest unit is enough, and leaves room for an IPv6 network. */
function ageText(since: string, now: number): string {
  return durationText(now - Date.parse(since)).split(' ')[0] ?? '';
}

/** Empty for most: the column is shown only where some are not spared by their share. */
function whyText({ reason, enforced }: ListedSpared): string {
  if (reason === 'breaker') return enforced ? 'breaker' : 'breaker, watched';
  return enforced ? '' : 'watched';
}
