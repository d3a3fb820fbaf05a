// An explanation for a terminal: the line, its result, and how it is read.

import { cut, painted, type Style, type TextOptions, unbroken, visible, wrapped } from '../terminal/text.ts';
import { durationText } from '../values/duration.ts';
import type {
  ExplainedClient,
  ExplainedEvent,
  ExplainedGood,
  ExplainedRecord,
  ExplainedShare,
  Explanation,
  Result,
} from './explanation.ts';

export const RESULT_WORDS: Readonly<Record<Result, string>> = {
  counted: 'COUNTED',
  later: 'LATER',
  good: 'GOOD',
  'not-counted': 'NOT COUNTED',
  nothing: 'NOTHING TO COUNT',
  unread: 'NOT READ',
};

const STYLES: Readonly<Partial<Record<Result, Style>>> = {
  counted: 'green',
  later: 'green',
  good: 'green',
  'not-counted': 'yellow',
  unread: 'red',
};

/** Lines of the terminal for a line of the log at most. */
const MAX_ROWS = 4;
const INDENT = '    ';
const LABEL = 9;

/** The text, with an empty line at its end. */
export function explanationText(explanation: Explanation, options: TextOptions): string {
  const { record, says, client, events, good, expected } = explanation;
  const rows = [
    ...(says === null ? [] : [['fact', visible(says)] as const]),
    ...events.flatMap((event) => eventRows(event)),
    ...good.flatMap(goodRows),
    ...(expected === null ? [] : eventRows(expected, ', when the session ends')),
    ...(client === null ? [] : clientRows(client)),
    ...(record === null ? [] : [['record', recordWords(record)] as const]),
  ];
  const lines = [
    ...lineRows(explanation, options),
    ...resultLines(explanation, options),
    ...rows.flatMap(([label, words]) => row(label, words, options)),
    '',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function lineRows({ source, line, text }: Explanation, { columns }: TextOptions): string[] {
  const position = `${source === '-' ? '' : `${visible(source)}:`}${line}: `;
  return wrapped(`${position}${cut(visible(text), columns * MAX_ROWS)}`, columns, '', INDENT);
}

function resultLines({ result, why, reason, says }: Explanation, options: TextOptions): string[] {
  const style = STYLES[result];
  // Where nothing is to be counted, the fact is reason enough.
  const words = reason === null || (why === 'no-event' && says !== null) ? '' : `: ${reason}`;
  const lines = wrapped(`${RESULT_WORDS[result]}${words}`, options.columns, INDENT, INDENT);
  return style === undefined ? lines : painted(lines, style, options);
}

function row(label: string, words: string, { columns }: TextOptions): string[] {
  const start = `${INDENT}${label.padEnd(LABEL)}`;
  return wrapped(words, columns, start, ' '.repeat(start.length));
}

type Row = readonly [label: string, words: string];

function eventRows({ kind, class: of, count, ending, rules }: ExplainedEvent, when = ''): Row[] {
  const times = count === 1 ? '' : `${count} times `;
  return [
    ['event', `${times}${kind}${of === null ? '' : `, ${of}`}${when}`],
    ...(ending === null ? [] : [['because', visible(ending)] as const]),
    ...rules.map(({ rule, limit, within, enforced }): Row => {
      const watched = enforced ? '' : ' (watched)';
      return [
        'rule',
        `${visible(rule)}: ${unbroken(`${limit} in ${durationText(within * 1000)}`)}${watched}`,
      ];
    }),
  ];
}

function goodRows(good: ExplainedGood): Row[] {
  return [['good', goodWords(good)], ...good.rules.map((share): Row => ['rule', shareWords(share)])];
}

function goodWords({ kind, recipients, isUserKnown }: ExplainedGood): string {
  if (kind === 'accepted-message')
    return `accepted message, ${recipients} recipient${recipients === 1 ? '' : 's'}`;
  if (kind === 'login') return isUserKnown ? 'login' : 'login of a user that Postfix did not log';
  return 'connection that ended in order';
}

function shareWords({ rule, share, forgives, enforced }: ExplainedShare): string {
  const words = [
    ...(share === null ? [] : [`share ${Math.round(share * 1000) / 10}%`]),
    ...(forgives ? ['takes back failures of this user'] : []),
  ];
  return `${visible(rule)}: ${words.join(', ')}${enforced ? '' : ' (watched)'}`;
}

function clientRows({ address, name, key, allowed, isNamed }: ExplainedClient): Row[] {
  const words = [
    name === null ? visible(address) : `${visible(name)}[${visible(address)}]`,
    ...(key === null || key === address ? [] : [`counted as ${key}`]),
    ...(isNamed ? [] : ['named by an earlier line']),
  ];
  return [['client', words.join(', ')], ...(allowed === null ? [] : [['allow', visible(allowed)] as const])];
}

function recordWords({ at, program, process, repeat }: ExplainedRecord): string {
  const times = repeat === 1 ? '' : `, ${repeat} times`;
  return `${secondText(at)}, ${program}, ${visible(process)}${times}`;
}

/** `2026-11-23 23:09:21 UTC` */
function secondText(iso: string): string {
  return unbroken(`${iso.slice(0, 19).replace('T', ' ')} UTC`);
}
