// Counts the blocks in force, in steps, so that verdicts are answered in between.

import type { ClientView, TableView } from '../../blocks/table/table-view.ts';
import { inParts } from '../../values/in-parts.ts';

/** Clients of one step. */
const STEP = 500;

/** The number of enforced and of watched blocks of a rule. */
export interface ActiveBlocks {
  enforced: number;
  watched: number;
}

/**
 * Exact for up to 500 clients. Of more, one that changes meanwhile may be missed or counted twice.
 *
 * @param now ms since 1970
 * @param pause resolves when other work had its turn
 * @returns by rule
 */
export async function activeBlocks(
  table: Pick<TableView, 'search'>,
  now: number,
  pause: () => Promise<unknown>,
): Promise<ReadonlyMap<string, ActiveBlocks>> {
  const active = new Map<string, ActiveBlocks>();
  for (const clients of inParts(table.search(true), STEP)) {
    for (const client of clients) count(active, client, now);
    await pause();
  }
  return active;
}

function count(active: Map<string, ActiveBlocks>, { block, watches = [] }: ClientView, now: number): void {
  if (block !== undefined && now < block.until) of(active, block.rule).enforced++;
  for (const { rule, until, ended } of watches) if (!ended && now < until) of(active, rule).watched++;
}

function of(active: Map<string, ActiveBlocks>, rule: string): ActiveBlocks {
  const known = active.get(rule) ?? { enforced: 0, watched: 0 };
  active.set(rule, known);
  return known;
}
