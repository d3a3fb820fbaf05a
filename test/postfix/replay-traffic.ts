// A few seconds of a mail host: abuse of each kind, own refusals, good mail, and manual actions.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CLI } from '../harness/daemon.ts';
import { RIGHT_PASSWORD, TestHost, WRONG_PASSWORD } from '../harness/host.ts';
import { SmtpClient } from '../harness/smtp.ts';
import { until } from '../harness/until.ts';

const run = promisify(execFile);

/** Rules with blocks that end during the test, one with a block that outlasts it, and one that only watches. */
const RULES = `
  rejected-recipients: {counts: rejected-recipient, limit: 3, within: 1h, block-for: 3s, message: Too many recipients.}
  auth-failures: {counts: auth-failure, limit: 3, within: 1h, block-for: 24h, message: Too many failures.}
  connection-spam: {counts: dropped-connection, limit: 2, within: 10m, block-for: 4s, message: Too many connections.}
  rejected-after-data: {counts: rejected-message, limit: 2, within: 1h, block-for: 4s, message: Too many messages.}
  watched: {counts: rejected-recipient, limit: 2, within: 1h, block-for: 8s, message: Watched., enforce: false}
`;

export const IPS = {
  guesser: '192.0.2.10',
  ipv6: '2001:db8:1:2::/64',
  spammer: '192.0.2.20',
  cracker: '127.0.0.21',
  scanner: '192.0.2.30',
  early: '127.0.0.35',
  customer: '192.0.2.60',
  byHand: '192.0.2.80',
  last: '192.0.2.90',
  allowed: '192.0.2.200',
};
export const CUSTOMER_NAME = 'mail.customer.example';
export const SENDER = 'sender@client.example';
/** a recipient that is delivered, and one that bounces after it was accepted */
export const [GOOD, BOUNCING] = ['user@example.test', 'other@example.test'];

/** Queue IDs of the customer's mails, by the time of its watched block. */
export interface CustomerMails {
  readonly before: string;
  readonly during: {
    readonly delivered: string;
    readonly bounced: string;
    readonly partly: string;
    /** with SASL, on submission */
    readonly submitted: string;
  };
  readonly after: string;
}

export async function startHost(): Promise<TestHost> {
  return await TestHost.start({
    rules: RULES,
    more: `allow: [${IPS.allowed}]\n`,
    // A recipient that error(8) would bounce is rejected at once; that the user is unknown is seen only later.
    postfix: {
      main: `transport_maps = inline:{ { ${BOUNCING} = closed: } }\ndefault_transport = discard`,
      master: 'closed unix - n n - - pipe user=nobody argv=/bin/sh -c {exit 67}',
    },
  });
}

/** All of it. When it resolves, Postfix has stopped, and the daemon has reported an end that came after that. */
export async function traffic(host: TestHost): Promise<CustomerMails> {
  const [mails] = await Promise.all([
    customer(host),
    guesser(host, IPS.guesser, IPS.guesser),
    guesser(host, IPS.ipv6, '2001:db8:1:2::a', '2001:db8:1:2:ffff::b'),
    spammer(host),
    cracker(host),
    scanner(host),
    early(host),
    allowed(host),
    byHand(host),
  ]);
  const last = await guess(host, IPS.last, 3);
  await host.blocked(IPS.last, 'rejected-recipients');
  last.hangUp();
  await host.hasRead(`lost connection after RCPT from unknown[${IPS.last}]`);
  host.postfix.stop();
  await ended(host, IPS.last, 'rejected-recipients', 1);
  return mails;
}

/** A client that guesses recipients until it is blocked, goes on, and is blocked again after the block. */
async function guesser(host: TestHost, key: string, first: string, second = first): Promise<void> {
  const client = await guess(host, first, 3);
  await host.blocked(key, 'rejected-recipients');
  await client.command(`RCPT TO:<${GOOD}>`);
  await client.command('RCPT TO:<nobody@example.test>');
  await client.quit();
  await ended(host, key, 'rejected-recipients', 1);
  await (await guess(host, second, 3)).quit();
  await ended(host, key, 'rejected-recipients', 2);
}

async function spammer(host: TestHost): Promise<void> {
  const client = await session(host, IPS.spammer);
  for (const subject of ['unwanted', 'later', 'unwanted'])
    await client.mail(SENDER, GOOD, `Subject: ${subject}\r\n\r\ntext`);
  await host.blocked(IPS.spammer, 'rejected-after-data');
  await client.mail(SENDER, GOOD, 'Subject: wanted\r\n\r\ntext');
  await client.quit();
}

async function cracker(host: TestHost): Promise<void> {
  const { submission } = host.postfix.ports;
  const client = await SmtpClient.connect(submission, IPS.cracker);
  await client.greeting();
  await client.command('EHLO client.example');
  for (const _ of [1, 2, 3]) await client.command(WRONG_PASSWORD);
  await client.quit();
  await host.blocked(IPS.cracker, 'auth-failures');
  const again = await SmtpClient.connect(submission, IPS.cracker);
  await again.greeting();
  await again.quit();
}

