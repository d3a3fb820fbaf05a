// Log lines broken in every way that chance finds: bytes, words and halves of lines that come, go and change places.

import type { Chance } from '../harness/scale.ts';
import { fill, HOSTILE, VICTIM } from './arbitraries.ts';
import { CORPUS, hasCorpus, readCorpus } from './corpus.ts';
import { line } from './log.ts';

export const CLIENT = '192.0.2.1';

/** One line of every kind, and the lines of other projects where they are at hand. */
export function seeds(): string[] {
  const own = HOSTILE.map(({ program, message }) =>
    line(
      fill(message, CLIENT, () => 'x'),
      program,
    ),
  );
  own.push(
    line('warning: service "smtp" (25) has reached its process limit "100": new clients may wait', 'master'),
  );
  const directory = process.env.POSTBLOCK_CORPUS ?? CORPUS;
  return [...own, ...(hasCorpus(directory) ? readCorpus(directory).map(({ text }) => text) : [])];
}

const SHREDS = [
  ` from unknown[${VICTIM}]`,
  `unknown[${VICTIM}]`,
  `[${VICTIM}]:25`,
  `client=unknown[${VICTIM}]`,
  `warning: unknown[${VICTIM}]: SASL LOGIN authentication failed: `,
  `NOQUEUE: reject: RCPT from unknown[${VICTIM}]: 550 5.1.1 x`,
  `disconnect from unknown[${VICTIM}]`,
  `too many errors after RCPT from unknown[${VICTIM}]`,
  `ABCDE12345: client=unknown[${VICTIM}]`,
  `ABCDE12345: milter-reject: END-OF-MESSAGE from unknown[${VICTIM}]: 5.7.1 x`,
  ' ',
  ': ',
  ']: ',
  '[',
  ']',
  '; ',
  '\0',
  '\r',
  '\x1b[2J',
  '\xff',
  '\u2028',
  '#012',
  '5.7.1 ',
  '554 5.7.1 <',
  '>: ',
  ' rejected: ',
  ' proto=',
  ' helo=<',
  'NOQUEUE: ',
  'ABCDE12345: ',
  'reject: ',
  '2026-11-23T10:00:00Z mx postfix/smtpd[101]: ',
];

type Mutation = (line: string, chance: Chance, others: readonly string[]) => string;

const put = (text: string, place: number, length: number, part: string) =>
  text.slice(0, place) + part + text.slice(place + length);

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  (text, chance) => put(text, chance.below(text.length + 1), 0, chance.pick(SHREDS)),
  (text, chance) => put(text, chance.below(text.length + 1), chance.below(20), chance.pick(SHREDS)),
  (text, chance) => put(text, chance.below(text.length + 1), chance.below(12), ''),
  (text, chance) => put(text, chance.below(text.length + 1), 1, String.fromCharCode(chance.below(256))),
  (text, chance) => text.slice(0, chance.below(text.length + 1)),
  (text, chance, others) => text.slice(0, chance.below(text.length + 1)) + from(chance.pick(others), chance),
  (text, chance) => put(text, chance.below(text.length + 1), 0, from(text, chance).slice(0, 60)),
  (text, chance) =>
    text.replace(
      CLIENT,
      chance.pick([
        VICTIM,
        'unknown',
        '',
        '::ffff:192.0.2.1',
        '192.0.2.1]:25',
        '999.0.2.1',
        `${CLIENT}]: x[${VICTIM}`,
      ]),
    ),
  (text, chance) =>
    put(text, chance.below(text.length + 1), 0, chance.pick(SHREDS).repeat(chance.below(300))),
];

function from(text: string, chance: Chance): string {
  return text.slice(chance.below(text.length + 1));
}

/** One of the lines, after one to four accidents. */
export function mutated(lines: readonly string[], chance: Chance): string {
  let text = chance.pick(lines);
  for (let left = 1 + chance.below(4); left > 0; left--) text = chance.pick(MUTATIONS)(text, chance, lines);
  return text.replaceAll('\n', ' ');
}
