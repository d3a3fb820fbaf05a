// Those who follow with `tail`: what they are told, and what they may cost.

import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Change } from '../../src/blocks/changes.ts';
import { type TailLimits, Tails } from '../../src/desk/tails.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { until } from '../harness/until.ts';

const USUAL: TailLimits = { tails: 4, behind: 1 << 20, stalled: 60_000 };

function change(at: number): Change {
  return { type: 'disallow', ip: '192.0.2.0/24', at, until: at, hand: undefined };
}

describe('desk/tails', () => {
  let server: Server;
  let tails: Tails;
  let followed: Socket[];
  const readers: Socket[] = [];

  /** One who follows: the client's end. Paused until it is read. */
  async function follower(): Promise<Socket> {
    const count = followed.length;
    const reader = connect(server.address() as string).setEncoding('utf8');
    readers.push(reader);
    await until('the connection', () => followed.length > count);
    return reader;
  }

  async function open(limits: Partial<TailLimits> = {}): Promise<void> {
    tails = new Tails({ ...USUAL, ...limits });
    followed = [];
    server = createServer({ allowHalfOpen: true }, (socket) => {
      tails.add(socket);
      followed.push(socket);
    });
    const path = join(temporaryFolder(), 'tails.sock');
    await new Promise<void>((resolve) => server.listen(path, resolve));
  }

  /** Bytes that wait in the daemon's memory. */
  function waiting(): number {
    return followed.reduce((sum, { writableLength }) => sum + writableLength, 0);
  }

  afterEach(() => {
    tails.close();
    server.close();
    for (const reader of readers.splice(0)) reader.destroy();
  });

  /** Tells changes until one is missed. @returns how many were told */
  function flooded(from: number): number {
    for (let at = from; ; at++) {
      const before = waiting();
      tails.report(change(at));
      if (before > 0 && waiting() === before) return at - from + 1;
    }
  }

  it('keeps a bounded number of bytes for one that does not read, reports how many changes it missed, and closes it in the end', async () => {
    await open({ stalled: 200 });
    await follower();
    flooded(1);
    for (let at = 0; at < 100_000; at++) tails.report(change(at));
    expect(waiting()).to.be.most(USUAL.behind);
    await until('the end of it', () => followed[0]?.destroyed);
    expect(tails.evicted).to.equal(1);
    expect(tails.isFull).to.equal(false);
  });

  it('keeps one that reads, however much comes at once, and reports which changes it missed', async () => {
    await open();
    const reader = await follower();
    const told = flooded(1);
    for (let at = told + 1; at <= told + 1000; at++) tails.report(change(at));
    let text = '';
    reader.on('data', (chunk) => {
      text += chunk;
    });
    const lines = () =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    await until('the line of what it missed', () => lines().at(-1)?.type === 'missed');
    expect(lines().slice(0, -1)).to.deep.equal(
      Array.from({ length: told - 1 }, (_, i) => JSON.parse(JSON.stringify(change(i + 1)))),
    );
    expect(lines().at(-1)).to.deep.equal({ type: 'missed', count: 1001, since: told, at: told + 1000 });
    tails.report(change(1_000_000));
    await until('the next change', () => lines().at(-1)?.at === 1_000_000);
    expect(tails.evicted).to.equal(0);
  });

  it('loses nothing for one reader because of another one that does not read', async () => {
    await open();
    await follower();
    const reader = await follower();
    let count = 0;
    reader.on('data', (chunk: string) => {
      count += chunk.split('\n').length - 1;
    });
    for (let sent = 1; sent <= 3000; sent++) {
      tails.report(change(sent));
      if (sent % 100 === 0) await until('the lines', () => count === sent);
    }
    expect(count).to.equal(3000);
  });

  it('closes one that closes its side', async () => {
    await open({ tails: 1 });
    const reader = await follower();
    expect(tails.isFull).to.equal(true);
    reader.resume().end();
    await until('room', () => !tails.isFull);
    expect(tails.evicted).to.equal(0);
  });

  it('does not count one that closed before it was accepted', async () => {
    await open({ tails: 1 });
    await follower();
    followed[0]?.destroy();
    await until('room', () => !tails.isFull);
    for (const socket of followed) tails.add(socket);
    expect(tails.isFull).to.equal(false);
  });
});
