// The text of `show`: what support needs with the customer on the phone, the answer in the first line.

import type { ShowAnswer, ShownAllow, ShownBlock, ShownCount } from '../../desk/answers.ts';
import { counted } from '../../terminal/number-text.ts';
import { tableLines } from '../../terminal/table.ts';
import {
  heading,
  painted,
  type Style,
  type TextOptions,
  unbroken,
  visible,
  wrapped,
} from '../../terminal/text.ts';
import { endsIn, isOver, momentText, pastText } from '../../terminal/time-text.ts';
import { durationText } from '../../values/duration.ts';
import { blockLines } from './block-text.ts';
import { elsewhereLines } from './elsewhere-text.ts';
import { evidenceLines } from './evidence-text.ts';
import { historyLines } from './history-text.ts';
import { type OriginOptions, originLines } from './origin-text.ts';
import { shareText } from './share-text.ts';
import { sparedFor, sparedLines } from './spared-text.ts';

/** What the keywords of the allow list stand for. */
const KEYWORDS: Readonly<Record<string, string>> = {
  loopback: 'this host itself',
  private: 'private addresses, which the Internet does not use',
  own: 'the addresses of this host',
  mynetworks: "Postfix's mynetworks",
};

/** The lines of the answer, each with its line end. */
export function showText(answer: ShowAnswer, options: OriginOptions): string {
  const { block, watching } = answer;
  const lines = [
    ...originLines(answer, options),
    ...headline(answer, options),
    ...(block === null ? [] : blockLines(block, options)),
    ...watching.flatMap((watch) => watchLines(watch, options)),
    ...sparedLines(answer, options),
    ...newestLines(answer, options),
    ...heading('Counts now', options),
    ...countLines(answer, options),
    ...answer.counts.flatMap((count) => repeatLines(count, options)),
    ...[block, ...watching].flatMap((shown) => (shown === null ? [] : kindLines(shown, options))),
    ...standingLines(answer, options),
    ...heading('Allow list', options),
    ...allowLines(answer.allowed, options),
    ...elsewhereLines(answer, options),
    ...heading('History', options),
    ...historyLines(answer, options),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function headline(answer: ShowAnswer, options: TextOptions): string[] {
  const { ip, key, block } = answer;
  // An answer of an earlier release has neither name nor lastAbuse.
  const name = block?.name ?? null;
  const more = [
    ...(ip === key ? [] : [unbroken(`counted as ${visible(key)}`)]),
    ...(name === null ? [] : [visible(name)]),
  ];
  const client = `${visible(ip)}${more.length === 0 ? '' : ` (${more.join(', ')})`}`;
  const [style, text] = state(answer, options);
  return [
    ...painted(wrapped(`${client} is ${text}`, options.columns), style, options),
    ...timeLines(answer, options),
  ];
}

/** When the block began, and how recent the newest abuse is: a client that goes on is blocked again. */
function timeLines({ block, lastAbuse = null }: ShowAnswer, options: TextOptions): string[] {
  const parts = [
    ...(block === null ? [] : [`since ${pastText(block.since, options)}`]),
    ...(lastAbuse === null ? [] : [`newest abuse ${pastText(lastAbuse, options)}`]),
  ];
  return parts.length === 0 ? [] : wrapped(parts.join(', '), options.columns, '  ');
}

/** The state of the client now. The allow list wins over a block, a block over grace. */
function state(
  { block, watching, graceUntil, allowed, spared = [] }: ShowAnswer,
  options: TextOptions,
): [Style, string] {
  const { now } = options;
  const rule = visible(block?.rule ?? '');
  if (allowed !== null) {
    const though = block === null ? '' : `, so its block by ${rule} has no effect`;
    return ['green', `allowed by ${visible(allowed.entry)}${though}`];
  }
  if (block !== null && !isOver(block.until, now))
    return ['red', `blocked by ${rule}, ${endsIn(block.until, options)}`];
  if (block !== null)
    return ['green', `not blocked: its block by ${rule} ended at ${momentText(block.until, options)}`];
  if (graceUntil !== null && !isOver(graceUntil, now))
    return ['yellow', `not blocked, in grace: counted only; ${endsIn(graceUntil, options)}`];
  const [first] = spared.filter(({ enforced }) => enforced);
  if (first !== undefined)
    return ['yellow', `not blocked, spared by ${visible(first.rule)}: ${sparedFor(first)}`];
  if (watching.length === 0) return ['green', 'not blocked'];
  return [
    'yellow',
    `not blocked, only watched by ${watching.map((watch) => visible(watch.rule)).join(', ')}`,
  ];
}

function watchLines(watch: ShownBlock, options: TextOptions): string[] {
  const text = `Watched by ${visible(watch.rule)}: Postfix does not refuse it; ${endsIn(watch.until, options)}`;
  return [...heading(text, options, 'yellow'), ...blockLines(watch, options)];
}

/** What a client did that is near a limit: a user who fails, or recipients that do not exist. */
function newestLines({ evidence = [] }: ShowAnswer, options: TextOptions): string[] {
  if (evidence.length === 0) return [];
  return [
    ...heading(`The newest ${counted(evidence.length, 'event')}`, options),
    ...evidenceLines(evidence, options),
  ];
}

/** The limit and the share of each rule: a block needs both. Where a line has no room for the share, it has its own. */
function countLines({ counts }: ShowAnswer, { columns }: TextOptions): string[] {
  if (counts.length === 0) return ['  no rules'];
  const text = ({ limit, within, enforced }: ShownCount) =>
    `of ${limit} in ${durationText(within * 1000)}${enforced ? '' : ', watched'}`;
  const numbers = counts.map(({ count }) => String(count));
  const width = Math.max(...numbers.map((number) => number.length));
  const rules = { title: '', cells: counts.map(({ rule }) => visible(rule)), minWidth: 6 };
  const limits = counts.map((count, i) => `${(numbers[i] ?? '').padStart(width)} ${text(count)}`);
  // An answer of an earlier release has no shares.
  const shares = counts.map((count) => ((count.share ?? 0) > 0 ? shareText(count, count.sort) : ''));
  const table = (cells: readonly string[], width: number) =>
    tableLines([rules, { title: '', cells }], width, '  ');
  const long = table(withShares(limits, shares), Number.POSITIVE_INFINITY);
  if (long.every((line) => line.length <= columns)) return long;
  return table(limits, columns).flatMap((line, i) => [
    line,
    ...(shares[i] === '' ? [] : wrapped(shares[i] ?? '', columns, '    ')),
  ]);
}

/** Former blocks lengthen the next one where the rule has `repeat`. */
function repeatLines({ rule, former = 0, blockFor }: ShownCount, { columns }: TextOptions): string[] {
  if (former === 0) return [];
  const text = `after ${counted(former, 'former block')}, the next block by ${visible(rule)} lasts ${durationText(blockFor * 1000)}`;
  return wrapped(text, columns, '  ');
}

function withShares(limits: readonly string[], shares: readonly string[]): string[] {
  const width = Math.max(...limits.map((limit) => limit.length));
  return limits.map((limit, i) => `${limit.padEnd(width)}  ${shares[i]}`.trimEnd());
}

/** Events of each kind when the block started: they may show a second problem that the rule does not name. */
function kindLines({ rule, counts }: ShownBlock, options: TextOptions): string[] {
  const kinds = Object.entries(counts).filter(([, count]) => count > 0);
  const body = tableLines(
    [
      { title: '', cells: kinds.map(([kind]) => visible(kind)), minWidth: 6 },
      { title: '', cells: kinds.map(([, count]) => String(count)), isNumber: true },
    ],
    options.columns,
    '  ',
  );
  return body.length === 0
    ? []
    : [...heading(`Counts when the block by ${visible(rule)} started`, options), ...body];
}

function standingLines({ lastGood = null }: ShowAnswer, options: TextOptions): string[] {
  if (lastGood === null) return [];
  const text = `its last accepted mail or login was at ${pastText(lastGood, options)}`;
  return [...heading('In good standing', options), ...wrapped(text, options.columns, '  ')];
}

function allowLines(allowed: ShownAllow | null, options: TextOptions): string[] {
  if (allowed === null) return ['  no entry covers it'];
  const { entry, until, by, reason } = allowed;
  const parts = [
    until === null ? `${visible(entry)}, permanent` : `${visible(entry)}, ${endsIn(until, options)}`,
  ];
  if (by !== null) parts.push(`by ${visible(by)}`);
  if (reason !== null) parts.push(visible(reason));
  if (Object.hasOwn(KEYWORDS, entry)) parts.push(KEYWORDS[entry] ?? '');
  return wrapped(parts.join(': '), options.columns, '  ');
}
