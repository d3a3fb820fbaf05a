// The blocked clients in the forms that other programs read: line by line, so that many are written in steps.

import type { ExportFormat } from '../config/fields/export-formats.ts';
import { clientKey } from '../values/address.ts';
import { SECOND } from '../values/duration.ts';
import { ClientSet } from './client-set.ts';

/** A blocked client: an IPv4 address, or an IPv6 network. */
export interface Blocked {
  readonly ip: string;
  /** ms since 1970 */
  readonly until: number;
}

/** Elements of one statement of nft: a statement of many is read faster, and one of all would be one huge line. */
const ELEMENTS = 500;

/** The text of an export, made as its clients come. */
interface ExportText {
  /** before all clients */
  readonly start: string;
  /** @param part some hundred clients, each of which comes once */
  add(part: readonly Blocked[]): string;
  /** what is left when all have come */
  end(): Iterable<string>;
}

/** @param now ms since 1970, from which time-outs of nft run */
export function exportText(format: ExportFormat, now: number): ExportText {
  return format === 'nft' ? new NftText(now) : new LineText(format === 'postscreen' ? '\treject\n' : '\n');
}

/** The text in parts of some hundred clients each. */
export function* exportParts(
  format: ExportFormat,
  blocked: readonly Blocked[],
  now: number,
): Generator<string> {
  const text = exportText(format, now);
  yield text.start;
  for (const part of slices(blocked)) yield text.add(part);
  yield* text.end();
}

/**
 * One on a line. An ACL file of HAProxy has addresses and networks (configuration manual 7.1, "-f"); cidr_table(5) has
 * them with a result, which postscreen takes as `reject` (src/global/server_acl.c, server_acl_eval).
 */
class LineText implements ExportText {
  readonly start = '';
  readonly #end: string;

  constructor(end: string) {
    this.#end = end;
  }

  add(part: readonly Blocked[]): string {
    return part.map(({ ip }) => ip + this.#end).join('');
  }

  end(): readonly string[] {
    return [];
  }
}

/**
 * A file for `nft -f`, which takes it as one transaction: the sets are emptied and filled, and no packet finds them empty.
 * Each element ends by itself when its block does.
 */
class NftText implements ExportText {
  readonly start = [
    'add table inet postblock\n',
    'add set inet postblock blocked4 { type ipv4_addr; flags timeout; }\n',
    'add set inet postblock blocked6 { type ipv6_addr; flags interval, timeout; }\n',
    'flush set inet postblock blocked4\nflush set inet postblock blocked6\n',
  ].join('');
  readonly #now: number;
  /** IPv6: which of them lie in others is known at the end */
  readonly #networks: (readonly Blocked[])[] = [];
  readonly #keys = new ClientSet();
  readonly #lengths = new Set<number>();

  constructor(now: number) {
    this.#now = now;
  }

  add(part: readonly Blocked[]): string {
    const networks = part.filter((one) => !isIPv4(one));
    if (networks.length > 0) this.#networks.push(networks);
    for (const { ip } of networks) {
      this.#keys.add(ip);
      this.#lengths.add(bitsOf(ip));
    }
    return elements('blocked4', part.filter(isIPv4), this.#now);
  }

  *end(): Generator<string> {
    for (const part of this.#networks)
      yield elements(
        'blocked6',
        part.filter((one) => this.#isOutermost(one)),
        this.#now,
      );
  }

  /** After a change of `ipv6-prefix`, one network may lie in another one: nft refuses sets in which elements overlap. */
  #isOutermost({ ip }: Blocked): boolean {
    if (this.#lengths.size < 2) return true;
    const [address = ''] = ip.split('/', 1);
    const wider = [...this.#lengths].filter((bits) => bits < bitsOf(ip));
    return !wider.some((bits) => this.#keys.has(clientKey(address, bits, []) ?? ''));
  }
}

function isIPv4({ ip }: Blocked): boolean {
  return !ip.includes(':');
}

function* slices(blocked: readonly Blocked[]): Generator<readonly Blocked[]> {
  for (let i = 0; i < blocked.length; i += ELEMENTS) yield blocked.slice(i, i + ELEMENTS);
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
