// list, show and find without an answering daemon: their answers from snapshot.json and audit.jsonl.

import type { Config } from '../config/config.ts';
import { EXIT, ExitError } from '../exit.ts';
import type { Origin } from '../health/status.ts';
import type { SnapshotHead } from '../state/snapshot/head-tail.ts';
import { clientKey } from '../values/address.ts';
import { parseNetwork } from '../values/network.ts';
import { pastedAddress } from '../values/pasted-address.ts';
import type { AllowedAnswer, GracesAnswer, ListAnswer, ShowAnswer, SparedAnswer } from './answers.ts';
import type { Desk } from './desk.ts';
import type { FindAnswer } from './find/answer.ts';
import { isOfInterest, linesOf, readLeft } from './left-state.ts';
import { CONTROL_VERSION, DeskError, type RequestBody } from './protocol.ts';
import { addressOf } from './request-values.ts';

/** @param now ms since 1970: blocks that are over by now are not listed */
export async function listLeft(config: Config, isWatching: boolean, now: number): Promise<ListAnswer> {
  const held = isWatching ? '"watching":[' : '"block":{';
  const { lookup, head } = await readLeft(config, now, (line) => line.includes(held));
  return { ...lookup.list(isWatching, now), source: 'snapshot', at: head.written };
}

/** @param now ms since 1970: clients that are no longer spared by now are not listed */
export async function sparedLeft(config: Config, now: number): Promise<SparedAnswer> {
  const { lookup, head } = await readLeft(config, now, (line) => line.includes('"spared":['));
  return { ...lookup.spared(now), source: 'snapshot', at: head.written };
}

/** @param now ms since 1970: graces that are over by now are not listed */
export async function gracesLeft(config: Config, now: number): Promise<GracesAnswer> {
  const { lookup, head } = await readLeft(config, now, (line) => line.includes('"graceUntil":"'));
  return { ...(await lookup.graces(now)), source: 'snapshot', at: head.written };
}

/** @param now ms since 1970: entries that are over by now are not listed */
export async function allowedLeft(config: Config, now: number): Promise<AllowedAnswer> {
  const { lookup, head } = await readLeft(config, now, () => false);
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
  const { desk, head } = await readLeft(config, now, isWanted, clock);
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
  const { desk, head } = await readLeft(config, now, isOfInterest, clock);
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
