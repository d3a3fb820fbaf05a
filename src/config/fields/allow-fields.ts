// The option allow: of policy.yml: networks, client names, and keywords with the networks they stand for.

import {
  ALLOW_KEYWORDS,
  type AllowItem,
  type AllowKeyword,
  isClientName,
  itemText,
} from '../../blocks/allow.ts';
import { parseNetwork } from '../../values/network.ts';
import type { Fields, OptionNode } from './fields.ts';

/** Networks that only the host knows. */
export interface HostNetworks {
  /** the addresses of this host, or what keeps them from being known */
  readonly own: HostAnswer;
  /** mynetworks of Postfix; undefined if it was not asked */
  readonly mynetworks?: HostAnswer | undefined;
}

/** Networks, or why they are not known. */
export type HostAnswer =
  | { readonly networks: readonly string[]; readonly wrong?: undefined }
  | { readonly wrong: string; readonly networks?: undefined };

export const NO_HOST: HostNetworks = { own: { networks: [] } };

/** The networks of the keywords that mean the same on every host. */
export const KEYWORD_NETWORKS: Readonly<Partial<Record<AllowKeyword, readonly string[]>>> = {
  // RFC 1122 3.2.1.3 (g), RFC 4291 2.5.3
  loopback: ['127.0.0.0/8', '::1'],
  // RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 2.5.6
  private: [
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '100.64.0.0/10',
    '169.254.0.0/16',
    'fc00::/7',
    'fe80::/10',
  ],
};

const EXPECTED = `an address, a network such as 192.0.2.0/24, a client name such as .mail.example.com, or one of ${ALLOW_KEYWORDS.join(', ')}`;

export function readAllow(
  place: OptionNode,
  fields: Fields,
  host: HostNetworks,
): readonly AllowItem[] | undefined {
  return fields.list(place, 'networks, client names and keywords', (at) => readItem(at, fields, host));
}

/** Whether a list names Postfix's own networks, which must be asked for. */
export function namesMynetworks(items: readonly AllowItem[]): boolean {
  return items.some((item) => typeof item !== 'string' && itemText(item) === 'mynetworks');
}

function readItem(place: OptionNode, fields: Fields, host: HostNetworks): AllowItem | undefined {
  const text = fields.text(place, EXPECTED)?.toLowerCase();
  if (text === undefined) return undefined;
  const keyword = ALLOW_KEYWORDS.find((known) => known === text);
  if (keyword !== undefined) return readKeyword(keyword, place, fields, host);
  if (parseNetwork(text) !== undefined || isClientName(text)) return text;
  const address = text.split('/', 1)[0] ?? '';
  const hasHostBits = text.includes('/') && parseNetwork(address) !== undefined;
  const wrong = hasHostBits
    ? 'has an invalid prefix length, or bits set after the prefix'
    : 'is neither a network nor a client name';
  return fields.wrong(place, `${JSON.stringify(text)} ${wrong}; expected ${EXPECTED}`);
}

function readKeyword(
  keyword: AllowKeyword,
  place: OptionNode,
  fields: Fields,
  { own, mynetworks = { networks: [] } }: HostNetworks,
): AllowItem | undefined {
  const fixed = KEYWORD_NETWORKS[keyword];
  if (fixed !== undefined) return { keyword, networks: fixed };
  const answer = keyword === 'own' ? own : mynetworks;
  if (answer.wrong !== undefined) return fields.wrong(place, answer.wrong);
  return { keyword, networks: answer.networks };
}
