// The policy service over real sockets: one table of requests and replies, however the bytes come.

import { connect, type NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { DUNNO, verdict } from '../../src/policy/verdict.ts';
import { HOUR } from '../../src/values/duration.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { until } from '../harness/until.ts';
import { blocksOf, REJECT, START } from './blocks-fixture.ts';
import { fullRequest, piecesOf } from './requests.ts';
import { ANY_PORT, ended, endServices, listen, portOf, type Reports, serviceWith, unix } from './services.ts';

const BLOCKED = '192.0.2.1';

/** Requests and their replies, in the order in which they are asked. */
const TABLE: readonly (readonly [request: string, reply: string])[] = [
  [fullRequest('3.12', { client_address: '198.51.100.1' }), DUNNO],
  [fullRequest('3.12', { client_address: BLOCKED }), REJECT],
  [fullRequest('2.1', { client_address: BLOCKED, protocol_state: 'CONNECT' }), REJECT],
  [fullRequest('3.9', { client_address: BLOCKED, client_name: 'mail.example.com' }), DUNNO],
  [
    fullRequest('3.9', { client_address: BLOCKED, client_name: 'unknown', helo_name: 'mail.example.com' }),
    REJECT,
  ],
  [fullRequest('2.5', { client_address: '2001:db8:1:2::99' }), REJECT],
  [fullRequest('2.9', { client_address: 'unknown' }), DUNNO],
  [fullRequest('3.0', { client_address: BLOCKED, protocol_state: 'END-OF-MESSAGE' }), REJECT],
  ['request=smtpd_access_policy\n\n', DUNNO],
];
const REQUESTS = TABLE.map(([request]) => request).join('');
const REPLIES = TABLE.map(([, reply]) => reply).join('');

describe('policy/server', () => {
  let reports: Reports;
  let clients: Readonly<Record<'TCP' | 'unix', NetConnectOpts>>;

  beforeEach(async () => {
    const blocks = blocksOf({ blocked: [BLOCKED, '2001:db8:1:2::3'], allow: ['mail.example.com'] });
    reports = serviceWith((request) => verdict(request, blocks, START + HOUR));
    const path = join(temporaryFolder(), 'policy.sock');
    await listen(reports.service, unix(path), ANY_PORT);
    clients = { unix: { path }, TCP: { host: '127.0.0.1', port: portOf(reports.service) } };
  });
  afterEach(endServices);

  for (const kind of ['unix', 'TCP'] as const) {
    for (const size of [4096, 128, 16, 1]) {
      it(`answers the whole table over ${kind} in pieces of ${size}`, async () => {
        const socket = ended(connect({ noDelay: true, ...clients[kind] }));
        let received = '';
        socket.on('data', (chunk) => {
          received += chunk.toString();
        });
        for (const piece of piecesOf(REQUESTS, size)) {
          await new Promise((sent) => socket.write(piece, sent));
        }
        await until('all replies', () => received.length >= REPLIES.length);
        expect(received).to.equal(REPLIES);
        expect(reports.refused).to.deep.equal([]);
      });
    }

    it(`answers each request of the table as soon as it is whole over ${kind}`, async () => {
      const socket = ended(connect(clients[kind]));
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk.toString();
      });
      for (const [request, reply] of TABLE) {
        received = '';
        socket.write(request);
        expect(await until('a reply', () => received.endsWith('\n\n') && received)).to.equal(reply);
      }
    });
  }

  it('keeps many connections apart, whose requests come interleaved', async () => {
    const asked = Array.from({ length: 50 }, (_, i) => `198.51.100.${i}`);
    const plain = serviceWith();
    await listen(plain.service, ANY_PORT);
    const connections = asked.map((address) => {
      const socket = ended(connect({ host: '127.0.0.1', port: portOf(plain.service), noDelay: true }));
      const connection = { socket, text: fullRequest('3.12', { client_address: address }), received: '' };
      socket.on('data', (chunk) => {
        connection.received += chunk.toString();
      });
      return connection;
    });
    const longest = Math.max(...connections.map(({ text }) => text.length));
    for (let from = 0; from < longest; from += 50) {
      await Promise.all(
        connections.map(
          ({ socket, text }) => new Promise((sent) => socket.write(text.slice(from, from + 50), sent)),
        ),
      );
    }
    await until('all replies', () => connections.every(({ received }) => received.endsWith('\n\n')));
    expect(connections.map(({ received }) => received)).to.deep.equal(asked.map((ip) => `action=${ip}\n\n`));
  });

  it('counts the connections that are open', async () => {
    const sockets = [1, 2, 3].map(() => ended(connect(clients.unix)));
    await until('three connections', () => reports.service.connections === 3);
    sockets[0]?.destroy();
    sockets[1]?.end();
    await until('one connection', () => reports.service.connections === 1);
  });
});
