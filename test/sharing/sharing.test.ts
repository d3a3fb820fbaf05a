// Hosts that share counts and blocks on one server, which may fail and be emptied while hosts are killed.

import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import type { LogRecord } from '../../src/maillog/syslog/record.ts';
import { MINUTE } from '../../src/values/duration.ts';
import { AUTH, START, termsOf } from '../blocks/blocks-fixture.ts';
import { until } from '../harness/until.ts';
import { MemoryServer } from './memory-server.ts';
import { SharingHost } from './sharing-host.ts';

const IP = '192.0.2.1';
const HAND = { by: 'root', why: 'a customer' };
const terms = termsOf({ rules: [AUTH] });

let now = START;
const clock = () => now;

function failure(ip: string, at: number): LogRecord {
  const message = `warning: unknown[${ip}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6`;
  return { at, program: 'smtpd', process: `mx1/smtpd[${at}]`, message };
}

/** Some hosts on one server. */
async function startedHosts(names: readonly string[], server: MemoryServer): Promise<readonly SharingHost[]> {
  const hosts = names.map((name) => new SharingHost(name, terms, server, clock));
  for (const host of hosts) await host.start();
  await live(hosts);
  return hosts;
}

/** Waits until all hosts send events as they come. */
async function live(hosts: readonly SharingHost[]): Promise<void> {
  for (const host of hosts)
    await until(`${host.name} to be live`, () => {
      // Time passes, so that what waits for another try is tried again.
      now += 100;
      host.tick();
      return host.running.sharing.status.mode === 'live';
    });
}

async function fail(host: SharingHost, times: number, ip = IP): Promise<void> {
  for (let left = times; left > 0; left--) host.lines.push(failure(ip, ++now));
  await host.read();
}

async function blockedOnAll(hosts: readonly SharingHost[], clients: readonly string[]): Promise<void> {
  for (const host of hosts)
    await until(`${clients} to be blocked on ${host.name}`, () => {
      return JSON.stringify(host.blocked) === JSON.stringify(clients);
    });
}

async function stop(hosts: readonly SharingHost[]): Promise<void> {
  for (const host of hosts) {
    expect(host.faults).to.deep.equal([]);
    await host.kill();
  }
}

beforeEach(() => {
  now = START;
});

/** A host that shares, of which the server has counted two events. */
async function hostWithTwoEvents() {
  const server = new MemoryServer(terms, clock);
  const hosts = await startedHosts(['mx1'], server);
  const [one] = hosts;
  if (one === undefined) throw new Error('no host');
  await fail(one, 2);
  await until('the counts', () => server.counted.length === 2);
  return { server, hosts, one };
}

describe('sharing/sharing: three hosts on one server', () => {
  it('block a client on all that stays under the limit on each', async () => {
    const server = new MemoryServer(terms, clock);
    const hosts = await startedHosts(['mx1', 'mx2', 'mx3'], server);
    for (const host of hosts) await fail(host, 1);
    await blockedOnAll(hosts, [IP]);
    const [first] = hosts;
    const block = first?.trail.find(({ event }) => event === 'block');
    expect(block).to.include({ ip: IP, rule: AUTH.name, count: AUTH.limit, host: 'mx3' });
    await stop(hosts);
  });

  it('free a client on all that is lifted on one, and keep its grace', async () => {
    const server = new MemoryServer(terms, clock);
    const hosts = await startedHosts(['mx1', 'mx2', 'mx3'], server);
    const [one, two] = hosts;
    if (one === undefined || two === undefined) throw new Error('no hosts');
    await fail(one, 3);
    await blockedOnAll(hosts, [IP]);
    two.running.blocks.lift(IP, ++now, HAND, now + 10 * MINUTE);
    await blockedOnAll(hosts, []);
    for (const host of hosts)
      await until('the grace', () => (host.running.blocks.recordOf(IP)?.grace ?? 0) > now);
    await fail(one, 3);
    await delay(100);
    await blockedOnAll(hosts, []);
    await stop(hosts);
  });

  it('allow on all what one allows', async () => {
    const server = new MemoryServer(terms, clock);
    const hosts = await startedHosts(['mx1', 'mx2'], server);
    const [one, two] = hosts;
    if (one === undefined || two === undefined) throw new Error('no hosts');
    one.running.blocks.allow({ entry: '192.0.2.0/24', at: now, until: now + MINUTE, hand: HAND });
    await until('the entry', () => two.running.blocks.allowEntries.all.length === 1);
    await fail(two, 5);
    await delay(100);
    expect(two.blocked).to.deep.equal([]);
    await stop(hosts);
  });
});

