// The metrics server against clients that mean no good: it stays bounded, and goes on answering others.

import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { Counts } from '../../../src/health/metrics/counts.ts';
import { samplesOf } from '../../../src/health/metrics/samples.ts';
import { MetricsServer } from '../../../src/health/metrics/server.ts';
import type { Trouble } from '../../../src/health/status.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { until } from '../../harness/until.ts';
import { figures, NOW } from './figures.ts';

const TROUBLE: Trouble = {
  what: 'log-silent',
  since: '2026-11-27T00:00:00.000Z',
  reason: 'nothing is counted',
};

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

describe('health/metrics/server', () => {
  let server: MetricsServer;
  let path: string;
  let now: number;
  let built: number;
  let troubles: readonly Trouble[];
  let faults: unknown[];
  let isBroken: boolean;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    path = join(temporaryFolder(), 'metrics.sock');
    now = NOW;
    built = 0;
    troubles = [];
    faults = [];
    isBroken = false;
    const source = {
      clock: () => now,
      samples: async () => {
        built++;
        if (isBroken) throw new Error('no samples');
        return samplesOf(new Counts(), figures(), now);
      },
      troubles: () => troubles,
    };
    const events = { failed: () => undefined, fault: (error: unknown) => void faults.push(error) };
    server = await MetricsServer.open({ type: 'unix', path, mode: 0o600 }, source, events);
  });

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
  });

  function get(
    target: string,
    options: { method?: string; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath: path, path: target, agent: false, ...options }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      });
      sent.on('error', reject).end();
    });
  }

  /** A connection on which these bytes are sent; what comes back is kept. */
  function dial(bytes: string | Buffer = ''): { socket: Socket; isClosed: boolean; received: string } {
    const socket = connect(path);
    const client = { socket, isClosed: false, received: '' };
    sockets.push(socket);
    socket.on('error', () => undefined).on('close', () => (client.isClosed = true));
    socket.on('data', (chunk) => (client.received += chunk.toString('latin1')));
    if (bytes.length > 0) socket.write(bytes);
    return client;
  }

  it('answers /metrics in the format that the client accepts', async () => {
    const text = await get('/metrics');
    expect(text.status).to.equal(200);
    expect(text.headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8');
    const open = await get('/metrics?x=1', {
      headers: { accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5' },
    });
    expect(open.headers['content-type']).to.match(/^application\/openmetrics-text; version=1\.0\.0/);
    expect(open.text).to.match(/\n# EOF\n$/);
  });

  it('answers /healthz with 200, or 503 and the troubles', async () => {
    expect(await get('/healthz')).to.deep.include({ status: 200, text: 'ok\n' });
    troubles = [TROUBLE];
    const text = 'log-silent since 2026-11-27T00:00:00.000Z: nothing is counted\n';
    expect(await get('/healthz')).to.deep.include({ status: 503, text });
  });

  it('answers a target in the absolute form too', async () => {
    expect((await get('http://127.0.0.1:9154/healthz?x')).text).to.equal('ok\n');
    for (const target of ['http://', 'http://127.0.0.1:9154', 'http://127.0.0.1:9154//metrics', '//metrics'])
      expect((await get(target)).status, target).to.equal(404);
  });

  it('answers other paths with 404, other methods with 405, and HEAD without a text', async () => {
    expect((await get('/')).status).to.equal(404);
    expect((await get('/metrics/x')).status).to.equal(404);
    const post = await get('/metrics', { method: 'POST' });
    expect(post.status).to.equal(405);
    expect(post.headers.allow).to.equal('GET, HEAD');
    const head = await get('/metrics', { method: 'HEAD' });
    expect(head).to.deep.include({ status: 200, text: '' });
    expect(Number(head.headers['content-length'])).to.be.above(1000);
  });

  it('makes the text once a second, however many ask, and again when the clock was set back', async () => {
    await Promise.all(Array.from({ length: 8 }, () => get('/metrics')));
    expect(built).to.equal(1);
    now += 1000;
    await get('/metrics');
    expect(built).to.equal(2);
    now -= 60_000;
    await get('/metrics');
    expect(built).to.equal(3);
  });

  it('closes the connection where there are no samples, and answers when there are', async () => {
    isBroken = true;
    await get('/metrics').then(
      () => expect.fail('answered'),
      () => undefined,
    );
    expect(faults).to.have.lengthOf(1);
    isBroken = false;
    expect((await get('/metrics')).status).to.equal(200);
  });

  it('answers 50 requests in a second, and refuses more', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 60; i++) statuses.push((await get('/healthz')).status);
    expect(statuses.filter((status) => status === 200)).to.have.lengthOf(50);
    expect(statuses.at(-1)).to.equal(429);
    now += 1000;
    expect((await get('/healthz')).status).to.equal(200);
  });

  it('keeps 16 connections that say nothing, and still answers', async () => {
    const silent = Array.from({ length: 40 }, () => dial());
    await until('all but 16 to be closed', () => silent.filter(({ isClosed }) => isClosed).length >= 24);
    expect((await get('/healthz')).status).to.equal(200);
    expect(silent.filter(({ isClosed }) => !isClosed)).to.have.lengthOf.at.most(16);
  });

  const hostile: readonly (readonly [what: string, bytes: string | Buffer])[] = [
    ['a header that does not end', `GET /metrics HTTP/1.1\r\nX: ${'a'.repeat(100_000)}`],
    ['a line that does not end', `GET /${'a'.repeat(100_000)}`],
    ['thousands of headers', `GET /metrics HTTP/1.1\r\n${'a: b\r\n'.repeat(5000)}`],
    ['no HTTP', Buffer.from([0, 255, 13, 10, 22, 3, 1, 0, 13, 10, 13, 10])],
    ['a method that tunnels', 'CONNECT localhost:25 HTTP/1.1\r\nHost: localhost:25\r\n\r\n'],
    ['two lengths', 'GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n'],
  ];
  for (const [what, bytes] of hostile)
    it(`ends a connection with ${what}, and goes on`, async () => {
      const client = dial(bytes);
      await until('the end of the connection', () => client.isClosed);
      expect((await get('/metrics')).status).to.equal(200);
    });

  it('reads no body: it ends the connection, and goes on', async () => {
    const client = dial('GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n');
    const more = setInterval(() => client.socket.write('x'.repeat(10_000)), 5);
    await until('the end of the connection', () => client.isClosed).finally(() => clearInterval(more));
    expect((await get('/metrics')).status).to.equal(200);
  });

  it('ends with all its connections', async () => {
    const client = dial('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
    await until('an answer', () => client.received !== '');
    server.close();
    await until('the end of the connection', () => client.isClosed);
  });
});
