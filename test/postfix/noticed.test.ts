// Lines of a real Postfix that are not abuse, or only an attempt: how they count.

import { expect } from 'chai';
import { TestHost } from '../harness/host.ts';
import { describeReal, POSTFIX } from '../harness/real.ts';
import { SmtpClient } from '../harness/smtp.ts';

const RULES = `
  rejected-recipients:
    {counts: rejected-recipient, limit: 3, within: 1h, block-for: 48h, message: Your IP is sending excessive rejected recipients. Please contact support.}
  connection-spam: {counts: dropped-connection, limit: 3, within: 10m, block-for: 12h, message: No.}
  hang-ups: {counts: abandoned-connection, limit: 100, within: 10m, block-for: 12h, message: No.}
  probes: {counts: probe, limit: 100, within: 10m, block-for: 12h, message: No.}
`;
/** As before 3.9, which ends the session for pipelining; another reject code; postscreen as shipped. */
const MAIN = `
smtpd_forbid_unauth_pipelining = no
access_map_reject_code = 550
postscreen_greet_action = ignore
disable_vrfy_command = no
`;

describeReal('postfix: lines of a real Postfix that are not counted, or count for less', POSTFIX, () => {
  let host: TestHost;

  before(async () => {
    host = await TestHost.start({ rules: RULES, postfix: { main: MAIN } });
  });

  after(async () => {
    await host.stop();
  });

  it('do not count pipelining that was only noticed: the sessions end with QUIT', async () => {
    for (let i = 0; i < 4; i++) {
      const client = await host.postfix.client('192.0.2.31');
      client.send('EHLO health.example\r\nQUIT\r\n');
      await client.closed();
    }
    await host.hasRead('disconnect from unknown[192.0.2.31]');
    expect(host.postfix.logText).to.contain(
      'improper command pipelining after EHLO from unknown[192.0.2.31]',
    );
    expect(await host.counts('192.0.2.31')).to.deep.equal({});
    expect(host.daemon.output).not.to.contain(' block ip=192.0.2.31 ');
  });

  it('do not count own refusals, whatever code access_map_reject_code gives them', async () => {
    const client = await host.postfix.client('192.0.2.32');
    await client.command('EHLO client.example');
    await client.command('MAIL FROM:<sender@client.example>');
    for (const name of ['a', 'b', 'c']) await client.command(`RCPT TO:<no-${name}@example.test>`);
    await host.blocked('192.0.2.32', 'rejected-recipients');
    for (const name of ['user', 'other'])
      expect(await client.command(`RCPT TO:<${name}@example.test>`)).to.match(
        /^550 5\.7\.1 .*Your IP is sending/,
      );
    await client.quit();
    await host.hasRead('disconnect from unknown[192.0.2.32]');
    const { ips } = await host.daemon.snapshot();
    expect(ips['192.0.2.32']?.block).to.include({ rule: 'rejected-recipients', refused: 2 });
  });

  it('count VRFY as a probe and not as a recipient', async () => {
    const client = await host.postfix.client('192.0.2.33');
    await client.command('EHLO client.example');
    for (const name of ['a', 'b', 'c', 'd'])
      expect(await client.command(`VRFY no-${name}@example.test`)).to.match(/^550 /);
    await client.quit();
    await host.hasRead('disconnect from unknown[192.0.2.33]');
    expect(await host.classes('192.0.2.33')).to.deep.equal({ vrfy: 4 });
  });

  it('count no drop where postscreen only logs the fault: it passes the client on, who hangs up', async () => {
    const client = await SmtpClient.connect(host.postfix.ports.postscreen, '127.0.0.34');
    client.send('EHLO early.example\r\n');
    await client.greeting();
    client.hangUp();
    await host.hasRead('disconnect from unknown[127.0.0.34]');
    expect(host.postfix.logText).to.match(/PREGREET \d+ after \S+ from \[127\.0\.0\.34\]/);
    expect(await host.counts('127.0.0.34')).to.deep.equal({ 'abandoned-connection': 1 });
  });
});
