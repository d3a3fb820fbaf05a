// The other end of the control socket: what a command says where the daemon is silent, busy, or gone in the middle.

import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { ask, follow } from '../../src/cli/client.ts';
import { SilentDaemon } from '../../src/cli/unanswered.ts';
import { EXIT, ExitError } from '../../src/exit.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { describeReal, ROOT } from '../harness/real.ts';
import { until } from '../harness/until.ts';

const REQUEST = new URL('../../src/cli/request.js', import.meta.url).href;
const BUSY = `${JSON.stringify({ version: 1, ok: false, code: 'busy', message: 'busy; try again' })}\n`;
const TAIL = { command: 'tail' } as const;
const OK = `${JSON.stringify({ version: 1, ok: true, answer: null })}\n`;

/** Only root can run it as another user. */
const NOBODY = process.getuid?.() === 0 ? 65_534 : undefined;

async function callerName(env: Readonly<Record<string, string>>, uid?: number): Promise<string> {
  const code = `import(${JSON.stringify(REQUEST)}).then(({ caller }) => console.log(caller()))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', code], {
    env: { PATH: process.env.PATH ?? '', ...env },
    ...(uid === undefined ? {} : { uid }),
  });
  return stdout.trim();
}

describe('cli/client', () => {
  let server: Server;
  let state: string;
  let serve: (socket: Socket) => void;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    state = temporaryFolder();
    server = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      serve(socket);
    });
    await new Promise<void>((resolve) => server.listen(join(state, 'control.sock'), resolve));
  });

  afterEach(() => {
    server.close();
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  /** What a command ends with. */
  async function failure(call: Promise<unknown>): Promise<{ status: number; text: string }> {
    const error = await call.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof ExitError)) throw error ?? new Error('it succeeded');
    return { status: error.status, text: error.lines.join('\n') };
  }

  for (const [what, call] of [
    ['a command', (patience?: number) => ask(state, { command: 'list' }, patience)],
    ['tail', (patience?: number) => follow(state, TAIL, async () => undefined, patience)],
  ] as const) {
    it(`${what} stops waiting for a silent daemon at its time limit`, async () => {
      serve = () => undefined;
      const { status, text } = await failure(call(100));
      expect(status).to.equal(EXIT.unavailable);
      expect(text).to.equal('the daemon does not answer (waited 0.1 s)');
    });

    it(`${what} says that the daemon is busy, and ends with 75`, async () => {
      serve = (socket) => socket.end(BUSY);
      expect(await failure(call())).to.deep.equal({ status: 75, text: 'busy; try again' });
    });

    it(`${what} says that it can be tried again where the daemon accepts no connections`, async () => {
      const path = join(state, 'control.sock');
      server.close();
      const code = `require('net').createServer().listen({ path: ${JSON.stringify(path)}, backlog: 1 }, () => process.kill(process.pid, 'SIGSTOP'))`;
      const stopped = spawn(process.execPath, ['-e', code]);
      try {
        await until('the socket', () => existsSync(path));
        await until('a full backlog', async () => {
          const { status } = await failure(call(50));
          return status === EXIT.busy;
        });
        const { text } = await failure(call());
        expect(text).to.equal('the daemon is too busy; try again');
      } finally {
        stopped.kill('SIGKILL');
      }
    });
  }

  it('says of a change that a silent daemon may still make it', async () => {
    serve = () => undefined;
    const request = { command: 'unblock', ip: '192.0.2.1', by: 'alice', reason: 'ticket 4711' } as const;
    expect((await failure(ask(state, request, 100))).text).to.equal(
      'the daemon does not answer (waited 0.1 s); the change may still be made',
    );
  });

  it('knows a daemon that falls silent in the middle of its answer', async () => {
    serve = (socket) => socket.write(OK.slice(0, 9));
    const error = await ask(state, { command: 'list' }, 100).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(SilentDaemon);
  });

  it('tail has no time limit once it follows', async () => {
    let told = 0;
    serve = (socket) => {
      socket.write(OK);
      setTimeout(() => socket.end('{"type":"grace"}\n'), 1500);
    };
    await follow(state, TAIL, async () => void told++, 1000);
    expect(told).to.equal(1);
  });

  it('tail waits for its own reader before it reads on', async () => {
    const order: string[] = [];
    serve = (socket) => socket.end(`${OK}{"n":1}\n{"n":2}\n`);
    await follow(state, TAIL, async (change) => {
      order.push(`begin ${JSON.stringify(change)}`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push('end');
    });
    expect(order).to.deep.equal(['begin {"n":1}', 'end', 'begin {"n":2}', 'end']);
  });

  it('says that the daemon ended if its answer is cut off', async () => {
    serve = (socket) => socket.end(OK.slice(0, 9));
    const { status, text } = await failure(ask(state, { command: 'list' }));
    expect({ status, text }).to.deep.equal({ status: 69, text: 'the daemon ended without an answer' });
  });

  describe('who asks', () => {
    it('is the user who runs it, whatever SUDO_USER says', async () => {
      const { stdout } = await promisify(execFile)('id', ['-un']);
      expect(await callerName({ SUDO_USER: '' })).to.equal(stdout.trim());
      expect(await callerName({})).to.equal(stdout.trim());
      expect(await callerName({ SUDO_USER: 'alice' }, NOBODY)).to.not.equal('alice');
    });
  });
});

describeReal('cli/client: root', ROOT, () => {
  it('asks in the name of the user who called sudo', async () => {
    expect(await callerName({ SUDO_USER: 'alice' })).to.equal('alice');
  });
});