describe('sharing/sharing: a host that was off for a week', () => {
  it('has all blocks that stand when it is back, and ends those that were lifted', async () => {
    const server = new MemoryServer(terms, clock);
    const [one, two] = await startedHosts(['mx1', 'mx2'], server);
    if (one === undefined || two === undefined) throw new Error('no hosts');
    await fail(one, 3);
    await blockedOnAll([one, two], [IP]);
    two.save();
    await two.kill();
    one.running.blocks.lift(IP, ++now, HAND, undefined);
    await fail(one, 3, '192.0.2.2');
    await blockedOnAll([one], ['192.0.2.2']);
    server.trim();
    await two.start();
    await live([one, two]);
    await blockedOnAll([one, two], ['192.0.2.2']);
    await stop([one, two]);
  });
});

describe('sharing/sharing: a host whose clock is ahead', () => {
  it('blocks, lifts, graces and allows for as long as it means, and from now on', async () => {
    const server = new MemoryServer(terms, clock);
    const [one] = await startedHosts(['mx1'], server);
    if (one === undefined) throw new Error('no host');
    const wrong = () => now + 30 * MINUTE;
    const two = new SharingHost('mx2', terms, server, wrong);
    await two.start();
    await until('the trouble', () => {
      now += 100;
      two.tick();
      return two.troubles.has('share-clock');
    });
    await fail(one, 3);
    await fail(one, 3, '192.0.2.3');
    await blockedOnAll([one], [IP, '192.0.2.3']);
    const { blocks } = two.running;
    await until('the blocks', () => blocks.recordOf('192.0.2.3') !== undefined);
    blocks.impose('192.0.2.2', AUTH.name, wrong(), wrong() + MINUTE, HAND);
    blocks.lift(IP, wrong(), HAND, wrong() + MINUTE);
    blocks.allow({ entry: '198.51.100.0/24', at: wrong(), until: wrong() + MINUTE, hand: HAND });
    await blockedOnAll([one], ['192.0.2.2', '192.0.2.3']);
    await until('the entry', () => one.running.blocks.allowEntries.all.length === 1);
    const ends = one.running.blocks.recordOf('192.0.2.2')?.block?.until;
    expect(ends).to.be.within(now - MINUTE, now + 2 * MINUTE);
    expect(one.running.blocks.recordOf(IP)?.grace).to.be.within(now - MINUTE, now + 2 * MINUTE);
    expect(one.running.blocks.allowEntries.all[0]?.until).to.be.within(now - MINUTE, now + 2 * MINUTE);
    now += 2 * MINUTE;
    await live([one]);
    await fail(one, 3);
    await blockedOnAll([one], [IP, '192.0.2.3']);
    await stop([one, two]);
  });
});

describe('sharing/sharing: a host that begins to share', () => {
  it('gives the others the blocks, lifts, graces and allow entries from before, and no events', async () => {
    const [before, server] = [new MemoryServer(terms, clock), new MemoryServer(terms, clock)];
    const [one] = await startedHosts(['mx1'], before);
    const [two] = await startedHosts(['mx2'], server);
    if (one === undefined || two === undefined) throw new Error('no hosts');
    await fail(one, 3);
    await fail(one, 2, '192.0.2.3');
    await blockedOnAll([one], [IP]);
    two.running.blocks.impose('192.0.2.2', AUTH.name, now, now + MINUTE, HAND);
    one.running.blocks.impose('192.0.2.4', AUTH.name, now, now + MINUTE, HAND);
    one.running.blocks.lift('192.0.2.4', ++now, HAND, now + MINUTE);
    one.running.blocks.allow({ entry: '198.51.100.0/24', at: now, until: now + MINUTE, hand: HAND });
    one.save();
    await one.kill();
    one.move(server);
    await one.start();
    await live([one, two]);
    await blockedOnAll([one, two], [IP, '192.0.2.2']);
    await until('the grace', () => (two.running.blocks.recordOf('192.0.2.4')?.grace ?? 0) > now);
    await until('the entry', () => two.running.blocks.allowEntries.all.length === 1);
    await fail(two, 1, '192.0.2.3');
    await delay(100);
    await blockedOnAll([one, two], [IP, '192.0.2.2']);
    // What one frees is free on all, also from before.
    two.running.blocks.lift(IP, ++now, HAND, undefined);
    await blockedOnAll([one, two], ['192.0.2.2']);
    await stop([one, two]);
  });
});

