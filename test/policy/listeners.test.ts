// The listeners of the policy service: their sockets, and their replacement by a reload.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { type ListenSpec, listenText } from '../../src/net/listen.ts';
import { ListenError, type PolicyService } from '../../src/policy/server.ts';
import { PolicyClient } from '../harness/daemon.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { until } from '../harness/until.ts';
import { ANY_PORT, ended, endServices, listen, portOf, serviceWith, unix } from './services.ts';

const ASKED = { client_address: '192.0.2.1' };
const ANSWER = 'action=192.0.2.1';

async function failure(service: PolicyService, ...specs: readonly ListenSpec[]): Promise<ListenError> {
  try {
    (await service.prepare(specs)).rollback();
  } catch (error) {
    if (error instanceof ListenError) return error;
    throw error;
  }
  throw new Error('the listeners were opened');
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

describe('policy/listeners', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder, 'policy.sock');
  });
  afterEach(endServices);

  async function isAnswering(where: string | { host: string; port: number }): Promise<boolean> {
    const client = await PolicyClient.open(where);
    const reply = await client.ask(ASKED);
    client.close();
    return reply === ANSWER;
  }

  it('writes addresses as check_policy_service does', () => {
    expect(listenText({ type: 'inet', host: '127.0.0.1', port: 10040 })).to.equal('inet:127.0.0.1:10040');
    expect(listenText({ type: 'inet', host: '::1', port: 10040 })).to.equal('inet:[::1]:10040');
    expect(listenText(unix('/run/postblock'))).to.equal('unix:/run/postblock');
  });

  for (const mode of [0o600, 0o660, 0o666]) {
    it(`gives a unix socket the mode 0${mode.toString(8)}, whatever the umask`, async () => {
      const before = process.umask(0o027);
      try {
        await listen(serviceWith().service, unix(path, mode));
        expect(process.umask()).to.equal(0o027);
      } finally {
        process.umask(before);
      }
      expect(modeOf(path)).to.equal(mode);
    });
  }

  it('gives a unix socket its group', async () => {
    const [name, id] = someGroup();
    await listen(serviceWith().service, unix(path, 0o660, name));
    expect(statSync(path).gid).to.equal(id);
    expect(statSync(path).uid).to.equal(process.getuid?.());
  });

  it('opens nothing for a group that does not exist', async () => {
    const { message } = await failure(serviceWith().service, unix(path, 0o660, 'no-such-group'));
    expect(message).to.equal(`cannot listen on unix:${path}: there is no group no-such-group`);
    await until('the socket to be gone', () => !existsSync(path));
  });

  it('replaces the socket file that a killed daemon left behind', async () => {
    const code = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 9))`;
    await once(spawn(process.execPath, ['-e', code]), 'close');
    expect(statSync(path).isSocket()).to.equal(true);
    await listen(serviceWith().service, unix(path));
    expect(await isAnswering(path)).to.equal(true);
  });

  it('leaves the socket of another process alone: EADDRINUSE', async () => {
    const first = serviceWith();
    await listen(first.service, unix(path));
    const error = await failure(serviceWith().service, unix(path));
    expect(error.code).to.equal('EADDRINUSE');
    expect(error.message).to.equal(`cannot listen on unix:${path}: ${path} is in use by another process`);
    expect(await isAnswering(path)).to.equal(true);
  });

  it('leaves the socket of a process that is too busy to take connections alone', async () => {
    const code = `require('net').createServer().listen({ path: ${JSON.stringify(path)}, backlog: 1 }, () => process.kill(process.pid, 'SIGSTOP'))`;
    const busy = spawn(process.execPath, ['-e', code]);
    try {
      await until('the socket', () => existsSync(path));
      await until('a full backlog', async () => {
        const socket = ended(connect(path));
        return await new Promise<boolean>((resolve) => {
          socket.once('connect', () => resolve(false)).once('error', () => resolve(true));
        });
      });
      expect((await failure(serviceWith().service, unix(path))).code).to.equal('EADDRINUSE');
      expect(existsSync(path)).to.equal(true);
    } finally {
      busy.kill('SIGKILL');
    }
  });

  it('leaves a file that is not a socket alone', async () => {
    writeFileSync(path, 'precious');
    expect((await failure(serviceWith().service, unix(path))).code).to.equal('EADDRINUSE');
    expect(readFileSync(path, 'utf8')).to.equal('precious');
  });

  it('names the listener and the reason for a TCP port in use', async () => {
    const other = createServer();
    await new Promise<void>((open) => other.listen(0, '127.0.0.1', open));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const error = await failure(serviceWith().service, { type: 'inet', host: '127.0.0.1', port });
    other.close();
    expect(error.code).to.equal('EADDRINUSE');
    expect(error.message).to.contain(`cannot listen on inet:127.0.0.1:${port}: `);
  });

  describe('prepare, then commit or roll back', () => {
    it('opens new listeners, closes the old ones, and keeps every connection', async () => {
      const { service } = serviceWith();
      const next = join(folder, 'next.sock');
      await listen(service, unix(path), ANY_PORT);
      const tcp = { host: '127.0.0.1', port: portOf(service) };
      const clients = await Promise.all([PolicyClient.open(path), PolicyClient.open(tcp)]);
      await listen(service, unix(next));
      expect(service.addresses).to.deep.equal([`unix:${next}`]);
      for (const client of clients) {
        expect(await client.ask(ASKED)).to.equal(ANSWER);
        expect(client.isClosed).to.equal(false);
        client.close();
      }
      expect(await isAnswering(next)).to.equal(true);
      expect(existsSync(path)).to.equal(false);
      const refused = ended(connect(tcp));
      const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
      expect(error.code).to.equal('ECONNREFUSED');
    });

    it('keeps a listener that stays, with a new mode', async () => {
      const { service } = serviceWith();
      await listen(service, unix(path, 0o600));
      const { ino } = statSync(path);
      await listen(service, unix(path, 0o666));
      expect(modeOf(path)).to.equal(0o666);
      expect(statSync(path).ino).to.equal(ino);
      expect(await isAnswering(path)).to.equal(true);
    });

    it('is as before after a rollback', async () => {
      const { service } = serviceWith();
      const next = join(folder, 'next.sock');
      await listen(service, unix(path));
      const client = await PolicyClient.open(path);
      const change = await service.prepare([unix(next), ANY_PORT]);
      change.rollback();
      expect(service.addresses).to.deep.equal([`unix:${path}`]);
      expect(await client.ask(ASKED)).to.equal(ANSWER);
      client.close();
      expect(await isAnswering(path)).to.equal(true);
      await until('the new socket to be gone', () => !existsSync(next));
    });

    it('is as before where one of many cannot be opened', async () => {
      const { service } = serviceWith();
      const next = join(folder, 'next.sock');
      await listen(service, unix(path));
      const error = await failure(service, unix(path), unix(next), unix(join(folder, 'none', 'policy.sock')));
      expect(error.code).to.be.a('string');
      expect(service.addresses).to.deep.equal([`unix:${path}`]);
      expect(await isAnswering(path)).to.equal(true);
      await until('the new socket to be gone', () => !existsSync(next));
    });

    it('leaves the mode of a socket alone until the commit', async () => {
      const { service } = serviceWith();
      await listen(service, unix(path, 0o600));
      const change = await service.prepare([unix(path, 0o666)]);
      change.rollback();
      expect(modeOf(path), 'after a rollback').to.equal(0o600);
      await failure(service, unix(path, 0o666), unix(join(folder, 'none', 'policy.sock')));
      expect(modeOf(path), 'after a failure').to.equal(0o600);
    });
  });

  it('name the one whose access cannot be set any more', async () => {
    const { service, failed } = serviceWith();
    const other = join(folder, 'other.sock');
    await listen(service, unix(path), unix(other));
    const change = await service.prepare([unix(path, 0o660), unix(other, 0o660)]);
    rmSync(other);
    change.commit();
    expect(failed.map(({ where }) => where)).to.deep.equal([`unix:${other}`]);
    expect(modeOf(path)).to.equal(0o660);
  });

  it('name the one that cannot be opened, of many', async () => {
    const none = join(folder, 'none', 'policy.sock');
    const { message } = await failure(serviceWith().service, unix(path), unix(none), ANY_PORT);
    expect(message).to.equal(`cannot listen on unix:${none}: there is no directory ${join(folder, 'none')}`);
  });

  it('are closed at once where nobody is connected', async () => {
    const { service } = serviceWith();
    await listen(service, unix(path));
    let turns = 0;
    let hasClosed = false;
    const closing = service.close().then(() => {
      hasClosed = true;
    });
    // In turns of the event loop, not by a clock: nothing is waited for.
    while (!hasClosed && turns < 100) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    expect(hasClosed).to.equal(true);
    await closing;
  });

  describe('whose socket file is gone', () => {
    it('are opened again, with their mode, and keep every connection', async () => {
      const { service } = serviceWith();
      await listen(service, unix(path, 0o666), ANY_PORT);
      const client = await PolicyClient.open(path);
      const { addresses } = service;
      rmSync(path);
      expect(service.isReachable).to.equal(false);
      expect(await service.reopen()).to.deep.equal([{ where: `unix:${path}` }]);
      expect(service.isReachable).to.equal(true);
      expect(service.addresses).to.deep.equal(addresses);
      expect(modeOf(path)).to.equal(0o666);
      expect(await isAnswering(path)).to.equal(true);
      expect(await client.ask(ASKED)).to.equal(ANSWER);
      client.close();
      expect(await service.reopen()).to.deep.equal([]);
    });

    it('are reachable where the directory was moved away and back, and opened again where a dead one came back', async () => {
      const { service } = serviceWith();
      const [here, away] = [join(folder, 'here'), join(folder, 'away')];
      mkdirSync(here);
      path = join(here, 'policy.sock');
      await listen(service, unix(path));
      renameSync(here, away);
      expect(service.isReachable, 'moved away').to.equal(false);
      const [failure] = await service.reopen();
      expect(failure?.failure).to.be.a('string');
      renameSync(away, here);
      expect(service.isReachable, 'moved back').to.equal(true);
      expect(await isAnswering(path)).to.equal(true);

      renameSync(here, away);
      mkdirSync(here);
      expect(await service.reopen()).to.deep.equal([{ where: `unix:${path}` }]);
      rmSync(here, { recursive: true });
      renameSync(away, here);
      expect(service.isReachable, 'the one from before').to.equal(false);
      expect(await service.reopen()).to.deep.equal([{ where: `unix:${path}` }]);
      expect(await isAnswering(path)).to.equal(true);
    });

    it('are opened again by a reload too', async () => {
      const { service } = serviceWith();
      await listen(service, unix(path));
      rmSync(path);
      await listen(service, unix(path));
      expect(await isAnswering(path)).to.equal(true);
    });

    it('leave alone what stands in its place, at the try and at the end', async () => {
      const { service } = serviceWith();
      await listen(service, unix(path));
      rmSync(path);
      const other = serviceWith();
      await listen(other.service, unix(path));
      expect(await service.reopen()).to.deep.equal([
        { where: `unix:${path}`, failure: `${path} is in use by another process` },
      ]);
      await service.close();
      expect(await isAnswering(path)).to.equal(true);
      expect(readdirSync(folder)).to.deep.equal(['policy.sock']);
    });
  });
});

/** A group that a socket can be given to, and its number: not the one it would have anyway, where that can be. */
function someGroup(): readonly [name: string, id: number] {
  const own = process.getgid?.() ?? 0;
  const mine = process.getuid?.() === 0 ? undefined : [own, ...(process.getgroups?.() ?? [])];
  const groups = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , id]) => [name, Number(id)] as const)
    .filter(([name, id]) => name !== '' && (mine?.includes(id) ?? true));
  const found = groups.find(([, id]) => id !== own) ?? groups[0];
  if (found === undefined) throw new Error('no group to try with');
  return found;
}
