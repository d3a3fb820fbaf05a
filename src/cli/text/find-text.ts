// The text of `find`, and of `show` for a network: each client with what it is now, and its newest match.

import type {
  FindAnswer,
  FoundByHost,
  FoundClient,
  FoundField,
  FoundPlace,
  LeftOut,
} from '../../desk/find/answer.ts';
import { counted, grouped } from '../../terminal/number-text.ts';
import {
  heading,
  painted,
  type Style,
  type TextOptions,
  unbroken,
  visible,
  wrapped,
} from '../../terminal/text.ts';
import { endsIn, pastText } from '../../terminal/time-text.ts';
import { type OriginOptions, originLines } from './origin-text.ts';

const PLACES: Readonly<Record<FoundPlace, string>> = {
  block: 'block',
  'watched-block': 'watched block',
  spared: 'limit reached',
  grace: 'grace',
  'allow-entry': 'allow entry',
  evidence: 'evidence',
  'refused-mail': 'refused mail',
  'audit-trail': 'audit trail',
};

const FIELDS: Readonly<Record<FoundField, string>> = {
  ip: '',
  name: 'client name',
  user: 'SASL user',
  sender: 'sender',
  recipient: 'recipient',
  helo: 'HELO name',
  reason: 'reason',
  by: 'done by',
};

const STYLES: Readonly<Record<FoundClient['state'], Style>> = {
  blocked: 'red',
  allowed: 'green',
  grace: 'yellow',
  spared: 'yellow',
  watched: 'yellow',
  none: 'green',
};

/** The clients in the order of the answer. */
export function findText(answer: FindAnswer, options: OriginOptions): string {
  const { found, isMore, leftOut } = answer;
  const lines = [
    ...originLines(answer, options),
    ...(found.length === 0 ? wrapped(nothingText(answer), options.columns) : []),
    ...found.flatMap((client) => clientLines(client, options)),
    ...(isMore ? noteLines(moreText(found.length), options) : []),
    ...leftOut.flatMap((rest) => noteLines(leftOutText(rest), options)),
    ...elsewhereLines(answer, options),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function nothingText({ sought, isNetwork }: FindAnswer): string {
  const text = visible(sought);
  return isNetwork ? `nothing is known of ${text}` : `nothing that postblock keeps contains "${text}"`;
}

/** What other hosts have found; empty where hosts share nothing. */
function elsewhereLines({ elsewhere }: FindAnswer, options: TextOptions): string[] {
  if (elsewhere === undefined) return [];
  const title = heading('On other hosts', options);
  if (elsewhere === null) return [...title, '  the shared server does not answer'];
  const { hosts, missing } = elsewhere;
  const silent = `not answered: ${missing.map(visible).join(', ')}`;
  return [
    ...title,
    ...(hosts.length === 0
      ? ['  nothing was found there']
      : hosts.flatMap((host) => hostLines(host, options))),
    ...(missing.length === 0 ? [] : wrapped(silent, options.columns, '  ')),
  ];
}

function hostLines({ host, found, isMore, isComplete }: FoundByHost, options: TextOptions): string[] {
  const notes = [
    ...(isMore ? ['there are more IPs: search there'] : []),
    ...(isComplete ? [] : ['not all clients were searched in time: search there']),
  ];
  return [
    ...wrapped(visible(host), options.columns, '  '),
    ...found.flatMap((client) => clientLines(client, options, '    ')),
    ...notes.flatMap((text) => painted(wrapped(text, options.columns, '    ', '      '), 'yellow', options)),
  ];
}

function clientLines(client: FoundClient, options: TextOptions, indent = ''): string[] {
  const { ip, state, newest, matches } = client;
  const title = `${visible(ip)} is ${stateText(client, options)}`;
  const head = wrapped(title, options.columns, indent, `${indent}    `);
  const { at, place, event, field, text } = newest;
  const where = `${PLACES[place] ?? visible(place)}${event === null ? '' : ` (${visible(event)})`}`;
  const what = field === 'ip' ? where : `${where}, ${FIELDS[field] ?? visible(field)}: ${visible(text)}`;
  const more = matches === 1 ? '' : ` ${unbroken(`(the newest of ${grouped(matches)} matches)`)}`;
  return [
    ...painted(head, STYLES[state] ?? 'yellow', options),
    ...wrapped(`${pastText(at, options)}: ${what}${more}`, options.columns, `${indent}  `, `${indent}    `),
  ];
}

/** The state of a client, as the first line of `show` has it. */
function stateText({ state, rule, until }: FoundClient, options: TextOptions): string {
  const end = until === null ? '' : `, ${endsIn(until, options)}`;
  const by = rule === null ? '' : ` by ${visible(rule)}`;
  if (state === 'allowed') return until === null ? 'allowed by the policy' : `allowed by hand${end}`;
  if (state === 'blocked') return `blocked${by}${end}`;
  if (state === 'grace') return `not blocked, in grace${end}`;
  if (state === 'none') return 'not blocked';
  return state === 'spared' ? `not blocked, spared${by}` : `not blocked, only watched${by}${end}`;
}

function moreText(count: number): string {
  return `only the newest ${counted(count, 'IP')}: --limit N of find prints up to N`;
}

function leftOutText({ what, why }: LeftOut): string {
  if (what === 'clients') return 'not all clients were searched: a search takes 2 s at most';
  if (why === 'time') return 'the audit trail was not searched to its end: a search takes 2 s at most';
  if (why === 'size') return 'of the audit trail, only the newest 64 MiB were searched';
  if (why === 'compression')
    return 'files of the audit trail that another program than gzip compressed were not searched';
  return 'the audit trail could not be read';
}

function noteLines(text: string, options: TextOptions): string[] {
  return painted(wrapped(text, options.columns), 'yellow', options);
}