describe('sharing/sharing: without the server', () => {
  it('a host decides by its own counts, and all know its blocks and lifts when the server is back', async () => {
    const server = new MemoryServer(terms, clock);
    const hosts = await startedHosts(['mx1', 'mx2'], server);
    const [one, two] = hosts;
    if (one === undefined || two === undefined) throw new Error('no hosts');
    await fail(two, 3, '192.0.2.2');
    await blockedOnAll(hosts, ['192.0.2.2']);
    server.failure = 'the network is down';
    one.tick();
    two.tick();
    await until('the trouble', () => one.troubles.has('share-down') && two.troubles.has('share-down'));
    await fail(one, 3);
    expect(one.blocked).to.deep.equal([IP, '192.0.2.2']);
    one.running.blocks.lift('192.0.2.2', ++now, HAND, undefined);
    expect(two.blocked).to.deep.equal(['192.0.2.2']);
    server.failure = undefined;
    await live(hosts);
    await blockedOnAll(hosts, [IP]);
    expect(one.troubles.size + two.troubles.size).to.equal(0);
    await stop(hosts);
  });

  it('a server that was emptied learns the blocks and the counts again', async () => {
    const server = new MemoryServer(terms, clock);
    const hosts = await startedHosts(['mx1', 'mx2'], server);
    const [one, two] = hosts;
    if (one === undefined || two === undefined) throw new Error('no hosts');
    await fail(two, 3, '192.0.2.2');
    await fail(one, 2);
    await blockedOnAll(hosts, ['192.0.2.2']);
    await until('the counts', () => server.counted.length === 5);
    server.clear();
    await live(hosts);
    one.tick();
    await live(hosts);
    await fail(two, 1);
    await blockedOnAll(hosts, [IP, '192.0.2.2']);
    await stop(hosts);
  });
});

describe('sharing/sharing: a server that was emptied', () => {
  it('hears of each host when that has repeated all, and not otherwise', async () => {
    const server = new MemoryServer(terms, clock);
    const hosts = await startedHosts(['mx1'], server);
    const [one] = hosts;
    if (one === undefined) throw new Error('no host');
    await fail(one, 2);
    await fail(one, 2, '192.0.2.2');
    await until('the counts', () => server.counted.length === 4);
    expect(server.repeated).to.deep.equal([]);
    server.clear();
    one.tick();
    await until('the word of the host', () => server.repeated.length > 0);
    expect(server.repeated).to.deep.equal([{ host: 'mx1', held: 4 }]);
    await fail(one, 1);
    await until('the next event', () => server.held.length === 5);
    expect(server.repeated).to.have.lengthOf(1);
    await stop(hosts);
  });

  it('counts nothing before it gets everything again, also of a host that was started again', async () => {
    const { server, hosts, one } = await hostWithTwoEvents();
    one.save();
    await one.kill();
    await one.start();
    await live(hosts);
    // No report finds it empty before the next event comes.
    server.clear();
    await fail(one, 1);
    await until('the counts', () => server.held.length === 3);
    await stop(hosts);
  });

  it('gets everything again from a host that finds it empty before it knows what it held', async () => {
    const { server, hosts, one } = await hostWithTwoEvents();
    one.save();
    await one.kill();
    server.clear();
    let written = () => {};
    one.disk = new Promise((resolve) => {
      written = resolve;
    });
    await one.start(true);
    written();
    await delay(20);
    await live(hosts);
    await until('the counts', () => server.held.length === 2);
    await stop(hosts);
  });

  it('gets everything again without a second tick, but not where it loses that again', async () => {
    const { server, hosts, one } = await hostWithTwoEvents();
    server.clear();
    one.tick();
    await until('the counts', () => server.held.length === 2);
    server.clear();
    one.tick();
    await until('the loss', () => one.running.sharing.status.mode === 'behind');
    await delay(50);
    expect(server.held).to.deep.equal([]);
    one.tick();
    await until('the counts', () => server.held.length === 2);
    await stop(hosts);
  });

  it('starts no block with what a host repeats that was killed meanwhile', async () => {
    const { server, hosts, one } = await hostWithTwoEvents();
    one.save();
    await one.kill();
    server.clear();
    await one.start();
    await live(hosts);
    await until('the counts', () => server.held.length === 2);
    expect(server.deferred).to.equal(2);
    await stop(hosts);
  });
});

