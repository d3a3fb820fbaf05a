// The figures of a share: which part of what a client did was abuse, and from which part on the rule blocks.

import { partOf } from '../../blocks/good/share.ts';
import { counted, flooredPercent, grouped } from '../../terminal/number-text.ts';
import { unbroken } from '../../terminal/text.ts';

/** Abuse, what the client did well of the same sort, and the share of the rule (0 to 1). */
export interface ShareFigures {
  readonly bad: number;
  readonly good: number;
  readonly share: number;
}

/** What is counted of each sort, and what is said of the abuse among it. */
const SORTS: Readonly<Record<string, readonly [noun: string, abuse: string]>> = {
  recipients: ['recipient', 'were rejected'],
  messages: ['message', 'were rejected'],
  connections: ['connection', 'were dropped'],
  logins: ['user', 'only failed to log in'],
};

/** `2 % of 3,550 recipients, share 10 %` @param sort of which the share is a part, null where it is not known */
export function shareText(figures: ShareFigures, sort: string | null): string {
  const { bad, good, share } = figures;
  const needed = `share ${flooredPercent(share)}`;
  return bad + good === 0
    ? needed
    : `${flooredPercent(partOf(figures))} of ${allText(figures, sort)}, ${needed}`;
}

/** The same for wrapped(), which keeps each number and its % on one line. */
export function wrappableShare(figures: ShareFigures, sort: string | null): string {
  return shareText(figures, sort).replaceAll(' %', unbroken(' %'));
}

/** `71 of its 3,550 recipients were rejected, 2 %; the rule blocks from 10 % on`, for wrapped() */
export function shareSentence(figures: ShareFigures, sort: string | null): string {
  const [, abuse] = wordsOf(sort) ?? ['', 'events were abuse'];
  const part = `${grouped(figures.bad)} of its ${allText(figures, sort)} ${abuse}, ${flooredPercent(partOf(figures))}`;
  return `${part}; the rule blocks from ${flooredPercent(figures.share)} on`.replaceAll(' %', unbroken(' %'));
}

function allText({ bad, good }: ShareFigures, sort: string | null): string {
  const [noun] = wordsOf(sort) ?? [];
  return noun === undefined ? grouped(bad + good) : counted(bad + good, noun);
}

function wordsOf(sort: string | null) {
  return sort !== null && Object.hasOwn(SORTS, sort) ? SORTS[sort] : undefined;
}
