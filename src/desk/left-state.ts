// What a daemon left behind: the blocks of its snapshot and its trail, as far as an answer needs them.

import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Blocks } from '../blocks/blocks.ts';
import type { Config } from '../config/config.ts';
import { termsOf } from '../config/terms.ts';
import { EXIT, ExitError } from '../exit.ts';
import { changeOf } from '../state/audit.ts';
import { entriesAfter, historyIn } from '../state/audit-lines.ts';
import { SnapshotDamage } from '../state/snapshot/damage.ts';
import { readSnapshot } from '../state/snapshot/file.ts';
import type { SnapshotHead } from '../state/snapshot/head-tail.ts';
import { Snapshots } from '../state/snapshots.ts';
import { Desk } from './desk.ts';
import { searchTrail } from './find/trail-search.ts';
import { Turns } from './find/turns.ts';
import { Lookup } from './lookup.ts';

/** In the line of a client: what precedes its facts. */
const FACTS = '":{';

/** Whether a line is that of a client of which more than events is known. */
export function isOfInterest(line: string): boolean {
  const facts = line.indexOf(FACTS);
  return facts >= 0 && !line.startsWith('"events"', facts + FACTS.length);
}

/** The lines that may matter for a client: an IPv6 client may be blocked under the prefix of an earlier policy. */
export function linesOf(key: string): (line: string) => boolean {
  // The first group of the address tells.
  const start = key.includes(':') ? `"${key.split(':', 1)[0]}:` : `"${key}":`;
  return (line) => line.startsWith(start) || line.startsWith(`"${key}":`);
}

/**
 * @param isWanted whether a line of a client matters; others are not read
 * @param clock ms; bounds the time of a search
 * @throws ExitError where nothing can be read
 */
export async function readLeft(
  config: Config,
  now: number,
  isWanted: (line: string) => boolean,
  clock: () => number = () => now,
) {
  const blocks = new Blocks(termsOf(config), () => undefined);
  const head = await readHead(new Snapshots(config.state), blocks, isWanted);
  blocks.loading.allowEntries(head.allowed ?? [], head.allowedBefore ?? []);
  if (head.breaker !== undefined) blocks.loading.breaker(head.breaker);
  const trail = join(config.state, 'audit.jsonl');
  for (const entry of await entriesAfter(trail, head.auditSequence)) {
    const change = changeOf(entry);
    if (change !== undefined) blocks.redo(change);
  }
  blocks.adopt(blocks.terms, now);
  while (blocks.expire(now));
  const history = async (keys: readonly string[], most: number) => await historyIn(trail, keys, most);
  const desk = new Desk(blocks, {
    history,
    searchTrail: async (search) => await searchTrail(trail, search),
    turns: new Turns(clock, setImmediate),
    flush: async () => undefined,
  });
  return { lookup: new Lookup(blocks, { history }), desk, head };
}

/** The newest snapshot, or the one before it if that cannot be used. */
async function readHead(
  { newest, before }: Snapshots,
  blocks: Blocks,
  isWanted: (line: string) => boolean,
): Promise<SnapshotHead> {
  let failure: unknown;
  for (const path of [newest, before]) {
    try {
      const head = await readSnapshot(path, blocks, { isWanted });
      if (head !== undefined) return head;
    } catch (error) {
      blocks.loading.clear();
      failure ??= error;
    }
  }
  if (failure === undefined)
    throw new ExitError(EXIT.unavailable, [`no daemon answers, and there is no ${newest}`]);
  const status = failure instanceof SnapshotDamage ? EXIT.io : EXIT.permission;
  const reason = `no daemon answers, and ${newest} cannot be read: ${(failure as Error).message}`;
  throw new ExitError(status, [reason], failure);
}
