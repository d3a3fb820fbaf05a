// The four rules with a real Postfix: abuse, and the next hook answers 554 with exactly the rule's text.

import type { Server } from 'node:net';
import { expect } from 'chai';
import { TestHost, WRONG_PASSWORD } from '../harness/host.ts';
import { REFUSAL, refusingProxy } from '../harness/proxy.ts';
import { describeReal, POSTFIX } from '../harness/real.ts';
import { SmtpClient } from '../harness/smtp.ts';

const TEXT = {
  recipients: 'Your IP is sending excessive rejected recipients. Please contact support.',
  auth: 'Your IP is generating excessive authentication failures. Please contact support.',
  connections: 'Your IP address is flooding our SMTP server with abusive requests, please contact support.',
  messages: 'Your IP is sending excessive rejected messages. Please contact support.',
};

const UNWANTED = 'Subject: unwanted\r\n\r\ntext';
const WANTED = 'Subject: wanted\r\n\r\ntext';

describeReal('postfix: the four rules beside a real Postfix', POSTFIX, () => {
  let host: TestHost;
  let proxy: Server;

  before(async () => {
    const { server, port } = await refusingProxy();
    proxy = server;
    host = await TestHost.start({ postfix: { proxy: port } });
  });

  after(async () => {
    await host.stop();
    proxy.close();
  });

  /** The reply to a good client at RCPT. */
  async function recipientReply(ip: string, name?: string): Promise<string> {
    const client = await host.postfix.client(ip, name);
    await client.command('EHLO client.example');
    await client.command('MAIL FROM:<sender@client.example>');
    const reply = await client.command('RCPT TO:<user@example.test>');
    await client.quit();
    return reply;
  }

  async function guessRecipients(client: SmtpClient): Promise<void> {
    await client.command('EHLO client.example');
    await client.command('MAIL FROM:<sender@client.example>');
    for (const name of ['a', 'b', 'c']) {
      expect(await client.command(`RCPT TO:<no-${name}@example.test>`)).to.match(/^550 5\.1\.1 /);
    }
  }

  it('refuses the next RCPT of a client that guessed recipients, and of no other', async () => {
    const client = await host.postfix.client('192.0.2.10');
    await guessRecipients(client);
    await host.blocked('192.0.2.10', 'rejected-recipients');
    expect(await client.command('RCPT TO:<user@example.test>')).to.equal(
      `554 5.7.1 <unknown[192.0.2.10]>: Client host rejected: ${TEXT.recipients}`,
    );
    expect(await recipientReply('192.0.2.10')).to.contain(TEXT.recipients);
    expect(await recipientReply('192.0.2.11')).to.equal('250 2.1.5 Ok');
  });

  it('refuses at the end of a message in a session that was open when the block began', async () => {
    const open = await host.postfix.client('192.0.2.20');
    await open.command('EHLO client.example');
    await open.command('MAIL FROM:<sender@client.example>');
    expect(await open.command('RCPT TO:<user@example.test>')).to.equal('250 2.1.5 Ok');
    expect(await open.command('DATA')).to.match(/^354 /);

    const abuser = await host.postfix.client('192.0.2.20');
    await abuser.command('EHLO client.example');
    for (const _ of [1, 2, 3]) {
      expect(await abuser.mail('sender@client.example', 'user@example.test', UNWANTED)).to.equal(
        '550 5.7.1 Unwanted message',
      );
    }
    await host.blocked('192.0.2.20', 'rejected-after-data');
    expect(await open.command(`${WANTED}\r\n.`)).to.equal(
      `554 5.7.1 <END-OF-MESSAGE>: End-of-data rejected: ${TEXT.messages}`,
    );
  });

  it('greets a client that failed to log in with 554 on submission', async () => {
    const { submission } = host.postfix.ports;
    const from = '127.0.0.21';
    const client = await SmtpClient.connect(submission, from);
    expect(await client.greeting()).to.match(/^220 /);
    await client.command('EHLO client.example');
    for (const _ of [1, 2, 3]) expect(await client.command(WRONG_PASSWORD)).to.match(/^535 5\.7\.8 /);
    await client.quit();
    await host.blocked(from, 'auth-failures');

    const again = await SmtpClient.connect(submission, from);
    expect(await again.greeting()).to.match(
      new RegExp(`^554 5\\.7\\.1 <[^>]*\\[127\\.0\\.0\\.21\\]>: Client host rejected: ${TEXT.auth}$`),
    );
    again.hangUp();
    const other = await SmtpClient.connect(submission, '127.0.0.22');
    expect(await other.greeting()).to.match(/^220 /);
    other.hangUp();
  });

  it('refuses a client whose connections the server had to drop', async () => {
    for (const junk of ['GET / HTTP/1.1', 'POST / HTTP/1.1', 'CONNECT x:25 HTTP/1.1']) {
      const client = await host.postfix.client('192.0.2.30');
      expect(await client.command(junk)).to.match(/^221 2\.7\.0 /);
      await client.closed();
    }
    await host.blocked('192.0.2.30', 'connection-spam');
    expect(await recipientReply('192.0.2.30')).to.equal(
      `554 5.7.1 <unknown[192.0.2.30]>: Client host rejected: ${TEXT.connections}`,
    );
    expect(await recipientReply('192.0.2.31')).to.equal('250 2.1.5 Ok');
  });

  it('counts what a before-queue content filter rejects, for which Postfix does not log the client', async () => {
    const client = await host.postfix.client('192.0.2.36', '[UNAVAILABLE]', host.postfix.ports.proxied);
    await client.command('EHLO client.example');
    for (const _ of [1, 2, 3]) {
      expect(await client.mail('sender@client.example', 'user@example.test', WANTED)).to.equal(REFUSAL);
    }
    await host.blocked('192.0.2.36', 'rejected-after-data');
  });

  it('counts postscreen’s drops too', async () => {
    const from = '127.0.0.35';
    for (const _ of [1, 2, 3]) {
      const client = await SmtpClient.connect(host.postfix.ports.postscreen, from);
      client.send('EHLO too-early.example\r\n');
      await client.greeting();
      await client.quit();
    }
    await host.blocked(from, 'connection-spam');
  });

  it('blocks an IPv6 client by its /64', async () => {
    await guessRecipients(await host.postfix.client('2001:db8:1:2::a'));
    await host.blocked('2001:db8:1:2::/64', 'rejected-recipients');
    expect(await recipientReply('2001:db8:1:2:ffff::b')).to.contain(TEXT.recipients);
    expect(await recipientReply('2001:db8:1:3::a')).to.equal('250 2.1.5 Ok');
  });

  it('lets mail pass when the daemon is down', async () => {
    await host.daemon.stop();
    expect(await recipientReply('192.0.2.10')).to.equal('250 2.1.5 Ok');
    await host.daemon.start();
    expect(await recipientReply('192.0.2.10')).to.contain(TEXT.recipients);
  });

  it('tallies the refusals that Postfix logs, and does not count them as abuse', async () => {
    const client = await host.postfix.client('192.0.2.40');
    await guessRecipients(client);
    await host.blocked('192.0.2.40', 'rejected-recipients');
    // Twenty refusals: at the twentieth error Postfix drops the client (smtpd_hard_error_limit).
    for (let i = 0; i < 17; i++) {
      expect(await client.command('RCPT TO:<user@example.test>')).to.contain(TEXT.recipients);
    }
    await client.closed();
    await host.hasRead('too many errors after RCPT from unknown[192.0.2.40]');
    const { ips } = await host.daemon.snapshot();
    expect(ips['192.0.2.40']).to.have.nested.property('block.refused', 17);
    expect(ips['192.0.2.40']).to.not.have.property('events');
  });
});