describe('sharing/sharing: the backlog of a host', () => {
  const backlogOf = (host: SharingHost) => host.running.sharing.figures.backlog;

  it('is what the server has not counted, also after a restart, and is reported to the others', async () => {
    const server = new MemoryServer(terms, clock);
    const [one, two] = await startedHosts(['mx1', 'mx2'], server);
    if (one === undefined || two === undefined) throw new Error('no hosts');
    await fail(one, 1);
    await until('the count', () => server.counted.length === 1);
    expect(backlogOf(one)).to.equal(0);
    one.save();
    server.failure = 'the network is down';
    one.tick();
    await until('the trouble', () => one.troubles.has('share-down'));
    expect(one.running.sharing.figures.isUp).to.equal(false);
    await fail(one, 2, '192.0.2.2');
    expect(backlogOf(one)).to.equal(2);
    one.save();
    await one.kill();
    await one.start();
    await fail(one, 2, '192.0.2.3');
    expect(backlogOf(one)).to.equal(4);
    server.failure = undefined;
    await live([one, two]);
    await until('the counts', () => server.counted.length === 5 && backlogOf(one) === 0);
    one.tick();
    await until('the report', async () => {
      const hosts = await two.running.sharing.gathering.hosts();
      return hosts.every(({ backlog }) => backlog === 0);
    });
    await stop([one, two]);
  });

  it('is not known while a server that was emptied gets the events again', async () => {
    const server = new MemoryServer(terms, clock);
    const [one] = await startedHosts(['mx1'], server);
    if (one === undefined) throw new Error('no host');
    await fail(one, 2);
    await until('the counts', () => server.counted.length === 2);
    server.clear();
    // The report that finds it empty is the last call that is answered.
    server.callsLeft = 1;
    one.tick();
    await until('the loss', () => one.running.sharing.status.mode === 'behind');
    expect(backlogOf(one)).to.equal(undefined);
    server.callsLeft = Number.POSITIVE_INFINITY;
    await live([one]);
    await until('the counts', () => server.counted.length === 4 && backlogOf(one) === 0);
    await stop([one]);
  });
});

type Step =
  | { readonly type: 'fail'; readonly host: number; readonly times: number }
  | { readonly type: 'save' | 'kill'; readonly host: number }
  | { readonly type: 'down'; readonly calls: number }
  | { readonly type: 'up' | 'clear' };

const host = fc.nat(1);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constant('fail' as const), host, times: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ type: fc.constantFrom('save' as const, 'kill' as const), host }),
  fc.record({ type: fc.constant('down' as const), calls: fc.nat(4) }),
  fc.record({ type: fc.constantFrom('up' as const, 'clear' as const) }),
);

describe('sharing/sharing: whatever fails', () => {
  it('each event is counted once, also again by a server that has lost it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        now = START;
        const server = new MemoryServer(terms, clock);
        const hosts = await startedHosts(['mx1', 'mx2'], server);
        // A daemon writes a snapshot when it has started.
        for (const one of hosts) one.save();
        for (const one of steps) await take(one, hosts, server);
        await take({ type: 'up' }, hosts, server);
        await live(hosts);
        const written = hosts.flatMap(({ name, lines }) => lines.map(({ at }) => `${name} ${at}`)).sort();
        await until('all events to be counted', () => server.held.length >= written.length);
        expect(server.held.map((one) => `${one.host} ${one.event.at}`).sort()).to.deep.equal(written);
        await stop(hosts);
      }),
      { numRuns: 20 },
    );
  });
});

async function take(one: Step, hosts: readonly SharingHost[], server: MemoryServer): Promise<void> {
  const which = 'host' in one ? hosts[one.host] : undefined;
  if (one.type === 'down') server.callsLeft = one.calls;
  else if (one.type === 'up') server.callsLeft = Number.POSITIVE_INFINITY;
  else if (one.type === 'clear') server.clear();
  else if (one.type === 'fail' && which !== undefined) await fail(which, one.times, `192.0.2.${now % 50}`);
  else if (one.type === 'save') which?.save();
  else if (which !== undefined) {
    await which.kill();
    await which.start();
    await which.read();
  }
  for (const each of hosts) each.tick();
  await delay(5);
}
