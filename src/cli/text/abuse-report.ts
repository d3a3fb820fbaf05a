// An abuse report of a block in the format XARF 4, for the abuse desk of the network of the client.
// The fields are those of https://xarf.org/schemas/v4/ (xarf-core, connection-login-attack, reputation-blocklist).

import { createHash } from 'node:crypto';
import type { Reporter } from '../../config/fields/reporter-field.ts';
import type { Evidence, ShownBlock } from '../../desk/answers.ts';

const VERSION = '4.2.0';

/** What each kind is called where there is no type of XARF for it. */
const THREATS: Readonly<Record<Evidence['kind'], string>> = {
  'rejected-recipient': 'recipient_harvesting',
  'auth-failure': 'login_attack',
  'dropped-connection': 'connection_flood',
  'abandoned-connection': 'connection_flood',
  'rejected-message': 'spam',
  'mailbox-full': 'spam',
  probe: 'probing',
};

/** `mx1 postfix/smtpd[1]: warning: unknown[192.0.2.7]:4711: …`, where smtpd_client_port_logging is set. */
const PORT = /^\S{1,255} \S{1,255}: (?:warning: )?[^\s[\]]{1,255}\[([0-9A-Fa-f:.]{2,45})\]:(\d{1,5}):/;
const MAX_PORT = 65_535;

interface Source {
  readonly address: string;
  readonly port: number;
}

/** The report, an object of JSON; undefined for a block by hand, of which there is no evidence. */
export function abuseReport(
  block: Pick<ShownBlock, 'ip' | 'rule' | 'since' | 'count' | 'evidence'>,
  reporter: Reporter,
  id: string,
): object | undefined {
  const { ip, rule, since, count, evidence } = block;
  const [first] = evidence;
  const last = evidence.at(-1);
  if (first === undefined || last === undefined || count === 0) return undefined;
  const source = first.kind === 'auth-failure' ? sourceIn(evidence) : undefined;
  return {
    xarf_version: VERSION,
    report_id: id,
    timestamp: since,
    reporter,
    sender: reporter,
    source_identifier: source?.address ?? ip,
    ...(source && { source_port: source.port }),
    ...typeOf(first, last, source),
    evidence_source: 'automated_filter',
    description: `${count} events of the kind ${first.kind} by ${ip} reached the limit of the rule ${rule} of a mail server.`,
    evidence: [evidenceItem(ip, evidence)],
  };
}

/** A report of a login attack must have the port of the client, which tells customers behind one address apart. */
function typeOf(first: Evidence, last: Evidence, source: Source | undefined): object {
  if (source === undefined)
    return { category: 'reputation', type: 'blocklist', threat_type: THREATS[first.kind] };
  const seen = { first_seen: first.at, last_seen: last.at };
  return { category: 'connection', type: 'login_attack', protocol: 'tcp', ...seen };
}

/** Times, kinds and ports: what clients wrote is about people who are not the source, and stays in the house. */
function evidenceItem(ip: string, evidence: readonly Evidence[]): object {
  const lines = evidence.map((event) => {
    const { address = ip, port } = sourceIn([event]) ?? {};
    return [event.at, port === undefined ? address : `[${address}]:${port}`, event.class ?? event.kind].join(
      ' ',
    );
  });
  const payload = Buffer.from(`${lines.join('\n')}\n`);
  return {
    content_type: 'text/plain',
    description: 'The newest events: time (UTC), address with the port if it is known, and what happened',
    payload: payload.toString('base64'),
    hash: `sha256:${createHash('sha256').update(payload).digest('hex')}`,
    size: payload.length,
  };
}

/** Address and port of the newest event of which the log has the port. */
function sourceIn(evidence: readonly Evidence[]): Source | undefined {
  for (const { line } of evidence.toReversed()) {
    const [, address, digits] = PORT.exec(line) ?? [];
    const port = Number(digits);
    if (address !== undefined && port >= 1 && port <= MAX_PORT) return { address, port };
  }
  return undefined;
}
