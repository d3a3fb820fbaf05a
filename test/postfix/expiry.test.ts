// The end of a block with a real Postfix: served again with counts at zero, blocked again for the full time.

import { expect } from 'chai';
import { TestHost } from '../harness/host.ts';
import { describeReal, POSTFIX } from '../harness/real.ts';
import type { SmtpClient } from '../harness/smtp.ts';
import { until } from '../harness/until.ts';

/** As SMALL_RULES, with blocks that a test can wait for. */
const SHORT = `
  rejected-recipients: {counts: rejected-recipient, limit: 3, within: 1h, block-for: 4s, message: Too many recipients.}
  connection-spam: {counts: dropped-connection, limit: 1, within: 10m, block-for: 4s, message: Too many connections.}
`;
const BLOCK = 4000;

describeReal('postfix: the end of a block beside a real Postfix', POSTFIX, () => {
  let host: TestHost;

  before(async () => {
    host = await TestHost.start({ rules: SHORT });
  });

  after(async () => {
    await host.stop();
  });

  async function session(ip: string): Promise<SmtpClient> {
    const client = await host.postfix.client(ip);
    await client.command('EHLO client.example');
    await client.command('MAIL FROM:<sender@client.example>');
    return client;
  }

  async function guess(client: SmtpClient, times: number): Promise<void> {
    for (let i = 0; i < times; i++) await client.command(`RCPT TO:<no-${i}@example.test>`);
  }

  function times(ip: string, event: string, field: string): number[] {
    const lines = host.daemon.audit().filter((line) => line.ip === ip && line.event === event);
    return lines.map((line) => Date.parse(String(line[field])));
  }

  it('serves the client again with counts at zero, and blocks it again for the full time', async () => {
    const ip = '192.0.2.50';
    const client = await session(ip);
    await guess(client, 3);
    await host.blocked(ip, 'rejected-recipients');
    expect(await client.command('RCPT TO:<user@example.test>')).to.contain('Too many recipients.');
    await host.daemon.said(/block-end ip=192\.0\.2\.50 /);

    expect(await client.command('RCPT TO:<user@example.test>')).to.equal('250 2.1.5 Ok');
    await guess(client, 2);
    await host.hasRead('to=<no-1@example.test>');
    expect(await client.command('RCPT TO:<other@example.test>')).to.equal('250 2.1.5 Ok');
    await client.quit();
    await host.hasRead(`disconnect from unknown[${ip}]`);
    expect(await host.counts(ip)).to.deep.equal({ 'rejected-recipient': 2 });

    const again = await session(ip);
    await guess(again, 1);
    await host.daemon.said(/ block ip=192\.0\.2\.50 [\s\S]* block ip=192\.0\.2\.50 /);
    await until('both blocks in the audit trail', () => times(ip, 'block', 'at').length === 2);
    const [first = 0, second = 0] = times(ip, 'block', 'at');
    const [firstEnd = 0, secondEnd = 0] = times(ip, 'block', 'until');
    expect(firstEnd - first).to.equal(BLOCK);
    expect(secondEnd - second).to.equal(BLOCK);
    expect(second).to.be.at.least(firstEnd);
  });

  it('does not count a connection that is dropped because of own refusals', async () => {
    const ip = '192.0.2.60';
    const client = await session(ip);
    await guess(client, 3);
    await host.blocked(ip, 'rejected-recipients');
    for (let i = 0; i < 13; i++) {
      expect(await client.command('RCPT TO:<user@example.test>')).to.contain('Too many recipients.');
    }
    await host.daemon.said(/block-end ip=192\.0\.2\.60 /);
    // The block has expired, and the twentieth error ends the session. Without our refusals it would not.
    await guess(client, 2);
    client.send('NONSENSE\r\nNONSENSE\r\n');
    await client.closed();
    await host.hasRead(`too many errors after UNKNOWN from unknown[${ip}]`);
    await host.hasRead(`disconnect from unknown[${ip}]`);
    expect(await host.counts(ip)).to.deep.equal({ 'rejected-recipient': 2 });
  });
});
