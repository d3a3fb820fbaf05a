// A webhook, against a real HTTP server that fails, hangs, redirects and floods.

import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import type { WebhookTarget } from '../../src/config/fields/notice-fields.ts';
import { signature } from '../../src/notices/signature.ts';
import { postNotice } from '../../src/notices/webhook.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { AT, block, ID, noticeWith, TROUBLE } from './events.ts';

const NEVER = new AbortController().signal;
const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly method: string | undefined;
  readonly path: string | undefined;
}

describe('notices/webhook: a receiver', () => {
  const received: Received[] = [];
  let answer: (response: ServerResponse) => void = (response) => response.end();
  const server = createServer(async (request, response) => {
    const { headers, method, url: path } = request;
    received.push({ headers, method, path, body: await text(request) });
    answer(response);
  });
  let url = '';

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?a=b`;
  });
  beforeEach(() => {
    received.length = 0;
  });
  after(() => server.closeAllConnections());
  after((done) => void server.close(done));

  function post(target: Partial<WebhookTarget> = {}, signal = NEVER, notice = noticeWith(block())) {
    const base = { type: 'webhook', url, format: 'json', events: ['block'], timeout: 5000 } as const;
    return postNotice({ ...base, ...target }, notice, AT, signal);
  }

  function answers(status: number, headers: Readonly<Record<string, string>> = {}): void {
    answer = (response) => response.writeHead(status, headers).end();
  }

  function secretFile(content: string, mode = 0o640): string {
    const path = join(temporaryFolder(), 'secret');
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  }

  it('gets the notice as JSON by POST', async () => {
    answers(204);
    expect(await post()).to.deep.equal({ type: 'sent' });
    const [{ headers, body, method, path } = received[0] as never] = received;
    expect([method, path, received.length]).to.deep.equal(['POST', '/hook?a=b', 1]);
    expect(headers).to.include({ 'content-type': 'application/json', 'webhook-id': ID });
    expect(headers).not.to.have.property('webhook-signature');
    expect(JSON.parse(body)).to.deep.equal(noticeWith(block()));
  });

  it('gets a text for Slack, with its signs escaped', async () => {
    answers(200);
    await post({ format: 'slack' }, NEVER, noticeWith({ ...TROUBLE, reason: 'a <b> & c' } as typeof TROUBLE));
    expect(JSON.parse(received[0]?.body ?? '')).to.deep.equal({
      text: 'mx1: trouble log-silent: a &lt;b&gt; &amp; c',
    });
  });

  it('gets a signature that only the key makes, of the body and the time', async () => {
    answers(200);
    await post({ secretFile: secretFile(`${KEY}\n`) });
    const [{ headers, body } = received[0] as never] = received;
    const signed = { id: ID, timestamp: Math.floor(AT / 1000), body };
    const key = Buffer.from(KEY.slice(6), 'base64');
    expect(headers['webhook-timestamp']).to.equal(String(signed.timestamp));
    expect(headers['webhook-signature']).to.equal(signature(signed, key));
    expect(signature({ ...signed, timestamp: signed.timestamp + 1 }, key)).not.to.equal(
      signature(signed, key),
    );
    expect(signature(signed, Buffer.from('another key of many bytes'))).not.to.equal(signature(signed, key));
  });

  const secrets: readonly (readonly [string, string, number, RegExp])[] = [
    ['that all users can read', KEY, 0o644, /all users can read or write it/],
    ['with a short key', 'short', 0o600, /a key of 5 bytes; expected 24 to 1024/],
    ['that is empty', '', 0o600, /a key of 0 bytes/],
    ['that is a log', 'x'.repeat(9999), 0o600, /is larger than/],
  ];
  for (const [what, content, mode, reason] of secrets)
    it(`gets nothing where there is a secret file ${what}`, async () => {
      const outcome = await post({ secretFile: secretFile(content, mode) });
      expect([outcome.type, received.length]).to.deep.equal(['retry', 0]);
      expect(outcome).to.have.property('reason').that.matches(reason);
    });

  const outcomes: readonly (readonly [number, string])[] = [
    [200, 'sent'],
    [202, 'sent'],
    [400, 'refused'],
    [401, 'refused'],
    [404, 'refused'],
    [410, 'refused'],
    [408, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
  ];
  for (const [status, type] of outcomes)
    it(`that answers with ${status} makes it ${type}`, async () => {
      answers(status);
      expect((await post()).type).to.equal(type);
    });

  it('is asked again when it says so', async () => {
    answers(503, { 'retry-after': '120' });
    expect(await post()).to.deep.include({ type: 'retry', after: 120_000 });
  });

  it('cannot redirect to another', async () => {
    for (const status of [301, 302, 307, 308]) {
      answers(status, { location: url });
      expect((await post()).type).to.equal('refused');
    }
    expect(received).to.have.lengthOf(4);
  });

  it('that hangs is left after the timeout', async () => {
    answer = () => {};
    expect(await post({ timeout: 100 })).to.deep.equal({ type: 'retry', reason: 'no answer within 0.1 s' });
  });

  it('that hangs is left when the daemon stops', async () => {
    answer = () => {};
    const stop = new AbortController();
    const posted = post({ timeout: 60_000 }, stop.signal);
    setImmediate(() => stop.abort());
    expect((await posted).type).to.equal('retry');
  });

  it('that floods is not read', async () => {
    let written = 0;
    const closed = new Promise<void>((resolve) => {
      answer = (response) => {
        response.writeHead(200);
        const flood = () => {
          while (!response.destroyed && written < 1 << 28 && response.write('x'.repeat(1 << 16)))
            written += 1 << 16;
        };
        response
          .on('drain', flood)
          .on('close', resolve)
          .on('error', () => {});
        flood();
      };
    });
    expect((await post()).type).to.equal('sent');
    await closed;
    expect(written).to.be.below(1 << 26);
  });

  it('that is not there is tried again', async () => {
    const outcome = await post({ url: 'http://127.0.0.1:1/' });
    expect(outcome).to.deep.include({ type: 'retry', reason: 'connect ECONNREFUSED 127.0.0.1:1' });
  });

  it('that sends endless headers, or another protocol, is left', async () => {
    for (const [said, repeat] of [
      [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`, true],
      ['220 mail.example.org ESMTP Postfix\r\n', false],
    ] as const) {
      const sockets: Socket[] = [];
      const other = createTcpServer((socket) => {
        sockets.push(socket.on('error', () => {}));
        socket.write(said);
        if (repeat) socket.write('z'.repeat(1 << 20));
      }).listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      expect((await post({ url: `http://127.0.0.1:${port}/` })).type).to.equal('retry');
      for (const socket of sockets) socket.destroy();
      other.close();
    }
  });
});
