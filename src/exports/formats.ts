// The blocked clients in the forms that other programs read: line by line, so that many are written in steps.

import type { ExportFormat } from '../config/fields/export-formats.ts';
import { clientKey } from '../values/address.ts';

/** A blocked client: an IPv4 address, or an IPv6 network. */
export interface Blocked {
  readonly ip: string;
  /** ms since 1970 */
  readonly until: number;
}

/** Elements of one statement of nft: a statement of many is read faster, and one of all would be one huge line. */
const ELEMENTS = 500;
const SECOND = 1000;

/**
 * The text in parts of some hundred clients each.
 * @param now ms since 1970, from which time-outs of nft run
 */
export function* exportParts(
  format: ExportFormat,
  blocked: readonly Blocked[],
  now: number,
): Generator<string> {
  if (format === 'nft') yield* nftParts(blocked, now);
  else yield* lineParts(blocked, format === 'postscreen' ? '\treject\n' : '\n');
}

/**
 * One on a line. An ACL file of HAProxy has addresses and networks (configuration manual 7.1, "-f"); cidr_table(5) has
 * them with a result, which postscreen takes as `reject` (src/global/server_acl.c, server_acl_eval).
 */
function* lineParts(blocked: readonly Blocked[], end: string): Generator<string> {
  for (let i = 0; i < blocked.length; i += ELEMENTS)
    yield blocked
      .slice(i, i + ELEMENTS)
      .map(({ ip }) => ip + end)
      .join('');
}

/**
 * A file for `nft -f`, which takes it as one transaction: the sets are emptied and filled, and no packet finds them empty.
 * Each element ends by itself when its block does.
 */
function* nftParts(blocked: readonly Blocked[], now: number): Generator<string> {
  yield 'add table inet postblock\n';
  yield 'add set inet postblock blocked4 { type ipv4_addr; flags timeout; }\n';
  yield 'add set inet postblock blocked6 { type ipv6_addr; flags interval, timeout; }\n';
  yield 'flush set inet postblock blocked4\nflush set inet postblock blocked6\n';
  const isIPv6 = ({ ip }: Blocked) => ip.includes(':');
  yield* elements(
    'blocked4',
    blocked.filter((one) => !isIPv6(one)),
    now,
  );
  yield* elements('blocked6', outermost(blocked.filter(isIPv6)), now);
}

/** After a change of `ipv6-prefix`, one network may lie in another one: nft refuses sets in which elements overlap. */
function outermost(blocked: readonly Blocked[]): readonly Blocked[] {
  const all = new Set(blocked.map(({ ip }) => ip));
  const lengths = [...new Set(blocked.map(({ ip }) => bitsOf(ip)))];
  if (lengths.length < 2) return blocked;
  return blocked.filter(({ ip }) => {
    const [address = ''] = ip.split('/', 1);
    const wider = lengths.filter((bits) => bits < bitsOf(ip));
    return !wider.some((bits) => all.has(clientKey(address, bits, []) ?? ''));
  });
}

function bitsOf(ip: string): number {
  const [, bits = '128'] = ip.split('/');
  return Number(bits);
}

function* elements(set: string, blocked: readonly Blocked[], now: number): Generator<string> {
  for (let i = 0; i < blocked.length; i += ELEMENTS) {
    const part = blocked
      .slice(i, i + ELEMENTS)
      .map(({ ip, until }) => `${ip} timeout ${seconds(until - now)}s`);
    yield `add element inet postblock ${set} { ${part.join(', ')} }\n`;
  }
}

/** At least one: 0 is no time-out for nft. */
function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / SECOND));
}
