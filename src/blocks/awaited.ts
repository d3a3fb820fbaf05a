// A block that is known from the audit trail alone: the log, read again, has yet to give its details.

import type { Block } from './table/block.ts';

/** Events of its client still count then, for its details alone. */
export function isAwaited({ counts }: Pick<Block, 'counts'>): boolean {
  return counts === undefined;
}
