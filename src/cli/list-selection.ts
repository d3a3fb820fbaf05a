// What list prints of an answer: filtered by rule and network, and sorted.

import { partOf } from '../blocks/good/share.ts';
import type { ListedBlock, ListedByHand, ListedSpared } from '../desk/answers.ts';
import { EXIT, ExitError } from '../exit.ts';
import { isWithin, type ParsedNetwork, parseNetwork } from '../values/network.ts';
import { pastedAddress } from '../values/pasted-address.ts';
import type { Call } from './reference/table.ts';

type Selection = Pick<Call<'list'>['values'], 'rule' | 'network' | 'sort'>;

type Order<T> = (a: T, b: T) => number;

const BY_IP: Order<{ readonly ip: string }> = (a, b) => a.ip.localeCompare(b.ip, 'en', { numeric: true });
const BY_START: Order<{ readonly since: string }> = (a, b) => a.since.localeCompare(b.since);
const BY_END: Order<{ readonly until: string }> = (a, b) => a.until.localeCompare(b.until);
const BLOCKS: Readonly<Record<Selection['sort'], Order<ListedBlock>>> = {
  ip: BY_IP,
  since: BY_START,
  until: BY_END,
  refused: (a, b) => b.refused - a.refused,
};

/** @throws ExitError where the network is none */
export function selected(blocks: readonly ListedBlock[], selection: Selection): ListedBlock[] {
  return filtered(blocks, selection).sort(BLOCKS[selection.sort]);
}

/** @throws ExitError where the network is none */
export function selectedSpared(spared: readonly ListedSpared[], selection: Selection): ListedSpared[] {
  const { sort } = selection;
  const order = sort === 'ip' ? BY_IP : sort === 'since' ? BY_START : byNearness;
  return filtered(spared, selection).sort(order);
}

/** @throws ExitError where the network is none */
export function selectedByHand(listed: readonly ListedByHand[], selection: Selection): ListedByHand[] {
  const { sort } = selection;
  const order = sort === 'ip' ? BY_IP : sort === 'since' ? BY_START : BY_END;
  return filtered(listed, { ...selection, rule: undefined }).sort(order);
}

/** The client that is nearest to its share first. */
function byNearness(a: ListedSpared, b: ListedSpared): number {
  const nearness = (spared: ListedSpared) => partOf(spared) / spared.share;
  return nearness(b) - nearness(a);
}

function filtered<T extends { readonly ip: string; readonly rule?: string }>(
  listed: readonly T[],
  { rule, network: text }: Selection,
): T[] {
  const network = text === undefined ? undefined : networkOf(text);
  return listed
    .filter((one) => rule === undefined || one.rule === rule)
    .filter(({ ip }) => network === undefined || isWithin(ip, network));
}

function networkOf(text: string): ParsedNetwork {
  const network = parseNetwork(pastedAddress(text));
  if (network !== undefined) return network;
  throw new ExitError(EXIT.usage, [`${JSON.stringify(text)} is not a valid address or network`]);
}
