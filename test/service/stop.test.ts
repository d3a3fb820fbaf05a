// The daemon stops on SIGTERM and SIGINT, and writes a snapshot on SIGUSR1.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endDaemons, PolicyClient, type Snapshot, TestDaemon } from '../harness/daemon.ts';
import { until } from '../harness/until.ts';
import { authFailure, caughtUp, rejectedRecipient, times } from './mail.ts';

const IP = '192.0.2.1';
const TEXT = 'Your IP is sending excessive rejected recipients. Please contact support.';

function snapshotOf(daemon: TestDaemon): Snapshot {
  return JSON.parse(readFileSync(join(daemon.state, 'snapshot.json'), 'utf8')) as Snapshot;
}

describe('service: stop', () => {
  afterEach(endDaemons);

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`ends with code 0 at ${signal}, with everything written`, async () => {
      const daemon = await new TestDaemon().start();
      daemon.append(...times(3, () => rejectedRecipient(IP)), ...times(2, () => authFailure('192.0.2.2')));
      await caughtUp(daemon);
      expect(await daemon.stop(signal)).to.equal(0);
      expect(daemon.output).to.match(/ info stop\n$/);
      const { ips } = snapshotOf(daemon);
      expect(ips[IP]?.block).to.include({ rule: 'rejected-recipients' });
      expect(ips['192.0.2.2']?.events?.['auth-failure']).to.have.length(2);
      expect(daemon.audit().map(({ ip }) => ip)).to.include(IP);
      expect(existsSync(daemon.socket), 'the socket').to.equal(false);
    });

    it(`answers the current request at ${signal}, also if only half of it has come`, async () => {
      const daemon = await new TestDaemon().start();
      const clients = await Promise.all([PolicyClient.open(daemon.socket), PolicyClient.open(daemon.socket)]);
      const [whole, half] = clients;
      const text = `request=smtpd_access_policy\nclient_address=${IP}\n`;
      half?.write(text);
      expect(await whole?.ask({ client_address: IP })).to.equal('action=DUNNO');
      whole?.write(`${text}\n`);
      daemon.signal(signal);
      await until('the listener to be gone', () => !existsSync(daemon.socket));
      half?.write('\n');
      expect(await whole?.reply()).to.equal('action=DUNNO');
      expect(await half?.reply()).to.equal('action=DUNNO');
      expect(await daemon.exited()).to.equal(0);
      await until('the connections to be closed', () => clients.every(({ isClosed }) => isClosed));
    });
  }

  it('stops once, however often it is asked to', async () => {
    const daemon = await new TestDaemon().start();
    const client = await PolicyClient.open(daemon.socket);
    client.write('request=smtpd_access_policy\n');
    await daemon.verdict(IP);
    daemon.signal('SIGTERM');
    await until('the listener to be gone', () => !existsSync(daemon.socket));
    daemon.signal('SIGTERM');
    daemon.signal('SIGINT');
    daemon.signal('SIGHUP');
    daemon.signal('SIGUSR1');
    expect(await daemon.exited()).to.equal(0);
    expect(() => snapshotOf(daemon)).not.to.throw();
    client.close();
  });

  it('ends with code 0 at SIGTERM in the middle of its start', async () => {
    const daemon = new TestDaemon();
    daemon.spawn();
    await daemon.said(/ start version=/);
    expect(await daemon.stop()).to.equal(0);
  });

  it('survives SIGHUP and SIGUSR1 in the middle of its start', async () => {
    const daemon = new TestDaemon();
    daemon.spawn();
    await daemon.said(/ start version=/);
    daemon.signal('SIGHUP');
    daemon.signal('SIGUSR1');
    const isOver = daemon.exited().then((code) => `ended with ${code}`);
    expect(await Promise.race([daemon.said(/ ready /).then(() => 'ready'), isOver])).to.equal('ready');
    expect(await daemon.verdict(IP)).to.equal('action=DUNNO');
  });

  it('loses nothing over a restart, and continues to count', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(...times(3, () => rejectedRecipient(IP)), ...times(2, () => authFailure('192.0.2.2')));
    await caughtUp(daemon);
    await daemon.stop();
    await daemon.start();
    expect(daemon.output).to.match(/ snapshot-read tracked=3 blocks=2 /);
    expect(await daemon.verdict(IP)).to.equal(`action=REJECT ${TEXT}`);
    daemon.append(...authFailure('192.0.2.2'));
    await daemon.said(/ block ip=192\.0\.2\.2 rule=auth-failures .*count=3/);
  });

  it('refuses a blocked client from the first answer after a start', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(...times(3, () => rejectedRecipient(IP)));
    await caughtUp(daemon);
    await daemon.stop();
    daemon.spawn();
    const reply = await until('the first answer', () => daemon.verdict(IP).catch(() => undefined));
    expect(reply).to.equal(`action=REJECT ${TEXT}`);
  });
});

describe('service: SIGUSR1', () => {
  afterEach(endDaemons);

  it('writes a snapshot at once: JSON with one IP per line', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(
      ...times(3, () => rejectedRecipient(IP)),
      ...authFailure('192.0.2.2'),
      ...authFailure('2001:db8::1'),
    );
    await caughtUp(daemon);
    const { ips, version, log } = await daemon.snapshot();
    expect(version).to.equal(3);
    expect(log).to.have.length(1);
    expect(log[0]).to.include({ offset: readFileSync(daemon.log).length });
    expect(ips).to.include.all.keys(IP, '192.0.2.2', '2001:db8::/64');
    const lines = readFileSync(join(daemon.state, 'snapshot.json'), 'utf8').split('\n');
    for (const ip of Object.keys(ips)) {
      expect(
        lines.filter((line) => line.startsWith(`"${ip}":{`)),
        ip,
      ).to.have.length(1);
    }
  });

  it('loses nothing of a flood of signals', async () => {
    const daemon = await new TestDaemon().start();
    for (let i = 0; i < 50; i++) {
      daemon.signal('SIGUSR1');
      daemon.append(...rejectedRecipient(IP));
    }
    await caughtUp(daemon);
    expect((await daemon.snapshot()).ips[IP]?.block).to.include({ count: 3 });
    expect(daemon.output).not.to.match(/ error | fault /);
  });
});
