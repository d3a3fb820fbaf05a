// list, show and find without an answering daemon: their answers from snapshot.json and audit.jsonl.

import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Blocks } from '../blocks/blocks.ts';
import type { Config } from '../config/config.ts';
import { termsOf } from '../config/terms.ts';
import { EXIT, ExitError } from '../exit.ts';
import type { Origin } from '../health/status.ts';
import { changeOf } from '../state/audit.ts';
import { entriesAfter, historyIn } from '../state/audit-lines.ts';
import { SnapshotDamage } from '../state/snapshot/damage.ts';
import { readSnapshot } from '../state/snapshot/file.ts';
import type { SnapshotHead } from '../state/snapshot/head-tail.ts';
import { Snapshots } from '../state/snapshots.ts';
import { clientKey } from '../values/address.ts';
import { parseNetwork } from '../values/network.ts';
import { pastedAddress } from '../values/pasted-address.ts';
import type { AllowedAnswer, GracesAnswer, ListAnswer, ShowAnswer, SparedAnswer } from './answers.ts';
import { Desk } from './desk.ts';
import type { FindAnswer } from './find/answer.ts';
import { searchTrail } from './find/trail-search.ts';
import { Turns } from './find/turns.ts';
import { Lookup } from './lookup.ts';
import { CONTROL_VERSION, DeskError, type RequestBody } from './protocol.ts';
import { addressOf } from './request-values.ts';

/** In the line of a client: what precedes its facts. */
const FACTS = '":{';

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

/** @param now ms since 1970: graces that are over by now are not listed */
export async function gracesLeft(config: Config, now: number): Promise<GracesAnswer> {
  const { lookup, head } = await read(config, now, (line) => line.includes('"graceUntil":"'));
  return { ...(await lookup.graces(now)), source: 'snapshot', at: head.written };
}

/** @param now ms since 1970: entries that are over by now are not listed */
export async function allowedLeft(config: Config, now: number): Promise<AllowedAnswer> {
  const { lookup, head } = await read(config, now, () => false);
  return { ...lookup.allowed(now), source: 'snapshot', at: head.written };
}

/**
 * @param now ms since 1970
 * @param clock ms
 * @throws ExitError if it is neither an address nor a network
 */
export async function showLeft(
  config: Config,
  ip: string,
  now: number,
  clock: () => number,
): Promise<ShowAnswer | FindAnswer> {
  const network = parseNetwork(pastedAddress(ip));
  const isOne = network === undefined || network.bits === (network.family === 4 ? 32 : 128);
  const isOfClient = linesOf(clientKey(addressOf(ip), config.ipv6Prefix, config.nat64) ?? '');
  const isWanted = isOne ? isOfClient : (line: string) => isOfInterest(line) || isOfClient(line);
  const { desk, head } = await read(config, now, isWanted, clock);
  return left((await answered(desk, { command: 'show', ip }, now)) as ShowAnswer | FindAnswer, head);
}

/**
 * @param now ms since 1970
 * @param clock ms
 * @throws ExitError if it is neither a network nor a text of the right length
 */
export async function findLeft(
  config: Config,
  asked: Pick<RequestBody, 'text' | 'limit'>,
  now: number,
  clock: () => number,
): Promise<FindAnswer> {
  const { desk, head } = await read(config, now, isOfInterest, clock);
  return left((await answered(desk, { command: 'find', ...asked }, now)) as FindAnswer, head);
}

async function answered(desk: Desk, request: RequestBody, now: number): Promise<unknown> {
  try {
    return await desk.answer({ version: CONTROL_VERSION, ...request }, now);
  } catch (error) {
    if (error instanceof DeskError) throw new ExitError(EXIT.usage, [error.message], error);
    throw error;
  }
}

function left<T extends Origin>(answer: T, { written }: SnapshotHead): T {
  return { ...answer, source: 'snapshot', at: written };
}

/** Whether a line is that of a client of which more than events is known. */
function isOfInterest(line: string): boolean {
  const facts = line.indexOf(FACTS);
  return facts >= 0 && !line.startsWith('"events"', facts + FACTS.length);
}

/** The lines that may matter for a client: an IPv6 client may be blocked under the prefix of an earlier policy. */
function linesOf(key: string): (line: string) => boolean {
  // The first group of the address tells.
  const start = key.includes(':') ? `"${key.split(':', 1)[0]}:` : `"${key}":`;
  return (line) => line.startsWith(start) || line.startsWith(`"${key}":`);
}

async function read(
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
