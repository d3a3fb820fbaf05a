// The daemon with garbage on all its sockets and in its log: it survives, in bounded memory, and answers good clients.

import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { ask } from '../../src/cli/client.ts';
import type { ListAnswer } from '../../src/desk/answers.ts';
import { endDaemons, TestDaemon } from '../harness/daemon.ts';
import { Chance, scaled } from '../harness/scale.ts';
import { until } from '../harness/until.ts';
import { CLIENT, mutated, seeds } from '../maillog/mutations.ts';
import { rejectedRecipient, times } from './mail.ts';

const IP = '192.0.2.201';
const LIST = '{"version":1,"command":"list"}\n';
const LINES = [
  '\n',
  '\0',
  'x',
  LIST,
  '{"version":1,"command":"tail"}\n',
  '{"version":1,"command":"show","ip":"::"}\n',
  '{',
  '[[[[',
  '"\\ud800',
  '{"version":{"toString":1}}\n',
  'x'.repeat(70_000),
];

/** What a bad client of the control socket does; some never end, some end at once, some close one half. */
function misbehave(path: string, chance: Chance): Socket {
  const socket = connect({ path, allowHalfOpen: true });
  socket.on('error', () => undefined);
  for (let left = chance.below(4); left > 0; left--) {
    const line = chance.pick(LINES);
    socket.write(chance.below(2) === 0 ? line : line.slice(0, chance.below(line.length + 1)));
  }
  const end = chance.below(4);
  if (end === 0) socket.end();
  else if (end === 1) socket.resume();
  else if (end === 2) socket.once('connect', () => socket.destroy());
  return socket;
}

/** Bytes of memory that a process uses. */
function resident(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

describe('service: hostile input', () => {
  let daemon: TestDaemon;

  beforeEach(async () => {
    daemon = await new TestDaemon().start();
    daemon.append(...times(3, () => rejectedRecipient(IP)));
    await daemon.said(/ block ip=192\.0\.2\.201 /);
  });

  afterEach(endDaemons);

  /** Ends in order, and nothing that was done to it was a fault inside. */
  async function endsWell(): Promise<void> {
    expect(await daemon.stop()).to.equal(0);
    expect(daemon.output).not.to.match(/ (?:fault|control-failed) /);
  }

  async function listed(): Promise<readonly string[]> {
    return (await ask<ListAnswer>(daemon.state, { command: 'list' })).blocks.map(({ ip }) => ip);
  }

  it('on the control socket stops nothing, and support is still answered', async () => {
    const path = join(daemon.state, 'control.sock');
    const chance = new Chance();
    const open: Socket[] = [];
    for (let i = 0; i < scaled(200); i++) {
      open.push(misbehave(path, chance));
      if (open.length >= 20) for (const socket of open.splice(0, 10)) socket.destroy();
      if (i % 10 !== 9) continue;
      expect(await until('an answer', () => listed().catch(() => undefined))).to.deep.equal([IP]);
      expect(await daemon.verdict(IP)).to.match(/^action=REJECT /);
    }
    for (const socket of open) socket.destroy();
    await endsWell();
  });

  it('of lines without end, on both sockets, is not kept', async () => {
    const before = resident(daemon.pid);
    const chunk = Buffer.alloc(1 << 20, 'x');
    const sockets = [join(daemon.state, 'control.sock'), daemon.socket].flatMap((path) =>
      Array.from({ length: 8 }, () => connect(path)),
    );
    await Promise.all(
      sockets.map(async (socket) => {
        socket.on('error', () => undefined);
        for (let i = 0; i < scaled(12) && !socket.destroyed; i++)
          await new Promise((sent) => socket.write(chunk, sent));
      }),
    );
    expect(resident(daemon.pid) - before).to.be.below(120 << 20);
    expect(await listed()).to.deep.equal([IP]);
    expect(await daemon.verdict(IP)).to.match(/^action=REJECT /);
    for (const socket of sockets) socket.destroy();
    await endsWell();
  });

  it('in the log is read to its end, and the next abuse counts', async () => {
    const chance = new Chance();
    const lines = seeds();
    for (let i = 0; i < scaled(20); i++)
      daemon.append(...Array.from({ length: 200 }, () => mutated(lines, chance)));
    daemon.append(
      'x'.repeat(1 << 20),
      '\0'.repeat(1 << 16),
      ...times(3, () => rejectedRecipient('192.0.2.202')),
    );
    await daemon.said(/ block ip=192\.0\.2\.202 /);
    expect(await listed()).to.include.members([IP, '192.0.2.202']);
    expect(Object.keys((await daemon.snapshot()).ips)).to.include.members([IP, CLIENT]);
    await endsWell();
  });
});
