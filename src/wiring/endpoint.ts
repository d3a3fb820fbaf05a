// Where a policy request goes, and whether a listener of policy.yml is there.

import { join } from 'node:path';
import type { ListenSpec } from '../net/listen.ts';
import { ipv4Text, mappedIPv4, networkText, parseIPv4, parseIPv6 } from '../values/address.ts';

export type Endpoint =
  | { readonly type: 'inet'; readonly host: string; readonly port: string }
  /** path: absolute, as seen from outside the chroot; written: as smtpd(8) opens it */
  | { readonly type: 'unix'; readonly path: string; readonly written: string };

/** The surroundings of a process smtpd(8). */
export interface ProcessRoot {
  /** the queue directory: the working directory, and the root of a chrooted service */
  readonly queueDirectory: string;
  readonly isChrooted: boolean;
}

/**
 * @param address of check_policy_service, such as `inet:localhost:10040` (auto_clnt.c)
 * @returns undefined if Postfix does not accept it
 */
export function endpointOf(
  address: string,
  { queueDirectory, isChrooted }: ProcessRoot,
): Endpoint | undefined {
  const colon = address.indexOf(':');
  const transport = address.slice(0, colon);
  const rest = address.slice(colon + 1);
  if (rest === '' || colon < 0) return undefined;
  if (transport === 'inet') return inetEndpoint(rest);
  if (transport !== 'unix' && transport !== 'local') return undefined;
  const isOutside = rest.startsWith('/') && !isChrooted;
  return { type: 'unix', written: rest, path: isOutside ? join(rest) : join(queueDirectory, rest) };
}

/** host_port() of host_port.c: `[host]:port`, `host:port`, `:port`, `port`; without a host, this host. */
function inetEndpoint(text: string): Endpoint | undefined {
  const [, bracketed, inBrackets] = /^\[(?:ipv6:)?([^\]]*)\]:(\w+)$/i.exec(text) ?? [];
  if (bracketed !== undefined) return { type: 'inet', host: bracketed, port: inBrackets ?? '' };
  if (text.startsWith('[')) return undefined;
  const colon = text.lastIndexOf(':');
  const port = text.slice(colon + 1);
  return port === '' ? undefined : { type: 'inet', host: text.slice(0, Math.max(colon, 0)), port };
}

/**
 * Whether the request reaches a listener. A name other than localhost is taken for this host: only the resolver knows.
 */
export function reaches(endpoint: Endpoint, listen: readonly ListenSpec[]): boolean {
  return listen.some((spec) => {
    if (endpoint.type === 'unix') return spec.type === 'unix' && join(spec.path) === endpoint.path;
    return (
      spec.type === 'inet' && endpoint.port === String(spec.port) && isSameHost(endpoint.host, spec.host)
    );
  });
}

const ANY = ['0.0.0.0', '::'];

function isSameHost(called: string, listening: string): boolean {
  const host = canonical(called);
  const own = canonical(listening);
  const isLoopback = (address: string | undefined) =>
    address === undefined || /^(?:127\.|::1$)/.test(address);
  if (called === '' || called.toLowerCase() === 'localhost')
    return isLoopback(own) || ANY.includes(own ?? '');
  if (host === undefined) return true;
  if (own === undefined) return isLoopback(host);
  return host === own || own === '::' || (own === '0.0.0.0' && !host.includes(':'));
}

/** undefined: not an address */
function canonical(host: string): string | undefined {
  const ipv4 = parseIPv4(host);
  if (ipv4 >= 0) return ipv4Text(ipv4);
  const groups = parseIPv6(host);
  if (groups === undefined) return undefined;
  const mapped = mappedIPv4(groups);
  return mapped === undefined ? networkText(groups, 128) : ipv4Text(mapped);
}
