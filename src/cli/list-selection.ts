// The blocks that list prints: filtered by rule and network, and sorted.

import { parseNetwork } from '../blocks/allow.ts';
import type { ListedBlock } from '../desk/answers.ts';
import { EXIT, ExitError } from '../exit.ts';
import { parseIPv4, parseIPv6 } from '../values/address.ts';
import type { Call } from './reference/table.ts';

type Selection = Pick<Call<'list'>['values'], 'rule' | 'network' | 'sort'>;

const ORDER: Readonly<Record<Selection['sort'], (a: ListedBlock, b: ListedBlock) => number>> = {
  ip: (a, b) => a.ip.localeCompare(b.ip, 'en', { numeric: true }),
  since: (a, b) => a.since.localeCompare(b.since),
  until: (a, b) => a.until.localeCompare(b.until),
  refused: (a, b) => b.refused - a.refused,
};

/** @throws ExitError where the network is none */
export function selected(blocks: readonly ListedBlock[], { rule, network, sort }: Selection): ListedBlock[] {
  return blocks
    .filter((block) => rule === undefined || block.rule === rule)
    .filter(({ ip }) => network === undefined || isWithin(ip, network))
    .sort(ORDER[sort]);
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
