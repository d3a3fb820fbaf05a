// What this host remembers of the blocks that hosts share, for a server that has lost it.

import type { Blocks } from '../blocks/blocks.ts';
import type { AuditedChange } from '../blocks/changes.ts';
import { changeOf } from '../state/audit.ts';
import type { State } from '../state/state.ts';
import { DAY } from '../values/duration.ts';

/** ms: what was over before needs no word any more, as no event from then is still to be counted */
const MEMORY = 2 * DAY;

export interface MemoryParts {
  readonly blocks: Pick<Blocks, 'table' | 'terms'>;
  readonly state: Pick<State, 'flush' | 'entriesAfter'>;
}

/**
 * The blocks of the table, and what the audit trail has of blocks that are over, lifts, graces, allow entries and the
 * breaker, by any host. What led to a block that is over must not lead to another one when it is counted again.
 */
export async function remembered(
  { blocks, state }: MemoryParts,
  now: number,
): Promise<readonly AuditedChange[]> {
  await state.flush();
  const changes = new Map<string, AuditedChange>();
  for (const { key: ip, block } of blocks.table.pinnedRecords()) {
    if (block === undefined || now >= block.until) continue;
    const { rule, since: at, until, count, classes, hand } = block;
    add(changes, { type: 'block', ip, rule, at, until, count, classes, enforced: true, hand });
  }
  for (const entry of await state.entriesAfter(0)) {
    const change = changeOf(entry);
    if (change === undefined) continue;
    const lasts = 'until' in change ? change.until : change.at;
    if (Math.max(change.at, lasts) > now - MEMORY) add(changes, change);
  }
  return [...changes.values()];
}

/** Each change once, however often hosts have heard of it. */
function add(changes: Map<string, AuditedChange>, change: AuditedChange): void {
  const { type, ip, at } = change;
  const until = 'until' in change ? change.until : '';
  changes.set(`${type} ${ip} ${at} ${until}`, change);
}
