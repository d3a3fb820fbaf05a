// The networks that only the host knows: its own addresses, and mynetworks of its Postfix.

import { networkInterfaces } from 'node:os';
import { parseNetwork } from '../values/network.ts';
import type { HostAnswer } from './fields/allow-fields.ts';
import { type NetworkPattern, networksOf, PatternError, patternsIn, withoutComments } from './mynetworks.ts';
import { readPlainFile } from './plain-file.ts';
import { type PostconfOptions, postconf } from './postconf.ts';

/** bytes of a file that the parameters name */
const MAX_BYTES = 1 << 20;
/** files that are read; a file may name itself */
const MAX_FILES = 16;

const INSTEAD = 'expected addresses and networks; list them under allow: in place of mynetworks';

/** The addresses of the network interfaces, as they are now. */
export function ownAddresses(): HostAnswer {
  try {
    const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
    const networks = all.map(({ address }) => address.split('%', 1)[0] ?? '');
    return { networks: [...new Set(networks.filter((address) => parseNetwork(address) !== undefined))] };
  } catch (error) {
    const remedy = 'expected AF_NETLINK in RestrictAddressFamilies= of the systemd unit';
    return { wrong: `the addresses of this host cannot be read: ${(error as Error).message}; ${remedy}` };
  }
}

/** What mynetworks of Postfix matches, by postconf(1), as it is now. */
export async function mynetworks(options: PostconfOptions = {}): Promise<HostAnswer> {
  try {
    const { list, coversBelow } = await parameters(options);
    return { networks: networksOf(await expanded(patternsIn(list)), coversBelow) };
  } catch (error) {
    if (error instanceof PatternError) return { wrong: `mynetworks of Postfix ${error.message}; ${INSTEAD}` };
    throw error;
  }
}

/** @throws PatternError if postconf fails */
async function parameters(
  options: PostconfOptions,
): Promise<{ readonly list: string; readonly coversBelow: boolean }> {
  const names = ['mynetworks', 'parent_domain_matches_subdomains'];
  const [list = '', parents = ''] = await postconf(names, options).catch((error: Error) => {
    throw new PatternError(`is not known: ${error.message}`);
  });
  return { list, coversBelow: patternsIn(parents).some(({ text }) => text === 'mynetworks') };
}

/** The patterns with the content of the files that they name. @throws PatternError if a file cannot be read */
async function expanded(patterns: readonly NetworkPattern[]): Promise<readonly NetworkPattern[]> {
  const waiting = [...patterns];
  const found: NetworkPattern[] = [];
  let files = 0;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (!next.text.startsWith('/')) found.push(next);
    else if (++files > MAX_FILES) throw new PatternError(`names more than ${MAX_FILES} files`);
    else waiting.unshift(...patternsIn(await listFile(next.text), next.isNegated));
  }
  return found;
}

async function listFile(path: string): Promise<string> {
  const content = await readPlainFile(path, MAX_BYTES).catch((error: Error) => {
    throw new PatternError(`names the file ${path}, which cannot be read: ${error.message}`);
  });
  return withoutComments(content.toString('utf8'));
}
