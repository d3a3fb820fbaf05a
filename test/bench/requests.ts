// Policy requests as smtpd(8) of Postfix 3.7 sends them (SMTPD_POLICY_README; in the order of smtpd_check.c).

import { Host } from './month/host.ts';

export interface RequestOptions {
  readonly seed?: number;
  /** client addresses of the requests; default: abusers, senders and customers of the month */
  readonly addresses?: readonly string[];
}

/** One request in ten is from the end of DATA, the others are from RCPT. */
const DATA_END = 0.1;

/** Any number of requests, in one text. */
export function policyRequests(count: number, { seed = 1, addresses }: RequestOptions = {}): string {
  const host = new Host(seed);
  return Array.from({ length: count }, () => {
    const client = host.random.chance(0.5) ? host.sender() : host.abuser();
    const address = addresses === undefined ? client.address : host.random.pick(addresses);
    return `${attributes(host, address, client.name).join('\n')}\n\n`;
  }).join('');
}

function attributes(host: Host, address: string, name: string): string[] {
  const { random } = host;
  const isEnd = random.chance(DATA_END);
  const hasTls = random.chance(0.8);
  const helo = name === 'unknown' ? `WIN-${random.hex(8)}` : name;
  const instance = `${random.hex(5)}.${random.hex(8)}.${random.hex(5)}.0`.toLowerCase();
  return [
    'request=smtpd_access_policy',
    `protocol_state=${isEnd ? 'END-OF-MESSAGE' : 'RCPT'}`,
    'protocol_name=ESMTP',
    `client_address=${address}`,
    `client_name=${name}`,
    `client_port=${random.between(1024, 65_535)}`,
    `reverse_client_name=${name}`,
    'server_address=192.0.2.25',
    'server_port=25',
    `helo_name=${helo}`,
    `sender=${host.mailbox('example.net')}`,
    `recipient=${host.mailbox()}`,
    `recipient_count=${isEnd ? 1 : 0}`,
    `queue_id=${isEnd ? host.queueId() : ''}`,
    `instance=${instance}`,
    `size=${random.between(1_200, 400_000)}`,
    'etrn_domain=',
    'stress=',
    'sasl_method=',
    'sasl_username=',
    'sasl_sender=',
    'ccert_subject=',
    'ccert_issuer=',
    'ccert_fingerprint=',
    'ccert_pubkey_fingerprint=',
    `encryption_protocol=${hasTls ? 'TLSv1.3' : ''}`,
    `encryption_cipher=${hasTls ? 'TLS_AES_256_GCM_SHA384' : ''}`,
    `encryption_keysize=${hasTls ? 256 : 0}`,
    'policy_context=',
  ];
}
