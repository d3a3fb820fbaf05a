// Sessions that a real Postfix ends, and rejections of its own: how they count.

import { expect } from 'chai';
import { TestHost } from '../harness/host.ts';
import { describeReal, POSTFIX } from '../harness/real.ts';

const RULES = `
  everything:
    counts: [rejected-recipient, dropped-connection, abandoned-connection, rejected-message, probe]
    limit: 1000
    within: 1h
    block-for: 1h
    message: Blocked.
`;
const MAIN = `
smtpd_forbid_unauth_pipelining = yes
smtpd_forbid_bare_newline = reject
smtpd_forbid_bare_newline_exclusions =
strict_7bit_headers = yes
smtpd_relay_restrictions = reject_unauth_destination
`;

describeReal('postfix: what a real Postfix ends or refuses', POSTFIX, () => {
  let host: TestHost;

  before(async () => {
    host = await TestHost.start({ rules: RULES, postfix: { main: MAIN } });
  });

  after(async () => {
    await host.stop();
  });

  /** Waits until the session of this client has ended and been read. */
  async function classes(ip: string): Promise<Readonly<Record<string, number>>> {
    await host.hasRead(`disconnect from unknown[${ip}]`);
    return await host.classes(ip);
  }

  it('counts a session that it ended for pipelining as dropped', async () => {
    const client = await host.postfix.client('192.0.2.60');
    client.send('EHLO early.example\r\nNOOP\r\n');
    await client.closed();
    expect(await classes('192.0.2.60')).to.deep.equal({ protocol: 1 });
  });

  it('counts a bare line feed in a command as the end of the session, and not as a recipient', async () => {
    const client = await host.postfix.client('192.0.2.61');
    await client.command('EHLO client.example');
    await client.command('MAIL FROM:<sender@client.example>');
    await client.command('RCPT TO:<user@example.test>');
    client.send('NOOP\n');
    await client.closed();
    expect(await classes('192.0.2.61')).to.deep.equal({ protocol: 1 });
  });

  it('counts a bare line feed in a message as its rejection', async () => {
    const client = await host.postfix.client('192.0.2.62');
    await client.command('EHLO client.example');
    await client.mail('sender@client.example', 'user@example.test', 'Subject: x\r\n\r\nbare\nfeed');
    await client.quit();
    expect(await classes('192.0.2.62')).to.deep.equal({ restriction: 1 });
  });

  it('counts a MIME error as a rejected message', async () => {
    const client = await host.postfix.client('192.0.2.63');
    await client.command('EHLO client.example');
    await client.mail('sender@client.example', 'user@example.test', 'Subject: \xe4\xf6\xfc\r\n\r\ntext');
    await client.quit();
    expect(host.postfix.logText).to.match(/cleanup\[\d+\]: \w+: reject: mime-error /);
    expect(await classes('192.0.2.63')).to.deep.equal({ content: 1 });
  });

  it('counts AUTH where it is not offered as probes, one for each', async () => {
    const client = await host.postfix.client('192.0.2.64');
    await client.command('EHLO client.example');
    for (const _ of [1, 2, 3]) expect(await client.command('AUTH LOGIN')).to.match(/^50[23] /);
    await client.quit();
    expect(await classes('192.0.2.64')).to.deep.equal({ 'auth-not-offered': 3 });
  });

  it('distinguishes the classes of rejected recipients', async () => {
    const client = await host.postfix.client('192.0.2.65');
    await client.command('EHLO client.example');
    await client.command('MAIL FROM:<sender@client.example>');
    await client.command('RCPT TO:<nobody@example.test>');
    await client.command('RCPT TO:<x@elsewhere.example>');
    await client.command('RCPT TO:<"x>: Recipient address rejected: User unknown; y"@elsewhere.example>');
    await client.quit();
    expect(await classes('192.0.2.65')).to.deep.equal({ 'unknown-recipient': 1, 'relay-denied': 2 });
  });
});
