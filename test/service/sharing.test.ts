// Three daemons with a log each, on one server of Redis: what one host counts, blocks and lifts holds on all.

import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { endDaemons, SMALL_RULES } from '../harness/daemon.ts';
import { describeReal } from '../harness/real.ts';
import { REDIS, RedisServer } from '../harness/redis.ts';
import { SharingDaemon } from '../harness/sharing-daemon.ts';
import { until } from '../harness/until.ts';
import { caughtUp, rejectedRecipient, stamp, times } from './mail.ts';

const IP = '192.0.2.1';
const OTHER = '192.0.2.2';
const REJECT = /^action=REJECT /;
const SHARE = SMALL_RULES.replace(
  'limit: 3, within: 1h, block-for: 48h,',
  'limit: 3, within: 1h, share: 30%, block-for: 48h,',
);

function sharingDaemon(host: string, server: RedisServer, rules?: string): SharingDaemon {
  return new SharingDaemon({ host, url: `unix://${server.socket}`, ...(rules !== undefined && { rules }) });
}

async function startedHosts(server: RedisServer, rules?: string): Promise<readonly SharingDaemon[]> {
  const hosts = ['mx1', 'mx2', 'mx3'].map((host) => sharingDaemon(host, server, rules));
  for (const host of hosts) await host.start();
  for (const host of hosts) await host.live();
  return hosts;
}

async function blockedOnAll(hosts: readonly SharingDaemon[], ip: string, isBlocked = true): Promise<void> {
  for (const host of hosts)
    await until(`the verdict about ${ip}`, async () => REJECT.test(await host.verdict(ip)) === isBlocked);
}

function knock(host: SharingDaemon | undefined, ip: string, count = 1): void {
  host?.append(...times(count, () => rejectedRecipient(ip)));
}

/** Replaces a text in policy.yml. */
function edit({ policy }: SharingDaemon, text: string, by: string): void {
  writeFileSync(policy, readFileSync(policy, 'utf8').replace(text, by));
}

