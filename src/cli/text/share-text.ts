// The figures of a share: which part of what a client did was abuse, and from which part on the rule blocks.

import { counted, grouped } from '../../terminal/number-text.ts';

/** Abuse, what the client did well of the same sort, and the share of the rule (0 to 1). */
export interface ShareFigures {
  readonly bad: number;
  readonly good: number;
  readonly share: number;
}

/** What is counted of each sort. */
const NOUNS: Readonly<Record<string, string>> = {
  recipients: 'recipient',
  messages: 'message',
  connections: 'connection',
  logins: 'user',
};

/** `2 %`, `9.9 %`, `<0.1 %`: rounded down, so that a part below the share never looks like it. @param part 0 to 1 */
export function percentText(part: number): string {
  const tenths = Math.floor(part * 1000 + 1e-6);
  return part > 0 && tenths === 0 ? '<0.1 %' : `${tenths / 10} %`;
}

export function partOf({ bad, good }: Omit<ShareFigures, 'share'>): number {
  return bad === 0 ? 0 : bad / (bad + good);
}

/** `2 % of 3,550 recipients, share 10 %` @param sort of which the share is a part, null where it is not known */
export function shareText(figures: ShareFigures, sort: string | null): string {
  const { bad, good, share } = figures;
  const noun = sort !== null && Object.hasOwn(NOUNS, sort) ? NOUNS[sort] : undefined;
  const all = noun === undefined ? grouped(bad + good) : counted(bad + good, noun);
  const needed = `share ${percentText(share)}`;
  return bad + good === 0 ? needed : `${percentText(partOf(figures))} of ${all}, ${needed}`;
}
