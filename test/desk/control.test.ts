// The control socket: one request a connection, whatever bytes come, and the lock of the state directory.

import { existsSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ControlLimits, ControlServer, USUAL_LIMITS } from '../../src/desk/control.ts';
import { CONTROL_VERSION, type ControlRequest, DeskError, MAX_REQUEST } from '../../src/desk/protocol.ts';
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

describe('desk/control', () => {
  const servers: ControlServer[] = [];
  const requests: ControlRequest[] = [];
  const failures: string[] = [];
  let path = '';
  let answer: (request: ControlRequest) => Promise<unknown>;

  function newServer(limits: Partial<ControlLimits> = {}): ControlServer {
    const failed = (reason: string) => failures.push(reason);
    const server = new ControlServer((request) => answer(request), { failed }, limits);
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

  it('answers a request that comes byte by byte, also within a character', async () => {
    const text = `${JSON.stringify({ version: CONTROL_VERSION, command: 'unblock', reason: 'Jürgen 例 😀' })}\n`;
    const client = new Client(path);
    client.socket.setNoDelay(true);
    for (const byte of Buffer.from(text)) {
      await new Promise((resolve) => client.socket.write(Buffer.of(byte), resolve));
    }
    expect(await client.reply()).to.include({ ok: true });
    expect(requests[0]).to.include({ reason: 'Jürgen 例 😀' });
  });

  it('waits for the rest of a request', async () => {
    const client = new Client(path);
    client.socket.write(LIST.slice(0, 20));
    // Whole rounds of others, after which the part has been read.
    for (let round = 0; round < 3; round++) expect(await sent(LIST)).to.include({ ok: true });
    expect(requests).to.have.lengthOf(3);
    client.socket.write(LIST.slice(20));
    expect(await client.reply()).to.include({ ok: true });
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

  it('names both versions to a client of another version', async () => {
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

  it('survives an internal error of the desk, and reports it', async () => {
    answer = async () => {
      throw new Error('fault');
    };
    expect(await sent(LIST)).to.include({ ok: false });
    expect(failures).to.have.lengthOf(1);
    answer = async () => 'well again';
    expect(await sent(LIST)).to.include({ answer: 'well again' });
  });

  it('survives clients that go away before they are answered', async () => {
    let evicted: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      evicted = resolve;
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
    evicted();
    answer = async () => 'still here';
    expect(await sent(LIST)).to.include({ answer: 'still here' });
  });

  it('is open to its owner and group only', () => {
    expect(statSync(path).mode & 0o777).to.equal(0o660);
  });

  it('is the lock of its directory: a second one on a live socket fails, and the first continues', async () => {
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

  it('has several paths, each of which is opened again, and all of which are gone when it is closed', async () => {
    const [server] = servers;
    const first = path;
    path = join(temporaryFolder(), 'control.sock');
    await server?.open(path, undefined);
    expect(await sent(LIST)).to.include({ ok: true });
    rmSync(path);
    expect(server?.isReachable).to.equal(false);
    const { ino } = statSync(first);
    expect(await server?.reopen()).to.deep.equal([{ where: `unix:${path}` }]);
    expect(await sent(LIST)).to.include({ ok: true });
    expect(statSync(first).ino).to.equal(ino);
    server?.close();
    expect([first, path].filter((each) => existsSync(each))).to.deep.equal([]);
  });

  describe('whose file', () => {
    it('exists stays as it is when it is to be opened again', async () => {
      const [server] = servers;
      const { ino } = statSync(path);
      const client = new Client(path);
      await until('the connection', () => !client.socket.connecting);
      expect(server?.isReachable).to.equal(true);
      await server?.reopen();
      expect(statSync(path).ino).to.equal(ino);
      client.socket.write(LIST);
      expect(await client.reply()).to.include({ ok: true });
    });

    it('was removed is opened again, and connections stay open', async () => {
      const [server] = servers;
      const tail = new Client(path);
      tail.socket.write(TAIL);
      await tail.line(0);
      rmSync(path);
      expect(server?.isReachable).to.equal(false);
      await server?.reopen();
      expect(server?.isReachable).to.equal(true);
      expect(statSync(path).mode & 0o777).to.equal(0o660);
      expect(await sent(LIST)).to.include({ ok: true });
      server?.report({ type: 'disallow', ip: '192.0.2.0/24', at: 1, until: 1, hand: undefined });
      expect(await tail.line(1)).to.include({ type: 'disallow' });
    });

    it('belongs to another daemon by now is left to that one, also at the stop', async () => {
      const [server] = servers;
      rmSync(path);
      await newServer().open(path, undefined);
      const [{ where, failure } = {}] = (await server?.reopen()) ?? [];
      expect({ where, failure }).to.deep.equal({
        where: `unix:${path}`,
        failure: `${path} is in use by another process`,
      });
      server?.close();
      expect(await sent(LIST)).to.include({ ok: true });
    });

    it('was removed with the server is not opened again', async () => {
      const [server] = servers;
      server?.close();
      expect(existsSync(path)).to.equal(false);
      await server?.reopen();
      expect(existsSync(path)).to.equal(false);
    });
  });

  describe('with more clients than it has room for', () => {
    const clients: Client[] = [];

    async function connected(count: number, text = ''): Promise<readonly Client[]> {
      const more: Client[] = [];
      for (let i = 0; i < count; i++) {
        const client = new Client(path);
        clients.push(client);
        more.push(client);
        await until('the connection', () => !client.socket.connecting);
        client.socket.write(text);
      }
      return more;
    }

    async function serve(limits: Partial<ControlLimits>): Promise<ControlServer> {
      for (const server of servers.splice(0)) server.close();
      const server = newServer(limits);
      await server.open(path, undefined);
      return server;
    }

    afterEach(() => {
      for (const { socket } of clients.splice(0)) socket.destroy();
    });

    it('answers each command at once, and closes the client that has been silent for longest', async () => {
      const silent = await connected(USUAL_LIMITS.commands);
      for (let i = 0; i < 3; i++) {
        expect(await sent(LIST)).to.include({ ok: true });
        expect(await silent[i]?.reply()).to.include({ ok: false, code: 'busy' });
        await connected(1);
      }
      expect(silent.filter(({ isClosed }) => isClosed)).to.have.lengthOf(3);
      expect(servers[0]?.evicted).to.equal(3);
    });

    it('treats a client that has sent a part of its request as silent', async () => {
      const [first] = await connected(USUAL_LIMITS.commands, LIST.slice(0, -1));
      expect(await sent(LIST)).to.include({ ok: true });
      expect(await first?.reply()).to.include({ ok: false, code: 'busy' });
    });

    it('keeps clients whose commands are running, and is busy if there are no others', async () => {
      const server = await serve({ commands: 3 });
      let evicted: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        evicted = resolve;
      });
      let asked = 0;
      answer = async () => {
        asked++;
        await held;
        return 'done';
      };
      const waiting = await connected(3, LIST);
      await until('the requests', () => asked === 3);
      const { message, ...busy } = await sent(LIST);
      expect(busy).to.deep.equal({ version: CONTROL_VERSION, ok: false, code: 'busy' });
      expect(message).to.contain('try again');
      expect(server.evicted).to.equal(1);
      evicted();
      for (const client of waiting) expect(await client.reply()).to.include({ answer: 'done' });
      expect(await sent(LIST)).to.include({ ok: true });
    });

    it('closes a client that leaves its reply unread', async () => {
      await serve({ commands: 2 });
      answer = async () => 'x'.repeat(1 << 20);
      const lazy = await connected(2);
      for (const { socket } of lazy) socket.pause().write(LIST);
      for (let i = 0; i < 3; i++) expect(await sent(LIST)).to.include({ ok: true });
      expect(lazy.some(({ text }) => text.endsWith('\n'))).to.equal(false);
    });

    it('keeps a bounded number of bytes of replies that nobody reads', async () => {
      const server = await serve({ unread: 4 << 20 });
      answer = async () => 'x'.repeat(1 << 20);
      const lazy = await connected(20);
      for (const { socket } of lazy) socket.pause().write(LIST);
      await until('the first to be let go', () => server.evicted >= 10);
      const [reply] = await connected(1, LIST);
      expect(await reply?.reply()).to.include({ ok: true });
    });

    it('closes the clients for which there is no room, however many they are', async () => {
      await serve({ commands: 1, refused: 2 });
      answer = () => new Promise(() => undefined);
      await connected(1, LIST);
      const refused = await connected(10);
      for (const { socket } of refused) socket.allowHalfOpen = true;
      await until('eight to be closed', () => refused.filter(({ isClosed }) => isClosed).length >= 8);
    });

    it('accepts no more tails than its maximum, refuses the others, and continues to answer commands', async () => {
      const tails = await connected(100, TAIL);
      for (const client of tails.slice(0, USUAL_LIMITS.tails))
        expect(await client.line(0)).to.include({ ok: true });
      for (const client of tails.slice(USUAL_LIMITS.tails))
        expect(await client.reply()).to.include({ ok: false, code: 'busy' });
      expect(await sent(LIST)).to.include({ ok: true });
      expect(servers[0]?.evicted).to.equal(100 - USUAL_LIMITS.tails);
      tails[0]?.socket.destroy();
      await until('room for another tail', async () => {
        const [more] = await connected(1, TAIL);
        return (await more?.line(0)) as { ok: boolean }['ok'] | undefined;
      });
    });
  });

  it('gives up a request that is not complete in time, however steadily its bytes come', async () => {
    for (const server of servers.splice(0)) server.close();
    await newServer({ request: 300 }).open(path, undefined);
    const [silent, dribbling] = [new Client(path), new Client(path)];
    const timer = setInterval(() => dribbling.socket.writable && dribbling.socket.write(' '), 10);
    for (const client of [silent, dribbling])
      expect(await client.reply()).to.include({ ok: false, code: 'busy' });
    clearInterval(timer);
    expect(servers[0]?.evicted, 'for want of room').to.equal(0);
  });

  it('closes a client that does not read its reply in time', async () => {
    for (const server of servers.splice(0)) server.close();
    await newServer({ reply: 100 }).open(path, undefined);
    answer = async () => 'x'.repeat(8 << 20);
    const client = new Client(path);
    client.socket.pause().write(LIST);
    // Unread, so that the end is not seen before the rest is read.
    await until('the end', () => {
      client.socket.write('x');
      return client.isClosed;
    });
  });

  it('sets no time limit for a complete request, nor for a tail', async () => {
    for (const server of servers.splice(0)) server.close();
    const server = newServer({ request: 1000, reply: 1000 });
    await server.open(path, undefined);
    answer = () => new Promise((resolve) => setTimeout(resolve, 1500, 'late'));
    const tail = new Client(path);
    tail.socket.write(TAIL);
    await tail.line(0);
    expect(await sent(LIST)).to.include({ answer: 'late' });
    server.report({ type: 'disallow', ip: '192.0.2.0/24', at: 1, until: 1, hand: undefined });
    expect(await tail.line(1)).to.include({ type: 'disallow' });
  });

  it('sends changes to each follower in order, and not to those that have closed', async () => {
    const [first, second] = [new Client(path), new Client(path)];
    for (const { socket } of [first, second]) socket.write(TAIL);
    for (const client of [first, second]) expect(await client.line(0)).to.include({ ok: true });
    const [server] = servers;
    server?.report({ type: 'disallow', ip: '192.0.2.0/24', at: 1, until: 1, hand: undefined });
    second.socket.destroy();
    await first.line(1);
    const hand = { by: 'alice', why: 'x' };
    server?.report({ type: 'grace', ip: '192.0.2.1', at: 2, until: 3, hand });
    expect(await first.line(1)).to.include({ type: 'disallow', ip: '192.0.2.0/24' });
    expect(await first.line(2)).to.deep.equal({ type: 'grace', ip: '192.0.2.1', at: 2, until: 3, hand });
    server?.close();
    await first.all();
  });
});
