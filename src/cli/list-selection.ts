// The blocks or spared clients that list prints: filtered by rule and network, and sorted.

import { parseNetwork } from '../blocks/allow.ts';
import { partOf } from '../blocks/good/share.ts';
import type { ListedBlock, ListedSpared } from '../desk/answers.ts';
import { EXIT, ExitError } from '../exit.ts';
import { parseIPv4, parseIPv6 } from '../values/address.ts';
import type { Call } from './reference/table.ts';

type Selection = Pick<Call<'list'>['values'], 'rule' | 'network' | 'sort'>;

type Order<T> = (a: T, b: T) => number;

const BY_IP: Order<{ readonly ip: string }> = (a, b) => a.ip.localeCompare(b.ip, 'en', { numeric: true });
const BY_START: Order<{ readonly since: string }> = (a, b) => a.since.localeCompare(b.since);
const BLOCKS: Readonly<Record<Selection['sort'], Order<ListedBlock>>> = {
  ip: BY_IP,
  since: BY_START,
  until: (a, b) => a.until.localeCompare(b.until),
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

/** The client that is nearest to its share first. */
function byNearness(a: ListedSpared, b: ListedSpared): number {
  const nearness = (spared: ListedSpared) => partOf(spared) / spared.share;
  return nearness(b) - nearness(a);
}

function filtered<T extends { readonly ip: string; readonly rule: string }>(
  listed: readonly T[],
  { rule, network }: Selection,
): T[] {
  return listed
    .filter((one) => rule === undefined || one.rule === rule)
    .filter(({ ip }) => network === undefined || isWithin(ip, network));
}

/** Whether a client key lies in a network. */
function isWithin(key: string, text: string): boolean {
  const network = parseNetwork(text);
  if (network === undefined)
    throw new ExitError(EXIT.usage, [`${JSON.stringify(text)} is not a valid address or network`]);
  const [host = '', bits] = key.split('/');
  if (network.family === 4) {
    const size = 2 ** (32 - network.bits);
    const address = parseIPv4(host);
    return address >= 0 && Math.floor(address / size) === Math.floor((network.address >>> 0) / size);
  }
  const groups = parseIPv6(host);
  if (groups === undefined || Number(bits ?? 128) < network.bits) return false;
  const mask = (i: number) => (0xffff << Math.max(0, Math.min(16, (i + 1) * 16 - network.bits))) & 0xffff;
  return groups.every((group, i) => (group & mask(i)) === ((network.groups[i] ?? 0) & mask(i)));
}
