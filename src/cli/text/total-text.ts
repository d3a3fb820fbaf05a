// How many there are of what a list shows.

import { grouped } from '../../terminal/number-text.ts';

/** `1 block`, `5,312 blocks`, or `the first 200 of 5,312 blocks (--limit N shows more)` @param noun what, and several */
export function totalText(shown: number, total: number, [one, several]: readonly [string, string]): string {
  const all = `${grouped(total)} ${total === 1 ? one : several}`;
  return shown === total ? all : `the first ${grouped(shown)} of ${all} (--limit N shows more)`;
}
