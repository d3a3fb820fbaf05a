// What clients do well at a real Postfix: each message once, for the client that brought it, whatever way it takes.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { isGood } from '../../src/blocks/events/event.ts';
import { userHash } from '../../src/maillog/login-user.ts';
import { LogReader } from '../../src/maillog/reader.ts';
import { StampReader } from '../../src/maillog/syslog/stamp.ts';
import { RIGHT_PASSWORD, TestHost, WRONG_PASSWORD } from '../harness/host.ts';
import { freePorts } from '../harness/postfix.ts';
import { describeReal, POSTFIX } from '../harness/real.ts';
import type { SmtpClient } from '../harness/smtp.ts';
import { until } from '../harness/until.ts';
import { parseLine } from '../maillog/parse-line.ts';

const SENDER = 'sender@client.example';
const WANTED = 'Subject: wanted\r\n\r\ntext';
const MAIN = `
transport_maps = inline:{ later.test=scan:[127.0.0.1]:9 }
relay_domains = later.test
smtpd_sasl_auth_enable = yes
smtpd_authorized_xforward_hosts =
`;

/** The user that the harness knows, where the event has the hash of its name. */
function userOf({ user }: { readonly user?: number | undefined }): string {
  return user === userHash('customer') ? 'customer' : `${user}`;
}

/** A service at this port, without the policy service: it takes back what a filter returns. */
const back = (port: number, more: string) => `
127.0.0.1:${port} inet n - n - - smtpd
    -o syslog_name=postfix/back -o smtpd_client_restrictions= -o smtpd_end_of_data_restrictions= ${more}`;
const front = (port: number, more: string) => `
127.0.0.1:${port} inet n - n - - smtpd
    -o smtpd_end_of_data_restrictions= ${more}`;