async function scanner(host: TestHost): Promise<void> {
  for (const _ of [1, 2]) {
    const client = await host.postfix.client(IPS.scanner);
    client.send('GET / HTTP/1.1\r\n');
    await client.closed();
  }
  await host.blocked(IPS.scanner, 'connection-spam');
  const again = await session(host, IPS.scanner);
  await again.mail(SENDER, GOOD, 'Subject: wanted\r\n\r\ntext');
  await again.quit();
}

/** A client that postscreen(8) drops because it does not wait for the greeting. */
async function early(host: TestHost): Promise<void> {
  for (const _ of [1, 2]) {
    const client = await SmtpClient.connect(host.postfix.ports.postscreen, IPS.early);
    client.send('EHLO too-early.example\r\n');
    await client.greeting();
    await client.quit();
  }
  await host.blocked(IPS.early, 'connection-spam');
}

async function allowed(host: TestHost): Promise<void> {
  const client = await guess(host, IPS.allowed, 5);
  await client.command('RSET');
  await client.mail(SENDER, GOOD, 'Subject: wanted\r\n\r\ntext');
  await client.quit();
}

/** A client that guesses a little, and sends mail that Postfix accepts before, during and after its watched block. */
async function customer(host: TestHost): Promise<CustomerMails> {
  const mail = async (...recipients: string[]) =>
    await accepted(host, await session(host, IPS.customer, CUSTOMER_NAME), recipients);
  const before = await mail(GOOD);
  await (await guess(host, IPS.customer, 2, CUSTOMER_NAME)).quit();
  await host.daemon.said(/ watched-block ip=192\.0\.2\.60 rule=watched /);
  const during = {
    delivered: await mail(GOOD),
    bounced: await mail(BOUNCING),
    partly: await mail(GOOD, BOUNCING),
    submitted: await accepted(host, await submission(host), [GOOD]),
  };
  await ended(host, IPS.customer, 'watched', 1);
  return { before, during, after: await mail(GOOD) };
}

/** Blocked and unblocked by support: the mail log shows only the refusal in between. */
async function byHand(host: TestHost): Promise<void> {
  const act = (...args: string[]) =>
    run(process.execPath, [CLI, ...args, '--reason', 'ticket 4711', '--policy', host.daemon.policy]);
  await act('block', IPS.byHand, '--rule', 'auth-failures', '--for', '1h');
  const client = await session(host, IPS.byHand);
  await client.mail(SENDER, GOOD, 'Subject: wanted\r\n\r\ntext');
  await host.hasRead(`<unknown[${IPS.byHand}]>: Client host rejected`);
  await act('unblock', IPS.byHand);
  await client.quit();
}

/** The customer, logged in. */
async function submission(host: TestHost): Promise<SmtpClient> {
  const client = await host.postfix.client(IPS.customer, CUSTOMER_NAME, host.postfix.ports.submission);
  await client.command('EHLO client.example');
  await client.command(RIGHT_PASSWORD);
  return client;
}

/** A mail in this session. @returns its queue ID */
async function accepted(host: TestHost, client: SmtpClient, recipients: readonly string[]): Promise<string> {
  await client.command(`MAIL FROM:<${SENDER}>`);
  for (const recipient of recipients) await client.command(`RCPT TO:<${recipient}>`);
  await client.command('DATA');
  const reply = await client.command('Subject: wanted\r\n\r\ntext\r\n.');
  await client.quit();
  const [, queueId] = /^250 2\.0\.0 Ok: queued as (\S+)$/.exec(reply) ?? [];
  if (queueId === undefined) throw new Error(`not accepted: ${reply}`);
  await host.hasRead(`${queueId}: removed`);
  return queueId;
}

async function session(host: TestHost, ip: string, name?: string): Promise<SmtpClient> {
  const client = await host.postfix.client(ip, name);
  await client.command('EHLO client.example');
  return client;
}

async function guess(host: TestHost, ip: string, times: number, name?: string): Promise<SmtpClient> {
  const client = await session(host, ip, name);
  await client.command(`MAIL FROM:<${SENDER}>`);
  for (let i = 0; i < times; i++) await client.command(`RCPT TO:<no-${i}@example.test>`);
  return client;
}

/** Waits until so many blocks of a rule have ended. */
async function ended(host: TestHost, ip: string, rule: string, times: number): Promise<void> {
  await until(`end ${times} of ${rule} for ${ip}`, () => {
    const ends = host.daemon
      .audit()
      .filter((line) => line.event === 'end' && line.ip === ip && line.rule === rule);
    return ends.length === times;
  });
}
