// list and show without an answering daemon: their answers from snapshot.json and audit.jsonl.

import { join } from 'node:path';
import { Blocks } from '../blocks/blocks.ts';
import type { Config } from '../config/config.ts';
import { termsOf } from '../config/terms.ts';
import { EXIT, ExitError } from '../exit.ts';
import { changeOf } from '../state/audit.ts';
import { entriesAfter, historyIn } from '../state/audit-lines.ts';
import type { SnapshotHead } from '../state/snapshot.ts';
import { SnapshotDamage } from '../state/snapshot-damage.ts';
import { readSnapshot } from '../state/snapshot-file.ts';
import { Snapshots } from '../state/snapshots.ts';
import { clientKey } from '../values/address.ts';
import type { ListAnswer, ShowAnswer, SparedAnswer } from './answers.ts';
import { Lookup } from './lookup.ts';
import { addressOf } from './request-values.ts';

/** @param now ms since 1970: blocks that are over by now are not listed */
export async function listLeft(config: Config, isWatching: boolean, now: number): Promise<ListAnswer> {
  const held = isWatching ? '"watching":[' : '"block":{';
  const { lookup, head } = await read(config, now, (line) => line.includes(held));
  return { ...lookup.list(isWatching, now), source: 'snapshot', at: head.written };
}

/** @param now ms since 1970: clients that are no longer spared by now are not listed */
export async function sparedLeft(config: Config, now: number): Promise<SparedAnswer> {
  const { lookup, head } = await read(config, now, (line) => line.includes('"spared":['));
  return { ...lookup.spared(now), source: 'snapshot', at: head.written };
}

/** @throws ExitError if it is not an address */
export async function showLeft(config: Config, asked: string, now: number): Promise<ShowAnswer> {
  const ip = addressOf(asked);
  const key = clientKey(ip, config.ipv6Prefix, config.nat64);
  if (key === undefined) throw new ExitError(EXIT.usage, [`${JSON.stringify(ip)} is not a valid IP address`]);
  // An IPv6 client may be blocked under the prefix of an earlier policy: its first group tells which lines may matter.
  const start = key.includes(':') ? `"${key.split(':', 1)[0]}:` : `"${key}":`;
  const { lookup, head } = await read(
    config,
    now,
    (line) => line.startsWith(start) || line.startsWith(`"${key}":`),
  );
  return { ...(await lookup.show(ip, now)), source: 'snapshot', at: head.written };
}

async function read(config: Config, now: number, isWanted: (line: string) => boolean) {
  const blocks = new Blocks(termsOf(config), () => undefined);
  const head = await readHead(new Snapshots(config.state), blocks, isWanted);
  blocks.loadAllowEntries(head.allowed ?? [], head.allowedBefore ?? []);
  if (head.breaker !== undefined) blocks.loadBreaker(head.breaker);
  const trail = join(config.state, 'audit.jsonl');
  for (const entry of await entriesAfter(trail, head.auditSequence)) {
    const change = changeOf(entry);
    if (change !== undefined) blocks.redo(change);
  }
  blocks.adopt(blocks.terms, now);
  while (blocks.expire(now));
  const history = async (keys: readonly string[], most: number) => await historyIn(trail, keys, most);
  return { lookup: new Lookup(blocks, { history }), head };
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
      const head = await readSnapshot(path, blocks, isWanted);
      if (head !== undefined) return head;
    } catch (error) {
      blocks.clear();
      failure ??= error;
    }
  }
  if (failure === undefined)
    throw new ExitError(EXIT.unavailable, [`no daemon answers, and there is no ${newest}`]);
  const status = failure instanceof SnapshotDamage ? EXIT.io : EXIT.permission;
  const reason = `no daemon answers, and ${newest} cannot be read: ${(failure as Error).message}`;
  throw new ExitError(status, [reason], failure);
}