describeReal('postfix: what clients do well at a real Postfix', POSTFIX, () => {
  let host: TestHost;
  let checks: string;
  const ports = { forwarded: 0, plain: 0, after: 0, afterPlain: 0, before: 0, beforePlain: 0, held: 0 };

  before(async () => {
    const free = await freePorts(Object.keys(ports).length);
    for (const [i, name] of Object.keys(ports).entries()) ports[name as keyof typeof ports] = free[i] ?? 0;
    checks = mkdtempSync(join(tmpdir(), 'checks-'));
    chmodSync(checks, 0o755);
    writeFileSync(join(checks, 'hold'), '/^Received:/ HOLD\n');
    const master = [
      back(ports.forwarded, '-o smtpd_authorized_xforward_hosts=127.0.0.0/8'),
      back(ports.plain, ''),
      front(ports.after, `-o content_filter=scan:[127.0.0.1]:${ports.forwarded}`),
      front(ports.afterPlain, `-o content_filter=scan:[127.0.0.1]:${ports.plain}`),
      front(ports.before, `-o smtpd_proxy_filter=127.0.0.1:${ports.forwarded}`),
      front(ports.beforePlain, `-o smtpd_proxy_filter=127.0.0.1:${ports.plain}`),
      front(ports.held, '-o cleanup_service_name=holding'),
      '\npickup unix n - n 60 1 pickup',
      '\nscan unix - - n - - smtp -o smtp_send_xforward_command=yes',
      `\nholding unix n - n - 0 cleanup -o header_checks=regexp:${checks}/hold`,
    ].join('');
    host = await TestHost.start({ postfix: { main: MAIN, master } });
  });

  after(async () => {
    await host.stop();
    rmSync(checks, { recursive: true });
  });

  /** `KIND[ RECIPIENTS or USER]` of each good event of a client, and each failed login, in the order of the log. */
  function good(ip: string): string[] {
    const reader = new LogReader();
    reader.readsGood = true;
    const stamps = new StampReader();
    const events: string[] = [];
    for (const text of host.postfix.logText.split('\n')) {
      const record = parseLine(text, stamps, Date.now());
      if (record === undefined) continue;
      reader.read(record, (event) => {
        if (event.address !== ip) return;
        if (event.kind === 'auth-failure') events.push(`failure ${userOf(event)}`);
        if (!isGood(event)) return;
        const { kind } = event;
        const more = kind === 'login' ? ` ${userOf(event)}` : '';
        events.push(kind === 'accepted-message' ? `message ${event.recipients}` : `${kind}${more}`);
      });
    }
    return events;
  }

  const logged = (text: string | RegExp, times = 1) =>
    until(`${text} in Postfix's log`, () => host.postfix.logText.split(text).length > times);

  /** Sends a message to these recipients, and returns the client, still connected. */
  async function send(
    ip: string,
    port: number,
    recipients: readonly string[],
    message = WANTED,
  ): Promise<SmtpClient> {
    const client = await host.postfix.client(ip, undefined, port);
    await client.command('EHLO client.example');
    await deliver(client, recipients, message);
    return client;
  }

  async function deliver(
    client: SmtpClient,
    recipients: readonly string[],
    message = WANTED,
  ): Promise<string> {
    await client.command(`MAIL FROM:<${SENDER}>`);
    for (const recipient of recipients)
      expect(await client.command(`RCPT TO:<${recipient}>`)).to.match(/^250 /);
    await client.command('DATA');
    return await client.command(`${message}\r\n.`);
  }

  const BOTH = ['user@example.test', 'other@example.test'];

  it('counts a message with its recipients, and the end of its connection', async () => {
    const client = await send('192.0.2.10', host.postfix.ports.smtp, BOTH);
    await client.quit();
    await logged('disconnect from unknown[192.0.2.10]');
    await until('the message to be taken up', () => good('192.0.2.10').includes('message 2'));
    expect(good('192.0.2.10').sort()).to.deep.equal(['ended-connection', 'message 2']);
  });

  it('counts no message that is refused, nor a connection that is broken off', async () => {
    const client = await send('192.0.2.11', host.postfix.ports.smtp, BOTH, 'Subject: unwanted\r\n\r\ntext');
    await client.quit();
    await logged('disconnect from unknown[192.0.2.11]');
    expect(good('192.0.2.11')).to.deep.equal(['ended-connection']);
    const other = await host.postfix.client('192.0.2.12');
    await other.command('EHLO client.example');
    other.hangUp();
    await logged('disconnect from unknown[192.0.2.12]');
    expect(good('192.0.2.12')).to.deep.equal([]);
  });

  it('counts a message once that is deferred and tried again', async () => {
    const client = await send('192.0.2.13', host.postfix.ports.smtp, ['a@later.test']);
    await client.quit();
    await logged('to=<a@later.test>');
    execFileSync('postqueue', ['-c', join(host.daemon.folder, 'postfix'), '-f']);
    await logged('to=<a@later.test>', 2);
    expect(host.postfix.logText.match(/nrcpt=1 \(queue active\)/g)?.length).to.be.at.least(2);
    expect(good('192.0.2.13').filter((event) => event.startsWith('message'))).to.deep.equal(['message 1']);
  });

  it('counts logins, with the user where a message names it, who is that of a failed one before', async () => {
    const client = await host.postfix.client('192.0.2.14', undefined, host.postfix.ports.submission);
    await client.command('EHLO client.example');
    expect(await client.command(WRONG_PASSWORD)).to.match(/^535 /);
    expect(await client.command(RIGHT_PASSWORD)).to.match(/^235 /);
    for (const _ of [1, 2]) expect(await deliver(client, ['user@example.test'])).to.match(/^250 /);
    await client.quit();
    await logged('disconnect from unknown[192.0.2.14]');
    await until('both messages to be taken up', () => good('192.0.2.14').length === 5);
    // RELEASE_NOTES-3.9, and the last releases of 3.5 to 3.8
    const isNamed = /authentication failed: .*, sasl_username=/.test(host.postfix.logText);
    expect(good('192.0.2.14').sort()).to.deep.equal([
      'ended-connection',
      `failure ${isNamed ? 'customer' : undefined}`,
      'login customer',
      'message 1',
      'message 1',
    ]);
    const other = await host.postfix.client('192.0.2.15', undefined, host.postfix.ports.submission);
    await other.command('EHLO client.example');
    await other.command(RIGHT_PASSWORD);
    await other.quit();
    await logged('disconnect from unknown[192.0.2.15]');
    expect(good('192.0.2.15')).to.deep.equal(['login undefined', 'ended-connection']);
  });

  for (const [what, name, ip] of [
    ['with XFORWARD', 'after', '192.0.2.20'],
    ['without XFORWARD', 'afterPlain', '192.0.2.21'],
  ] as const)
    it(`counts a message once that passes a content filter after the queue, ${what}`, async () => {
      const before = host.postfix.logText.split('postfix/discard').length;
      const client = await send(ip, ports[name], BOTH);
      await client.quit();
      await logged('postfix/discard', before + 1);
      expect(good(ip).sort()).to.deep.equal(['ended-connection', 'message 2']);
    });

  for (const [what, name, ip, recipients] of [
    ['with XFORWARD, with all recipients', 'before', '192.0.2.22', 2],
    ['with XFORWARD of an IPv6 address, with all recipients', 'before', '2001:db8::22', 2],
    ['without XFORWARD, with one recipient', 'beforePlain', '192.0.2.23', 1],
  ] as const)
    it(`counts a message once that passes a filter before the queue, ${what}`, async () => {
      const before = host.postfix.logText.split('postfix/discard').length;
      const client = await send(ip, ports[name], BOTH);
      await client.quit();
      await logged('postfix/discard', before + 1);
      await logged(`disconnect from unknown[${ip}]`);
      expect(good(ip).sort()).to.deep.equal(['ended-connection', `message ${recipients}`]);
    });

  it('counts a message on hold, where every message is held, when its connection has ended', async () => {
    const client = await send('192.0.2.24', ports.held, BOTH);
    expect(good('192.0.2.24')).to.deep.equal([]);
    await client.quit();
    await logged('disconnect from unknown[192.0.2.24]');
    expect(host.postfix.logText).to.match(/: hold: header Received: /);
    expect(good('192.0.2.24').sort()).to.deep.equal(['ended-connection', 'message 1']);
  });

  it('counts no recipients that a sender writes', async () => {
    const client = await host.postfix.client('192.0.2.25');
    await client.command('EHLO client.example');
    await client.command('MAIL FROM:<"x>, size=1, nrcpt=900 (queue active)"@client.example>');
    await client.command('RCPT TO:<user@example.test>');
    await client.command('DATA');
    expect(await client.command(`${WANTED}\r\n.`)).to.match(/^250 /);
    await client.quit();
    await until('the message to be taken up', () => good('192.0.2.25').length === 2);
    expect(host.postfix.logText).to.include('from=<"x>, size=1, nrcpt=900 (queue active)"@client.example>');
    expect(good('192.0.2.25').sort()).to.deep.equal(['ended-connection', 'message 1']);
  });

  it('never counts anything of this host itself', () => {
    expect(good('127.0.0.1')).to.deep.equal([]);
  });
});
