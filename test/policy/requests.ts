// Policy requests as Postfix sends them, version by version (SMTPD_POLICY_README).

import { OTHER_STATE, PROTOCOL_STATES } from '../../src/policy/protocol-state.ts';
import { type PolicyRequest, RequestError } from '../../src/policy/request.ts';
import { RequestParser } from '../../src/policy/request-parser.ts';

/** The attributes in the order in which smtpd sends them, with the first version that has them. */
export const ATTRIBUTES: readonly (readonly [since: string, name: string, value: string])[] = [
  ['2.1', 'request', 'smtpd_access_policy'],
  ['2.1', 'protocol_state', 'RCPT'],
  ['2.1', 'protocol_name', 'ESMTP'],
  ['2.1', 'client_address', '192.0.2.1'],
  ['2.1', 'client_name', 'host.example.org'],
  ['3.0', 'client_port', '51324'],
  ['2.1', 'reverse_client_name', 'host.example.org'],
  ['3.2', 'server_address', '203.0.113.25'],
  ['3.2', 'server_port', '587'],
  ['2.1', 'helo_name', 'laptop.example.org'],
  ['2.1', 'sender', 'alice=home@example.org'],
  ['2.1', 'recipient', 'bob@example.net'],
  ['2.1', 'recipient_count', '0'],
  ['2.1', 'queue_id', ''],
  ['2.1', 'instance', '3a1f.6741f3c2.8b2e.0'],
  ['2.2', 'size', '12345'],
  ['2.3', 'etrn_domain', ''],
  ['2.5', 'stress', ''],
  ['2.2', 'sasl_method', 'plain'],
  ['2.2', 'sasl_username', 'alice'],
  ['2.2', 'sasl_sender', ''],
  ['2.2', 'ccert_subject', 'laptop'],
  ['2.2', 'ccert_issuer', 'Example+20CA'],
  ['2.2', 'ccert_fingerprint', 'C2:9D:F4:87:71:73:73:D9:18:E7:C2:F3:C1:DA:6E:04'],
  ['2.9', 'ccert_pubkey_fingerprint', '68:B3:29:DA:98:93:E3:40:99:C7:D8:AD:5C:B9:C9:40'],
  ['2.3', 'encryption_protocol', 'TLSv1.3'],
  ['2.3', 'encryption_cipher', 'TLS_AES_256_GCM_SHA384'],
  ['2.3', 'encryption_keysize', '256'],
  ['3.1', 'policy_context', 'submission'],
  ['3.8', 'compatibility_level', '3.9'],
  ['3.9', 'mail_version', '3.12.0'],
];

/** A request is valid as long as it is handed over; what is looked at later is a copy. */
export function copyOf(request: PolicyRequest): PolicyRequest {
  const { clientAddress, clientName, instance, protocolState, stateCode, saslUsername } = request;
  return { clientAddress, clientName, instance, protocolState, stateCode, saslUsername };
}

/** A request with these attributes and no others. */
export function requestWith(attributes: Partial<PolicyRequest> = {}): PolicyRequest {
  const { protocolState = '' } = attributes;
  const index = (PROTOCOL_STATES as readonly string[]).indexOf(protocolState);
  return {
    clientAddress: '',
    clientName: '',
    instance: '',
    protocolState,
    stateCode: index < 0 ? OTHER_STATE : index,
    saslUsername: '',
    ...attributes,
  };
}

export const VERSIONS = [
  '2.1',
  '2.2',
  '2.3',
  '2.5',
  '2.9',
  '3.0',
  '3.1',
  '3.2',
  '3.8',
  '3.9',
  '3.12',
] as const;

/** protocol_state as smtpd knows it (SMTPD_POLICY_README). */
export const STATES = [
  'CONNECT',
  'EHLO',
  'HELO',
  'MAIL',
  'RCPT',
  'DATA',
  'END-OF-MESSAGE',
  'VRFY',
  'ETRN',
] as const;

/** A whole request of a Postfix of this version, with some of the values replaced. */
export function fullRequest(version: string, values: Readonly<Record<string, string>> = {}): string {
  const sent = ATTRIBUTES.filter(([since]) => isUpTo(since, version));
  return `${sent.map(([, name, value]) => `${name}=${values[name] ?? value}\n`).join('')}\n`;
}

/** What a parser made of a stream of pieces. */
export interface Outcome {
  readonly requests: PolicyRequest[];
  readonly error: RequestError | undefined;
}

/** Pushes the pieces until the end, or the first RequestError; any other error is the test's failure. */
export function parsePieces(pieces: Iterable<Buffer>): Outcome {
  const parser = new RequestParser();
  const requests: PolicyRequest[] = [];
  try {
    for (const piece of pieces) parser.push(piece, (request) => requests.push(copyOf(request)));
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { requests, error };
  }
  return { requests, error: undefined };
}

/** The text's bytes in pieces of `size`, each a buffer of its own. */
export function* piecesOf(text: string, size: number): Generator<Buffer> {
  for (let from = 0; from < text.length; from += size)
    yield Buffer.from(text.slice(from, from + size), 'latin1');
}

function isUpTo(since: string, version: string): boolean {
  const [major = 0, minor = 0] = since.split('.').map(Number);
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return major < ownMajor || (major === ownMajor && minor <= ownMinor);
}
