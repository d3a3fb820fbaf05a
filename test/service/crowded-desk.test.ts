// The support desk of the real daemon while clients that hang take up its control socket.

import { spawnSync } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { ask } from '../../src/cli/client.ts';
import type { ListAnswer } from '../../src/desk/answers.ts';
import { CLI, endDaemons, TestDaemon } from '../harness/daemon.ts';
import { until } from '../harness/until.ts';
import { authFailure, caughtUp, times } from './mail.ts';

const IP = '192.0.2.1';
const TAIL = '{"version":1,"command":"tail"}\n';
const LIST = '{"version":1,"command":"list"}\n';

describe('service: a crowded support desk', () => {
  let daemon: TestDaemon;
  let sockets: Socket[];
  let dribbling: NodeJS.Timeout;

  beforeEach(async () => {
    sockets = [];
    daemon = await new TestDaemon().start();
    daemon.append(...times(3, () => authFailure(IP)));
    await caughtUp(daemon);
  });

  afterEach(async () => {
    clearInterval(dribbling);
    for (const socket of sockets) socket.destroy();
    await endDaemons();
  });

  async function clients(count: number, text = ''): Promise<readonly Socket[]> {
    const more = Array.from({ length: count }, () => connect(join(daemon.state, 'control.sock')));
    sockets.push(...more);
    for (const socket of more) {
      socket.on('error', () => undefined);
      await until('a connection', () => !socket.connecting);
      socket.write(text);
    }
    return more;
  }

  async function isShown(): Promise<void> {
    expect(await ask(daemon.state, { command: 'show', ip: IP })).to.have.nested.property('block.rule');
  }

  it('answers a command at once beside silent and slow clients and a hundred tails, and logs the crowd once', async () => {
    const dribblers = await clients(32);
    dribbling = setInterval(() => {
      for (const socket of dribblers) if (socket.writable) socket.write(' ');
    }, 20);
    await clients(32);
    await clients(100, TAIL);
    for (let i = 0; i < 5; i++) await isShown();
    await daemon.said(/ warn control-connections-reached max=32\n/);
    await clients(64);
    await isShown();
    await daemon.stop();
    expect(daemon.output.match(/ control-connections-reached /g)).to.have.length(1);
  });

  it('answers a command beside clients that never read the reply', async () => {
    const lazy = await clients(64);
    for (const socket of lazy) socket.pause().write(LIST);
    await isShown();
    const { blocks } = await ask<ListAnswer>(daemon.state, { command: 'list' });
    expect(blocks.map(({ ip }) => ip)).to.include(IP);
    expect(await daemon.verdict(IP)).to.match(/^action=REJECT /);
  });

  it('refuses a tail beyond the maximum: status 75 and a plain line', async () => {
    for (const socket of await clients(32, TAIL))
      await until('its answer', () => (socket.read() as Buffer | null) !== null);
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'tail', '--policy', daemon.policy], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect({ status, stdout }).to.deep.equal({ status: 75, stdout: '' });
    expect(stderr).to.equal('postblock: 32 others follow already; try again later\n');
  });
});