describeReal('service: hosts that share', REDIS, () => {
  let server: RedisServer;

  beforeEach(async () => {
    server = await RedisServer.start();
  });

  afterEach(async () => {
    await endDaemons();
    await server.kill();
  });

  it('block a client on all that stays under the limit on each, and free it on all', async () => {
    const hosts = await startedHosts(server);
    const [one, two] = hosts;
    knock(one, IP, 2);
    knock(two, IP);
    await blockedOnAll(hosts, IP);
    await two?.said(/ block ip=192\.0\.2\.1 rule=rejected-recipients .* count=3 host=mx\d/);
    // A host keeps evidence from the second event on.
    const shown = await two?.command('show', IP);
    expect(shown?.stdout).to.match(/^On other hosts\n {2}mx1\n[\s\S]*nobody@example/m);
    const lifted = await one?.command('unblock', IP, '--reason', 'a customer');
    expect(lifted?.stdout).to.match(/^ {2}on all 3 hosts$/m);
    for (const host of hosts) expect(await host.verdict(IP)).to.equal('action=DUNNO');
    const listed = await one?.command('list', '--hosts');
    expect(listed?.stdout).to.match(/^mx3 .*\n\n3 hosts$/m);
    const ends = two?.audit().filter(({ event }) => event === 'end');
    expect(ends).to.have.length(1);
    expect(ends?.[0]).to.include({ reason: 'lifted', why: 'a customer', host: 'mx1' });
    // What was counted before the lift is zero on all.
    for (const host of hosts.slice(0, 2)) knock(host, IP);
    for (const host of hosts) await caughtUp(host);
    await blockedOnAll(hosts, IP, false);
    knock(two, IP);
    await blockedOnAll(hosts, IP);
  });

  it('allow and grace a client on all', async () => {
    const hosts = await startedHosts(server);
    const [one, two, three] = hosts;
    await one?.command('allow', IP, '--for', '1h', '--reason', 'a partner');
    await two?.said(/ allow ip=192\.0\.2\.1 .* host=mx1/);
    await three?.said(/ allow ip=192\.0\.2\.1 .* host=mx1/);
    await two?.command('unblock', OTHER, '--grace', '1h', '--reason', 'cleans up');
    await three?.said(/ grace ip=192\.0\.2\.2 .* host=mx2/);
    for (const ip of [IP, OTHER]) knock(three, ip, 5);
    knock(three, '192.0.2.3', 5);
    await blockedOnAll(hosts, '192.0.2.3');
    for (const ip of [IP, OTHER]) await blockedOnAll(hosts, ip, false);
  });

  it('spare a client on all that is good on another host', async () => {
    const hosts = await startedHosts(server, SHARE);
    const [one, two] = hosts;
    const id = '5C1E2A000';
    one?.append(
      `${stamp(Date.now())} mx1 postfix/smtpd[2101]: ${id}: client=unknown[${IP}]`,
      `${stamp(Date.now())} mx1 postfix/qmgr[55]: ${id}: from=<shop@example.org>, size=900, nrcpt=40 (queue active)`,
    );
    if (one !== undefined) await caughtUp(one);
    knock(one, OTHER);
    await until('the good mail to be counted', () => server.hasField(OTHER));
    knock(two, IP, 4);
    await two?.said(/ spared ip=192\.0\.2\.1 rule=rejected-recipients .*reason=share/);
    await blockedOnAll(hosts, IP, false);
    knock(two, OTHER, 2);
    await blockedOnAll(hosts, OTHER);
  });

  it('find what another one has seen, and say who does not answer', async () => {
    const hosts = await startedHosts(server);
    const [one, two, three] = hosts;
    knock(two, IP, 3);
    await blockedOnAll(hosts, IP);
    knock(three, OTHER, 2);
    if (three !== undefined) await caughtUp(three);
    const { stdout = '' } = (await one?.command('find', 'nobody@example')) ?? {};
    const [here = '', elsewhere = ''] = stdout.split('\nOn other hosts\n');
    expect(here).not.to.contain('192.0.2.');
    expect(elsewhere, stdout).to.match(/^ {2}mx2\n {4}192\.0\.2\.1 is blocked by rejected-recipients/m);
    expect(elsewhere.replace(/\s+/g, ' ')).to.contain('evidence, recipient: nobody@example');
    expect(elsewhere).to.match(/^ {2}mx3\n[\s\S]*^ {4}192\.0\.2\.2 is not blocked\n/m);
    expect(stdout).not.to.contain('not answered');
    for (const line of stdout.split('\n')) expect(line.length).to.be.at.most(80);
    three?.signal('SIGSTOP');
    const found = JSON.parse((await one?.command('find', '192.0.2.0/24', '--json'))?.stdout ?? '{}');
    three?.signal('SIGCONT');
    expect(found.found.map(({ ip }: { ip: string }) => ip)).to.deep.equal([IP]);
    expect(found.elsewhere).to.deep.include({ asked: 2, missing: ['mx3'] });
    expect(found.elsewhere.hosts).to.have.length(1);
    expect(found.elsewhere.hosts[0]).to.include({ host: 'mx2', isComplete: true });
  });

  it('count for themselves without the server, and agree when it is back', async () => {
    const hosts = await startedHosts(server);
    const [one, two] = hosts;
    knock(two, OTHER, 3);
    await blockedOnAll(hosts, OTHER);
    server.pause();
    for (const host of hosts) await host.alone();
    knock(one, IP, 3);
    knock(two, '192.0.2.3', 2);
    await one?.said(/ block ip=192\.0\.2\.1 /);
    const { stdout = '' } = (await one?.command('unblock', OTHER, '--reason', 'a customer')) ?? {};
    expect(stdout).to.contain('not on the other hosts yet: the shared server does not answer');
    expect(await two?.verdict(OTHER)).to.match(REJECT);
    server.resume();
    for (const host of hosts) await host.live();
    await one?.said(/ share-down-over /);
    await blockedOnAll(hosts, IP);
    await blockedOnAll(hosts, OTHER, false);
    knock(one, '192.0.2.3');
    await blockedOnAll(hosts, '192.0.2.3');
  });

  it('count what a host wrote that was killed, once', async () => {
    const hosts = await startedHosts(server);
    const [one, two, three] = hosts;
    knock(one, IP);
    await until('the event to be counted', () => server.hasField(IP));
    await one?.stop('SIGKILL');
    knock(one, OTHER, 2);
    await one?.start();
    await one?.live();
    // Once more would make three.
    knock(two, IP);
    knock(three, OTHER);
    await blockedOnAll(hosts, OTHER);
    if (two !== undefined) await caughtUp(two);
    await blockedOnAll(hosts, IP, false);
    knock(three, IP);
    await blockedOnAll(hosts, IP);
  });

  it('give an emptied server their blocks again', async () => {
    const hosts = await startedHosts(server);
    const [one, two] = hosts;
    knock(one, IP, 3);
    await blockedOnAll(hosts, IP);
    knock(one, OTHER, 2);
    await until('the events to be counted', () => server.hasField(OTHER));
    server.cli('flushall');
    await until('the counts to be there again', () => server.hasField(OTHER));
    for (const host of hosts) await host.live();
    // No block starts while other hosts may still have to repeat what they know.
    await until('the end of the repetition', () => server.cli('keys', '*}:r') === '');
    knock(two, OTHER);
    await blockedOnAll(hosts, OTHER);
    await until('the block to be there again', () => server.hasField(IP));
  });

  it('take up another server at a reload, and keep the one they have where a file is missing', async () => {
    const hosts = await startedHosts(server);
    const [one, two, three] = hosts;
    if (one === undefined || two === undefined || three === undefined) throw new Error('no hosts');
    edit(one, 'host: mx1}', 'host: mx1, password-file: /nonexistent}');
    one.signal('SIGHUP');
    await one.said(/ share-state-unchanged .*\/nonexistent/);
    expect(await one.isLive()).to.equal(true);
    edit(one, ', password-file: /nonexistent', '');
    const next = await RedisServer.start();
    for (const host of hosts) {
      edit(host, server.socket, next.socket);
      host.signal('SIGHUP');
      await host.said(/ reload .*share-state: .*->/);
    }
    await server.kill();
    for (const host of hosts) await host.live();
    knock(two, OTHER, 2);
    knock(three, OTHER);
    await blockedOnAll(hosts, OTHER);
    edit(one, 'share-state: ', '# ');
    one.signal('SIGHUP');
    await until('nothing to be shared', async () => (await one.sharing()) === null);
    knock(one, '192.0.2.3', 3);
    await blockedOnAll([one], '192.0.2.3');
    expect(await two.verdict('192.0.2.3')).to.equal('action=DUNNO');
    await endDaemons();
    await next.kill();
  });

  it('say that two have one name, and share nothing of the second', async () => {
    const one = await sharingDaemon('mx1', server).start();
    await one.live();
    const double = await sharingDaemon('mx1', server).start();
    await double.said(/ share-host-taken reason="?another process uses the host name mx1/);
    knock(double, IP, 3);
    await until('its own counts to decide', async () => REJECT.test(await double.verdict(IP)));
    expect(await one.verdict(IP)).to.equal('action=DUNNO');
  });
});
