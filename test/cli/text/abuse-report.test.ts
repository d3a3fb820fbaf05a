// Abuse reports: valid XARF 4, and nothing in them that is about others than the source.

import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect } from 'chai';
import { abuseReport } from '../../../src/cli/text/abuse-report.ts';
import type { Evidence } from '../../../src/desk/answers.ts';

const ID = '0b0e3b4e-6f0e-4c0e-9a53-8d8a4e0c2f11';
const AT = '2026-11-24T19:09:10.000Z';
const REPORTER = { org: 'Example Mail', contact: 'abuse@example.com', domain: 'example.com' };

const CONTACT = {
  type: 'object',
  required: ['org', 'contact', 'domain'],
  additionalProperties: false,
  properties: {
    org: { type: 'string', maxLength: 200 },
    contact: { type: 'string', format: 'email' },
    domain: { type: 'string', format: 'hostname' },
  },
};
const ITEM = {
  type: 'object',
  required: ['content_type', 'payload'],
  additionalProperties: false,
  properties: {
    content_type: { type: 'string' },
    description: { type: 'string', maxLength: 500 },
    payload: { type: 'string' },
    hash: { type: 'string', pattern: '^(?:md5|sha1|sha256|sha512):[a-fA-F0-9]+$' },
    size: { type: 'integer', minimum: 0, maximum: 5_242_880 },
  },
};
/** What xarf-core, connection-login-attack and reputation-blocklist of XARF 4 ask for. */
const XARF = {
  type: 'object',
  required: [
    'xarf_version',
    'report_id',
    'timestamp',
    'reporter',
    'sender',
    'source_identifier',
    'category',
    'type',
  ],
  properties: {
    xarf_version: { type: 'string', pattern: '^4\\.[0-9]+\\.[0-9]+$' },
    report_id: { type: 'string', format: 'uuid' },
    timestamp: { type: 'string', format: 'date-time' },
    reporter: CONTACT,
    sender: CONTACT,
    source_identifier: { type: 'string' },
    source_port: { type: 'integer', minimum: 1, maximum: 65_535 },
    evidence_source: { type: 'string' },
    evidence: { type: 'array', items: ITEM, maxItems: 50 },
    description: { type: 'string', maxLength: 1000 },
    first_seen: { type: 'string', format: 'date-time' },
    last_seen: { type: 'string', format: 'date-time' },
  },
  oneOf: [
    {
      properties: {
        category: { const: 'connection' },
        type: { const: 'login_attack' },
        protocol: { enum: ['tcp'] },
      },
      required: ['protocol', 'first_seen', 'source_port'],
    },
    {
      properties: {
        category: { const: 'reputation' },
        type: { const: 'blocklist' },
        threat_type: { type: 'string' },
      },
      required: ['threat_type'],
    },
  ],
};
const ajv = new Ajv2020({ allErrors: true, strictTypes: false, strictRequired: false });
formats.default(ajv);
const validate = ajv.compile(XARF);

interface Report {
  readonly evidence: readonly { readonly payload: string }[];
}

function failure(line = ''): Evidence {
  return { at: AT, kind: 'auth-failure', user: 'bob@example.net', line };
}

function reportOf(evidence: readonly Evidence[], ip = '192.0.2.7', count = 30): Report | undefined {
  const block = { ip, rule: 'auth-failures', since: AT, count, evidence };
  const report = abuseReport(block, REPORTER, ID);
  if (report !== undefined) expect(validate(report), ajv.errorsText(validate.errors)).to.equal(true);
  return report as Report | undefined;
}

function linesOf(report: Report | undefined): string {
  return Buffer.from(report?.evidence[0]?.payload ?? '', 'base64').toString();
}

describe('cli/text/abuse-report: a report', () => {
  it('is one of a login attack where the log has the port', () => {
    const line =
      'mx1 postfix/smtpd[1]: warning: unknown[192.0.2.7]:4711: SASL LOGIN authentication failed: x';
    const report = reportOf([failure(), failure(line)]);
    expect(report).to.include({ type: 'login_attack', source_identifier: '192.0.2.7', source_port: 4711 });
    expect(linesOf(report)).to.equal(`${AT} 192.0.2.7 auth-failure\n${AT} [192.0.2.7]:4711 auth-failure\n`);
  });

  it('names the address in an IPv6 network where the log has its port, and else the network', () => {
    const line =
      'mx1 postfix/smtpd[1]: warning: unknown[2001:db8:1:2::7]:4711: SASL LOGIN authentication failed';
    const network = '2001:db8:1:2::/64';
    expect(reportOf([failure(line)], network)).to.include({ source_identifier: '2001:db8:1:2::7' });
    expect(reportOf([failure()], network)).to.include({
      source_identifier: network,
      threat_type: 'login_attack',
    });
  });

  it('believes no port that the client has written', () => {
    for (const line of [
      'mx1 postfix/smtpd[1]: warning: unknown[192.0.2.7]: SASL LOGIN authentication failed: x[192.0.2.7]:4711: y',
      'mx1 postfix/smtpd[1]: warning: unknown[192.0.2.7]:99999: SASL LOGIN authentication failed',
      'mx1 postfix/smtpd[1]: warning: unknown[192.0.2.7]:0: SASL LOGIN authentication failed',
    ])
      expect(reportOf([failure(line)])).to.include({ category: 'reputation', type: 'blocklist' });
  });

  for (const [kind, threat] of [
    ['rejected-recipient', 'recipient_harvesting'],
    ['dropped-connection', 'connection_flood'],
    ['rejected-message', 'spam'],
    ['probe', 'probing'],
  ] as const)
    it(`is one of a listed address for ${kind}`, () => {
      expect(reportOf([{ at: AT, kind, line: '' }])).to.include({ type: 'blocklist', threat_type: threat });
    });

  it('holds nothing of what the client wrote, or of others', () => {
    const words = { sender: 'secret', recipient: 'secret', helo: 'secret', reply: 'secret', user: 'secret' };
    const line = 'mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from secret[192.0.2.7]:25: 550 secret';
    const report = reportOf([
      { at: AT, kind: 'rejected-recipient', class: 'unknown-recipient', ...words, line },
    ]);
    expect(JSON.stringify(report) + linesOf(report)).not.to.include('secret');
    expect(linesOf(report)).to.match(/ unknown-recipient\n$/);
  });

  it('is none of a block by hand', () => {
    expect(reportOf([failure()], '192.0.2.7', 0)).to.equal(undefined);
    expect(reportOf([])).to.equal(undefined);
  });
});
