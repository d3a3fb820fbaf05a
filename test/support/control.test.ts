// The control socket: one request a connection, whatever bytes come, and the lock of the state directory.

import { statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { ControlServer } from '../../src/support/control.ts';
import { CONTROL_VERSION, type ControlRequest, DeskError, MAX_REQUEST } from '../../src/support/protocol.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { until } from '../harness/until.ts';

const LIST = `${JSON.stringify({ version: CONTROL_VERSION, command: 'list' })}\n`;
const TAIL = `${JSON.stringify({ version: CONTROL_VERSION, command: 'tail' })}\n`;

/** A client that keeps all it is told. */
class Client {
  readonly socket: Socket;
  text = '';
  isClosed = false;

  constructor(path: string) {
    this.socket = connect(path).setEncoding('utf8');
    this.socket.on('data', (chunk) => {
      this.text += chunk;
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.isClosed = true;
    });
  }

  /** All that was told until the server closed the connection. */
  async all(): Promise<string> {
    await until('the end of the connection', () => this.isClosed);
    return this.text;
  }

  async reply(): Promise<Record<string, unknown>> {
    const text = await this.all();
    expect(text).to.match(/^[^\n]+\n$/);
    return JSON.parse(text) as Record<string, unknown>;
  }

  async line(number: number): Promise<unknown> {
    const lines = () => this.text.split('\n');
    return JSON.parse(await until('a line', () => lines().length > number + 1 && lines()[number]));
  }
}

describe('support/control', () => {
  const servers: ControlServer[] = [];
  const requests: ControlRequest[] = [];
  const failures: string[] = [];
  let path = '';
  let answer: (request: ControlRequest) => Promise<unknown>;

  function newServer(): ControlServer {
    const failed = (reason: string) => failures.push(reason);
    const server = new ControlServer((request) => answer(request), { failed });
    servers.push(server);
    return server;
  }

  async function sent(text: string | Buffer): Promise<Record<string, unknown>> {
    const client = new Client(path);
    client.socket.write(text);
    return await client.reply();
  }

  beforeEach(async () => {
    requests.length = 0;
    failures.length = 0;
    answer = async (request) => {
      requests.push(request);
      return { done: request.command };
    };
    path = join(temporaryFolder(), 'control.sock');
    await newServer().open(path, undefined);
  });

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it('answers a request with one line, and closes', async () => {
    expect(await sent(LIST)).to.deep.equal({ version: 1, ok: true, answer: { done: 'list' } });
  });

  it('answers one request a connection: what follows is not done', async () => {
    expect(await sent(LIST + LIST)).to.include({ ok: true });
    const client = new Client(path);
    client.socket.write(LIST);
    await client.line(0);
    client.socket.write(LIST);
    await client.all();
    expect(requests).to.have.lengthOf(2);
  });

  it('answers where the request comes byte by byte, also within a character', async () => {
    const text = `${JSON.stringify({ version: CONTROL_VERSION, command: 'unblock', reason: 'Jürgen 例 😀' })}\n`;
    const client = new Client(path);
    client.socket.setNoDelay(true);
    for (const byte of Buffer.from(text)) {
      await new Promise((resolve) => client.socket.write(Buffer.of(byte), resolve));
    }
    expect(await client.reply()).to.include({ ok: true });
    expect(requests[0]).to.include({ reason: 'Jürgen 例 😀' });
  });

  it('answers a client that has closed its own side after the request', async () => {
    answer = async () => {
      // Turns of the event loop in which the server learns of the end.
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
      return 'done';
    };
    const client = new Client(path);
    client.socket.allowHalfOpen = true;
    client.socket.end(LIST);
    expect(await client.reply()).to.include({ answer: 'done' });
  });

  it('answers each of many at the same time', async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => sent(LIST)));
    for (const reply of replies) expect(reply).to.include({ ok: true });
  });

  for (const [what, text] of [
    ['no JSON', 'list\n'],
    ['an empty line', '\n'],
    ['bytes that are no text', '\xff\xfe\x00\n'],
    ['no object', '"list"\n'],
    ['null', 'null\n'],
    ['a list', '[]\n'],
    ['no version', '{"command":"list"}\n'],
    ['another version', `{"version":${CONTROL_VERSION + 1},"command":"list"}\n`],
    ['the version as a text', `{"version":"${CONTROL_VERSION}","command":"list"}\n`],
    ['no command', `{"version":${CONTROL_VERSION}}\n`],
    ['a command that is no text', `{"version":${CONTROL_VERSION},"command":7}\n`],
    ['a field of the wrong type', `{"version":${CONTROL_VERSION},"command":"show","ip":["192.0.2.1"]}\n`],
  ] as const) {
    it(`refuses ${what}, and does nothing`, async () => {
      expect(await sent(Buffer.from(text, 'latin1'))).to.include({
        version: 1,
        ok: false,
        code: 'bad-request',
      });
      expect(requests).to.deep.equal([]);
      expect(failures).to.deep.equal([]);
    });
  }

  it('names both versions to a client of another one', async () => {
    const { message } = await sent(`{"version":77,"command":"list"}\n`);
    expect(message).to.contain('77').and.to.contain(String(CONTROL_VERSION));
  });

  it('refuses a request without end', async () => {
    expect(await sent('x'.repeat(MAX_REQUEST + 1))).to.include({ ok: false, code: 'bad-request' });
    expect(requests).to.deep.equal([]);
  });

  it('refuses what the desk refuses, with its code', async () => {
    answer = async () => {
      throw new DeskError('not-blocked', '192.0.2.1 is not blocked');
    };
    expect(await sent(LIST)).to.deep.equal({
      version: 1,
      ok: false,
      code: 'not-blocked',
      message: '192.0.2.1 is not blocked',
    });
    expect(failures).to.deep.equal([]);
  });

  it('survives a fault of the desk, and tells of it', async () => {
    answer = async () => {
      throw new Error('fault');
    };
    expect(await sent(LIST)).to.include({ ok: false });
    expect(failures).to.have.lengthOf(1);
    answer = async () => 'well again';
    expect(await sent(LIST)).to.include({ answer: 'well again' });
  });

  it('survives clients that go away before they are answered', async () => {
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let isAsked = false;
    answer = async () => {
      isAsked = true;
      await held;
    };
    const client = new Client(path);
    client.socket.write(LIST);
    await until('the request', () => isAsked);
    client.socket.destroy();
    letGo();
    answer = async () => 'still here';
    expect(await sent(LIST)).to.include({ answer: 'still here' });
  });

  it('is for its owner and group alone', () => {
    expect(statSync(path).mode & 0o777).to.equal(0o660);
  });

  it('is the lock of its directory: a second one on a living socket fails, and the first goes on', async () => {
    const error = await newServer()
      .open(path, undefined)
      .catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'EADDRINUSE' });
    expect(await sent(LIST)).to.include({ ok: true });
  });

  it('is free again when it is closed', async () => {
    for (const server of servers.splice(0)) server.close();
    await newServer().open(path, undefined);
    expect(await sent(LIST)).to.include({ ok: true });
  });

  it('serves a bounded number at a time, and the next when one has gone', async () => {
    const idle = Array.from({ length: 32 }, () => new Client(path));
    await until('the connections', () => idle.every(({ socket }) => !socket.connecting));
    const more = new Client(path);
    expect(await more.all()).to.equal('');
    idle[0]?.socket.destroy();
    const answered = await until('an answer', async () => {
      const client = new Client(path);
      client.socket.write(LIST);
      return (await client.all()) !== '';
    });
    expect(answered).to.equal(true);
    for (const { socket } of idle) socket.destroy();
  });

  it('tells changes to each who follows, in their order, and not to those who went', async () => {
    const [first, second] = [new Client(path), new Client(path)];
    for (const { socket } of [first, second]) socket.write(TAIL);
    for (const client of [first, second]) expect(await client.line(0)).to.include({ ok: true });
    const [server] = servers;
    server?.tell({ type: 'disallow', ip: '192.0.2.0/24', at: 1, until: 1, hand: undefined });
    second.socket.destroy();
    await first.line(1);
    const hand = { by: 'alice', why: 'x' };
    server?.tell({ type: 'grace', ip: '192.0.2.1', at: 2, until: 3, hand });
    expect(await first.line(1)).to.include({ type: 'disallow', ip: '192.0.2.0/24' });
    expect(await first.line(2)).to.deep.equal({ type: 'grace', ip: '192.0.2.1', at: 2, until: 3, hand });
    server?.close();
    await first.all();
  });
});
