// The blocked clients in the forms that other programs read: line by line, so that many are written in steps.

import type { ExportFormat } from '../config/fields/export-formats.ts';
import { clientKey } from '../values/address.ts';
import { SECOND } from '../values/duration.ts';

/** A blocked client: an IPv4 address, or an IPv6 network. */
export interface Blocked {
  readonly ip: string;
  /** ms since 1970 */
  readonly until: number;
}

/** Elements of one statement of nft: a statement of many is read faster, and one of all would be one huge line. */
const ELEMENTS = 500;

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
  for (const part of slices(blocked)) yield part.map(({ ip }) => ip + end).join('');
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
  for (const part of slices(blocked)) yield elements('blocked4', part.filter(isIPv4), now);
  const networks = new Set<string>();
  const lengths = new Set<number>();
  for (const part of slices(blocked)) {
    for (const { ip } of part)
      if (ip.includes(':')) {
        networks.add(ip);
        lengths.add(bitsOf(ip));
      }
    // Nothing to write, but a chance for others.
    yield '';
  }
  const isOutermost = outermost(networks, [...lengths]);
  for (const part of slices(blocked)) {
    const wanted = part.filter((one) => !isIPv4(one) && isOutermost(one));
    yield elements('blocked6', wanted, now);
  }
}

function isIPv4({ ip }: Blocked): boolean {
  return !ip.includes(':');
}

function* slices(blocked: readonly Blocked[]): Generator<readonly Blocked[]> {
  for (let i = 0; i < blocked.length; i += ELEMENTS) yield blocked.slice(i, i + ELEMENTS);
}

/** After a change of `ipv6-prefix`, one network may lie in another one: nft refuses sets in which elements overlap. */
function outermost(networks: ReadonlySet<string>, lengths: readonly number[]): (one: Blocked) => boolean {
  if (lengths.length < 2) return () => true;
  return ({ ip }) => {
    const [address = ''] = ip.split('/', 1);
    const wider = lengths.filter((bits) => bits < bitsOf(ip));
    return !wider.some((bits) => networks.has(clientKey(address, bits, []) ?? ''));
  };
}

function bitsOf(ip: string): number {
  const [, bits = '128'] = ip.split('/');
  return Number(bits);
}

function elements(set: string, blocked: readonly Blocked[], now: number): string {
  if (blocked.length === 0) return '';
  const all = blocked.map(({ ip, until }) => `${ip} timeout ${seconds(until - now)}s`);
  return `add element inet postblock ${set} { ${all.join(', ')} }\n`;
}

/** At least one: 0 is no time-out for nft. */
function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / SECOND));
}
