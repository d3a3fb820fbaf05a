// Policy connections of clients that misbehave, that do not read, and that are open when the service closes.

import { spawn } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { PolicyConnection } from '../../src/policy/connection.ts';
import { PolicyClient } from '../harness/daemon.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { until } from '../harness/until.ts';
import { fullRequest } from './requests.ts';
import { ended, endServices, listen, type Reports, serviceWith, unix } from './services.ts';

interface Peer {
  readonly socket: Socket;
  received: string;
  /** the service has sent its FIN */
  hasEnded: boolean;
  isClosed: boolean;
}

const REQUEST = fullRequest('3.12', { client_address: '192.0.2.1' });
const REPLY = 'action=192.0.2.1\n\n';

describe('policy/connection', () => {
  let reports: Reports;
  let path: string;

  beforeEach(async () => {
    reports = serviceWith();
    path = join(temporaryFolder(), 'policy.sock');
    await listen(reports.service, unix(path));
  });
  afterEach(endServices);

  async function peer(): Promise<Peer> {
    const found: Peer = { socket: ended(connect(path)), received: '', hasEnded: false, isClosed: false };
    found.socket.on('data', (chunk) => {
      found.received += chunk.toString();
    });
    found.socket.on('end', () => {
      found.hasEnded = true;
    });
    found.socket.on('error', () => undefined);
    found.socket.on('close', () => {
      found.isClosed = true;
    });
    await new Promise((connected) => found.socket.once('connect', connected));
    return found;
  }

  describe('closes without a reply, and reports why and where,', () => {
    const bad: readonly (readonly [reason: string, text: string, reports: RegExp])[] = [
      ['a line without "="', 'HELO mail.example.org\n', /without "="/],
      ['a foreign type', 'request=dovecot\n\n', /request type "dovecot", expected smtpd_access_policy/],
      ['an oversized request', `sender=${'x'.repeat(70_000)}\n`, /more than 65536 bytes/],
    ];
    for (const [reason, text, expected] of bad) {
      it(`after ${reason}`, async () => {
        const client = await peer();
        client.socket.write(text);
        await until('the end of the connection', () => client.isClosed);
        expect(client.received).to.equal('');
        expect(reports.refused.map(({ where }) => where)).to.deep.equal([`unix:${path}`]);
        expect(reports.refused[0]?.reason).to.match(expected);
        await until('nobody', () => reports.service.connections === 0);
      });
    }

    it('after the replies to the requests in front of it', async () => {
      const client = await peer();
      client.socket.write(`${REQUEST}${REQUEST}EHLO mail.example.org\n${REQUEST}`);
      await until('the end of the connection', () => client.isClosed);
      expect(client.received).to.equal(REPLY + REPLY);
    });

    it('once, however much more comes', async () => {
      const client = await peer();
      client.socket.write('EHLO mail.example.org\n'.repeat(20_000));
      await until('the end of the connection', () => client.isClosed);
      expect(reports.refused).to.have.length(1);
      expect(reports.requests).to.deep.equal([]);
    });
  });

  it('says nothing of a client that hangs up within a request', async () => {
    const client = await peer();
    client.socket.write(REQUEST.slice(0, 100));
    client.socket.end();
    await until('the end of the connection', () => client.isClosed);
    await until('nobody', () => reports.service.connections === 0);
    expect(client.received).to.equal('');
    expect(reports.refused).to.deep.equal([]);
  });

  it('pauses a client that never reads its replies, while others are served, and goes on when it reads', async () => {
    const count = 20_000;
    const long = serviceWith(() => `action=${'x'.repeat(4000)}\n\n`);
    const place = join(temporaryFolder(), 'policy.sock');
    await listen(long.service, unix(place));
    const lazy = ended(connect(place));
    lazy.write(REQUEST.repeat(count));
    const other = await PolicyClient.open(place);
    for (let i = 0; i < 50; i++) await other.ask({ client_address: '192.0.2.77' });
    other.close();
    const answered = long.requests.filter(({ clientAddress }) => clientAddress === '192.0.2.1').length;
    expect(answered).to.be.above(0);
    expect(answered).to.be.below(count / 10);
    let received = 0;
    lazy.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    await until('all its replies', () => received === count * 4009);
    expect(long.requests).to.have.length(count + 50);
  });

  it('reports the bytes of unfinished requests and unread replies, and no others', async () => {
    const place = join(temporaryFolder(), 'held.sock');
    const changes: number[] = [];
    const held = () => changes.reduce((sum, more) => sum + more, 0);
    let connection: PolicyConnection | undefined;
    let reply = REPLY;
    const server = createServer((socket) => {
      connection = new PolicyConnection(socket, {
        answer: () => reply,
        refused: () => undefined,
        closed: () => undefined,
        bytesAdded: (more) => changes.push(more),
      });
    });
    await new Promise<void>((open) => server.listen(place, open));
    const client = ended(connect(place));
    for (const [piece, bytes] of [
      [REQUEST.slice(0, 100), 100],
      [REQUEST.slice(100, 150), 150],
    ] as const) {
      client.write(piece);
      await until(`${bytes} bytes`, () => held() === bytes);
      expect(connection?.bytes).to.equal(bytes);
    }
    client.write(REQUEST.slice(150));
    await until('nothing held', () => held() === 0);
    reply = `action=${'x'.repeat(1 << 20)}\n\n`;
    client.pause();
    client.write(REQUEST);
    await until('a reply held', () => held() > 1 << 16);
    expect(connection?.bytes).to.equal(held());
    client.resume();
    await until('nothing held', () => held() === 0);
    expect(changes).not.to.include(0);
    client.destroy();
    server.close();
  });

  describe('when the service closes', () => {
    it('answers the request that has arrived and was not read yet', async () => {
      const client = await peer();
      await until('the connection', () => reports.service.connections === 1);
      client.socket.write(REQUEST);
      await reports.service.close();
      await until('the end of the connection', () => client.isClosed);
      expect(client.received).to.equal(REPLY);
    });

    it('answers the request of which half had come, and then ends', async () => {
      const client = await peer();
      client.socket.write(REQUEST.slice(0, 100));
      await until('the connection', () => reports.service.connections === 1);
      const closing = reports.service.close();
      await new Promise((turn) => setImmediate(turn));
      client.socket.write(REQUEST.slice(100));
      await closing;
      await until('the end of the connection', () => client.isClosed);
      expect(client.received).to.equal(REPLY);
    });

    it('answers nothing after that request', async () => {
      const client = await peer();
      client.socket.write(REQUEST.slice(0, 100));
      await until('the connection', () => reports.service.connections === 1);
      const closing = reports.service.close();
      // More turns of the event loop than the service takes to look at what has come.
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
      client.socket.write(REQUEST.slice(100));
      await until('the reply', () => client.received === REPLY);
      client.socket.write(REQUEST);
      await closing;
      await until('the end of the connection', () => client.isClosed);
      expect(client.received).to.equal(REPLY);
      expect(reports.requests).to.have.length(1);
    });

    it('answers the first request of a new connection, which smtpd sends when it has connected', async () => {
      const client = await peer();
      await until('the connection', () => reports.service.connections === 1);
      const closing = reports.service.close();
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
      client.socket.write(REQUEST);
      await closing;
      await until('the end of the connection', () => client.isClosed);
      expect(client.received).to.equal(REPLY);
    });

    it('hands over connections between two requests, and reads nothing of the next one', async () => {
      const [idle, half] = await Promise.all([peer(), peer()]);
      idle.socket.write(REQUEST);
      half.socket.write(REQUEST.slice(0, 100));
      await until('a reply', () => idle.received === REPLY);
      let heard = '';
      await reports.service.close(async (sockets) => {
        expect(sockets).to.have.length(1);
        // A process that outlives ours: what is written from now on arrives there.
        const program = "new (require('node:net').Socket)({ fd: 3, readable: true }).pipe(process.stdout)";
        const child = spawn(process.execPath, ['--eval', program], {
          stdio: ['ignore', 'pipe', 'ignore', ...sockets],
        });
        child.stdout?.on('data', (chunk) => {
          heard += chunk;
        });
      });
      idle.socket.write(REQUEST);
      await until('the request in the next process', () => heard === REQUEST);
      expect(idle.isClosed).to.equal(false);
      expect(half.received).to.equal('');
      expect(reports.requests).to.have.length(1);
      idle.socket.destroy();
    });

    it('ends idle connections, and accepts no new ones', async () => {
      const clients = await Promise.all([peer(), peer()]);
      await until('the connections', () => reports.service.connections === 2);
      await reports.service.close();
      await until('their end', () => clients.every(({ isClosed }) => isClosed));
      expect(clients.map(({ received }) => received)).to.deep.equal(['', '']);
      const refused = await new Promise<NodeJS.ErrnoException>((failed) =>
        connect(path).once('error', failed),
      );
      expect(refused.code).to.equal('ENOENT');
    });

    it('ends also with a client that never finishes its request, and with one that never reads', async () => {
      const client = await peer();
      client.socket.write(REQUEST.slice(0, 100));
      const lazy = ended(connect(path));
      lazy.write(REQUEST.repeat(50_000));
      await until('the connections', () => reports.service.connections === 2 && reports.requests.length > 0);
      await reports.service.close();
      await until('nobody', () => reports.service.connections === 0);
      await until('the end of the connection', () => client.isClosed);
      expect(client.received).to.equal('');
    });
  });
});
