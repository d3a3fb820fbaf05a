// Good senders near a limit, beside a real Postfix: who is spared, who passes, and who is blocked all the same.

import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { CLI } from '../harness/daemon.ts';
import { login, TestHost } from '../harness/host.ts';
import { COLLEAGUES } from '../harness/postfix.ts';
import { describeReal, POSTFIX } from '../harness/real.ts';
import type { SmtpClient } from '../harness/smtp.ts';
import { until } from '../harness/until.ts';

const RULES = `
  rejected-recipients:
    counts: rejected-recipient
    limit: 3
    within: 1h
    share: 10%
    block-for: 1h
    message: Your IP is sending excessive rejected recipients. Please contact support.
  auth-failures:
    counts: auth-failure
    limit: 3
    within: 1h
    share: 50%
    forgive: login
    passes: authenticated
    block-for: 1h
    message: Your IP is generating excessive authentication failures. Please contact support.
`;
const MAIN = `
smtpd_sasl_auth_enable = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
local_recipient_maps = inline:{ user=ok }, regexp:{{/^user[0-9]+@/ ok}}
`;
const REFUSED = /^554 5\.7\.1 .*: Your IP is /;

async function session(host: TestHost, ip: string): Promise<SmtpClient> {
  const client = await host.postfix.client(ip);
  await client.command('EHLO client.example');
  return client;
}

/** Sends one message, and waits until the daemon has read that Postfix accepted it. */
async function send(host: TestHost, client: SmtpClient, recipients: readonly string[]): Promise<void> {
  expect(await client.command('MAIL FROM:<sender@client.example>')).to.match(/^250 /);
  for (const recipient of recipients)
    expect(await client.command(`RCPT TO:<${recipient}@example.test>`)).to.match(/^250 /);
  await client.command('DATA');
  const reply = await client.command('Subject: hello\r\n\r\ntext\r\n.');
  const [, queueId = ''] = /^250 .*queued as (\w+)$/.exec(reply) ?? [];
  await host.hasRead(`${queueId}: from=<sender@client.example>`);
}

/** The replies to recipients that do not exist. */
async function guess(client: SmtpClient, count: number): Promise<void> {
  await client.command('MAIL FROM:<sender@client.example>');
  for (let i = 0; i < count; i++)
    expect(await client.command(`RCPT TO:<no-${i}@example.test>`)).to.match(/^550 5\.1\.1 /);
  await client.command('RSET');
}

async function fail(host: TestHost, ip: string, users: readonly string[]): Promise<void> {
  const client = await session(host, ip);
  for (const user of users) expect(await client.command(login(user, 'wrong'))).to.match(/^535 /);
  await client.quit();
}

describeReal('postfix: good senders near a limit', POSTFIX, () => {
  let host: TestHost;

  before(async () => {
    host = await TestHost.start({
      rules: RULES,
      more: 'allow: [loopback, private]\n',
      postfix: { main: MAIN },
    });
  });

  after(async () => {
    await host.stop();
  });

  const many = Array.from({ length: 60 }, (_, i) => `user${i}`);

  it('spares a host with a small part of unknown recipients, and blocks it from its share on', async () => {
    const ip = '192.0.2.110';
    const client = await session(host, ip);
    await send(host, client, many);
    await guess(client, 6);
    await host.daemon.said(new RegExp(`\\bspared ip=${ip} rule=rejected-recipients `));
    await send(host, client, ['user']);
    await guess(client, 1);
    await host.blocked(ip, 'rejected-recipients');
    await client.command('MAIL FROM:<sender@client.example>');
    expect(await client.command('RCPT TO:<user@example.test>')).to.match(REFUSED);
    await client.quit();
  });

  it('spares an office where one device has an old password and others log in', async () => {
    const ip = '192.0.2.111';
    for (const user of COLLEAGUES) {
      const client = await session(host, ip);
      expect(await client.command(login(user, 'right'))).to.match(/^235 /);
      await send(host, client, ['user']);
      await client.quit();
    }
    await fail(host, ip, ['customer', 'customer', 'customer', 'customer']);
    await host.daemon.said(new RegExp(`\\bspared ip=${ip} rule=auth-failures `));
    const client = await session(host, ip);
    await send(host, client, ['user']);
    await client.quit();
    expect(host.daemon.output).not.to.match(/\bblock ip=192\.0\.2\.111 /);
  });

  it('blocks a guesser of many names, also if one account is its own', async () => {
    const ip = '192.0.2.112';
    const client = await session(host, ip);
    await client.command(login('customer', 'right'));
    await send(host, client, ['user']);
    await client.quit();
    await fail(host, ip, ['root', 'admin', 'info']);
    await host.blocked(ip, 'auth-failures');
  });

  it('lets those pass who log in from the address of a guesser, and nobody else there', async () => {
    const ip = '192.0.2.113';
    await fail(host, ip, ['root', 'admin', 'info']);
    await host.blocked(ip, 'auth-failures');
    const customer = await session(host, ip);
    expect(await customer.command(login('customer', 'right'))).to.match(/^235 /);
    await send(host, customer, ['user']);
    await customer.quit();
    const other = await session(host, ip);
    await other.command('MAIL FROM:<sender@client.example>');
    expect(await other.command('RCPT TO:<user@example.test>')).to.match(REFUSED);
    await other.quit();
  });

  it('never blocks a gateway with a private address, and suspects a proxy', async () => {
    const ip = '172.18.0.1';
    const client = await session(host, ip);
    await guess(client, 8);
    await host.daemon.said(/\bproxy-suspected .*172\.18\.0\.1/);
    await send(host, client, ['user']);
    await client.quit();
  });
});

describeReal('postfix: a fault of the host itself', POSTFIX, () => {
  const customers = ['192.0.2.120', '192.0.2.121', '192.0.2.122', '192.0.2.123'];
  let host: TestHost;

  before(async () => {
    const more = 'breaker: {clients: 2, share: 1%, within: 10m}\n';
    host = await TestHost.start({ rules: RULES, more, postfix: { main: MAIN } });
  });

  after(async () => {
    await host.stop();
  });

  async function loseRecipients(ip: string): Promise<SmtpClient> {
    const client = await session(host, ip);
    await guess(client, 3);
    return client;
  }

  it('opens the breaker: further clients in good standing are spared, and others are blocked', async () => {
    for (const ip of customers) {
      const client = await session(host, ip);
      await send(host, client, ['user']);
      await client.quit();
    }
    for (const ip of customers.slice(0, 2)) {
      await loseRecipients(ip);
      await host.blocked(ip, 'rejected-recipients');
    }
    for (const ip of customers.slice(2)) {
      const client = await loseRecipients(ip);
      await host.daemon.said(new RegExp(`\\bspared ip=${ip} rule=rejected-recipients .*reason=breaker`));
      await send(host, client, ['user']);
    }
    await host.daemon.said(/\berror breaker-open /);
    await loseRecipients('192.0.2.129');
    await host.blocked('192.0.2.129', 'rejected-recipients');
  });

  it('is over with postblock resume: who goes on is blocked', async () => {
    const [ip = ''] = customers.slice(2);
    const args = [CLI, 'resume', '--reason', 'repaired', '--policy', host.daemon.policy];
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).not.to.equal('');
    // The stamps of the log have whole seconds: what has that of the command is from before it.
    await until('the block', async () => {
      const client = await session(host, ip);
      await client.command('MAIL FROM:<sender@client.example>');
      const reply = await client.command('RCPT TO:<no-0@example.test>');
      await client.quit();
      return REFUSED.test(reply);
    });
  });
});
