// kill -9 while a real Postfix goes on logging: the block starts at exactly the limit-th event.

import { renameSync } from 'node:fs';
import { expect } from 'chai';
import { TestHost } from '../harness/host.ts';
import { describeReal, POSTFIX } from '../harness/real.ts';
import { until } from '../harness/until.ts';

const SIX = `
  rejected-recipients: {counts: rejected-recipient, limit: 6, within: 1h, block-for: 48h, message: Too many recipients.}
  connection-spam: {counts: dropped-connection, limit: 2, within: 10m, block-for: 12h, message: Too many connections.}
`;

describeReal('postfix: kill -9 beside a real Postfix', POSTFIX, () => {
  let host: TestHost;

  beforeEach(async () => {
    host = await TestHost.start({ rules: SIX });
  });

  afterEach(async () => {
    await host.stop();
  });

  let guesses = 0;

  async function guess(ip: string, times: number): Promise<void> {
    const client = await host.postfix.client(ip);
    await client.command('EHLO client.example');
    await client.command('MAIL FROM:<sender@client.example>');
    for (let i = 0; i < times; i++) await client.command(`RCPT TO:<no-${++guesses}@example.test>`);
    await client.quit();
    await until('the rejection in the log', () => host.postfix.logText.includes(`to=<no-${guesses}@`));
  }

  function rotate(): void {
    renameSync(host.postfix.log, `${host.postfix.log}.1`);
    host.postfix.reopenLog();
  }

  it('with events before, while down, and in a log rotated while down', async () => {
    const ip = '192.0.2.70';
    await guess(ip, 2);
    await host.hasRead(`to=<no-${guesses}@`);
    await guess(ip, 1);
    await host.daemon.stop('SIGKILL');
    await guess(ip, 1);
    rotate();
    await guess(ip, 1);
    await host.daemon.start();
    await host.hasRead(`to=<no-${guesses}@`);
    expect(await host.counts(ip)).to.deep.equal({ 'rejected-recipient': 5 });
    expect(host.daemon.audit()).to.deep.equal([]);

    await guess(ip, 1);
    await host.blocked(ip, 'rejected-recipients');
    await host.daemon.stop('SIGKILL');
    await host.daemon.start();
    await host.hasRead(`to=<no-${guesses}@`);
    expect(await host.daemon.verdict(ip)).to.equal('action=REJECT Too many recipients.');
    expect(host.daemon.audit()).to.have.lengthOf(1);
  });

  it('in the middle of a session that is dropped while the daemon is down', async () => {
    const ip = '192.0.2.71';
    const first = await host.postfix.client(ip);
    await first.command('GET / HTTP/1.1');
    await host.hasRead(`disconnect from unknown[${ip}]`);

    const second = await host.postfix.client(ip);
    await second.command('EHLO client.example');
    await host.daemon.snapshot();
    await host.daemon.stop('SIGKILL');
    await second.command('POST / HTTP/1.1');
    await second.closed();
    await host.daemon.start();
    await host.blocked(ip, 'connection-spam');
  });
});
