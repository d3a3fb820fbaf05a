// What another host that shares has seen of a client: what it answers, and how its answer is checked.

import { isoTime } from '../values/iso-time.ts';
import { isNatural, isObject } from '../values/json.ts';
import type { Evidence, RefusedMail, SeenByHost, ShowAnswer } from './answers.ts';

/** Events and mails of each host: the newest. */
const MAX_NOTES = 10;
/** Characters of a text: those of a log line are bounded. */
const MAX_TEXT = 4096;
const MAX_RULES = 100;

/** The texts that a note may have beside `at`. */
const TEXTS = [
  'kind',
  'class',
  'stage',
  'sender',
  'recipient',
  'helo',
  'reply',
  'user',
  'mechanism',
  'ending',
  'line',
] as const;

/** What this host answers. */
export function seenHere({
  block,
  counts,
  evidence,
}: Pick<ShowAnswer, 'block' | 'counts' | 'evidence'>): Omit<SeenByHost, 'host'> {
  return {
    counts: counts.filter(({ count }) => count > 0).map(({ rule, count }) => ({ rule, count })),
    refused: block?.refused ?? 0,
    evidence: (block?.evidence ?? evidence).slice(-MAX_NOTES),
    mails: (block?.mails ?? []).slice(-MAX_NOTES),
  };
}

/** What another host answers; undefined for what no host answers. It came over the server that hosts share. */
export function seenBy(host: string, answer: unknown): SeenByHost | undefined {
  if (!isObject(answer)) return undefined;
  const { counts, refused, evidence, mails } = answer;
  if (!Array.isArray(counts) || !isNatural(refused)) return undefined;
  return {
    host,
    counts: counts.slice(0, MAX_RULES).flatMap((count) => countIn(count) ?? []),
    refused,
    evidence: notesIn(evidence).flatMap(({ kind, line = '', ...note }) =>
      kind === undefined ? [] : [{ ...note, kind, line } as Evidence],
    ),
    mails: notesIn(mails).map(({ stage = '', ...note }) => ({ ...note, stage }) as RefusedMail),
  };
}

function countIn(value: unknown): SeenByHost['counts'][number] | undefined {
  if (!isObject(value)) return undefined;
  const { rule, count } = value;
  return typeof rule === 'string' && rule.length <= MAX_TEXT && isNatural(count)
    ? { rule, count }
    : undefined;
}

type Note = { readonly at: string } & { readonly [Name in (typeof TEXTS)[number]]?: string };

function notesIn(value: unknown): readonly Note[] {
  if (!Array.isArray(value)) return [];
  return value.slice(-MAX_NOTES).flatMap((one) => {
    if (!isObject(one) || typeof one.at !== 'string' || Number.isNaN(isoTime(one.at))) return [];
    const texts = TEXTS.flatMap((name) => {
      const text = one[name];
      return typeof text === 'string' ? [[name, text.slice(0, MAX_TEXT)]] : [];
    });
    return [{ at: one.at, ...Object.fromEntries(texts) }];
  });
}
