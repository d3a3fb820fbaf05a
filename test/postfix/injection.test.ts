// Attackers write into a real Postfix's log: what they write never counts for another client.

import { expect } from 'chai';
import { TestHost } from '../harness/host.ts';
import { describeReal, POSTFIX } from '../harness/real.ts';
import type { SmtpClient } from '../harness/smtp.ts';

const COUNTING = `
  everything:
    counts: [rejected-recipient, auth-failure, dropped-connection, abandoned-connection, rejected-message]
    limit: 1000
    within: 1h
    block-for: 1h
    message: Blocked.
`;

const VICTIM = '203.0.113.99';
const IMITATION = `NOQUEUE: reject: RCPT from mail.example[${VICTIM}]: 550 5.1.1 <x@example.test>: Recipient address rejected: User unknown`;
const FROM = `from mail.example[${VICTIM}]`;

interface Attack {
  readonly place: string;
  /** the address Postfix sees */
  readonly ip: string;
  run(client: SmtpClient): Promise<unknown>;
  /** text that Postfix logs for it at the end */
  readonly logged?: string;
  readonly counts: Readonly<Record<string, number>>;
}

const ATTACKS: readonly Attack[] = [
  {
    place: 'a Subject that header_checks refuse',
    ip: '192.0.2.101',
    run: (client) =>
      client.mail(
        'a@b.example',
        'user@example.test',
        `Subject: unwanted ${IMITATION}; ${FROM}; from=<a>\r\n\r\nx`,
      ),
    counts: { 'rejected-message': 1 },
  },
  {
    place: 'a body line that body_checks refuse',
    ip: '192.0.2.102',
    run: (client) =>
      client.mail(
        'a@b.example',
        'user@example.test',
        `Subject: x\r\n\r\nunwanted body ${FROM}; proto=ESMTP helo=<y>: 4.7.1 no`,
      ),
    counts: { 'rejected-message': 1 },
  },
  {
    place: 'a HELO name',
    ip: '192.0.2.103',
    run: async (client) => {
      await client.command(`EHLO mail.example[${VICTIM}]: 550 5.1.1 ${IMITATION}`);
      await client.mail('a@b.example', 'nobody@example.test', 'x');
    },
    counts: { 'rejected-recipient': 1 },
  },
  {
    place: 'a sender',
    ip: '192.0.2.104',
    run: (client) =>
      client.mail(
        `"x> ${FROM}: 550 5.1.1 ${IMITATION.replaceAll(/[<>]/g, '')}"@b.example`,
        'nobody@example.test',
        'x',
      ),
    counts: { 'rejected-recipient': 1 },
  },
  {
    place: 'a recipient',
    ip: '192.0.2.105',
    run: (client) => client.mail('a@b.example', `"x ${FROM}: 550 5.1.1 x"@example.test`, 'x'),
    counts: { 'rejected-recipient': 1 },
  },
  {
    place: 'a recipient that imitates a refusal of ours',
    ip: '192.0.2.106',
    run: (client) =>
      client.mail('a@b.example', '">: Recipient address rejected: Blocked.; from=a"@example.test', 'x'),
    counts: { 'rejected-recipient': 1 },
  },
  {
    place: 'a command that is not SMTP',
    ip: '192.0.2.107',
    run: (client) => client.command(`GET /${FROM}: ${IMITATION}`),
    counts: { 'dropped-connection': 1 },
  },
  {
    place: 'pipelined junk',
    ip: '192.0.2.108',
    run: async (client) => {
      client.send(`EHLO x\r\nNOOP ${FROM}\r\n${IMITATION}\r\ndisconnect ${FROM}\r\n`);
      await client.closed();
    },
    counts: { 'dropped-connection': 1 },
  },
];

describeReal('postfix: hostile text in a real Postfix’s log', POSTFIX, () => {
  let host: TestHost;

  before(async () => {
    host = await TestHost.start({ rules: COUNTING });
  });

  after(async () => {
    await host.stop();
  });

  for (const { place, ip, run, counts } of ATTACKS) {
    it(`in ${place} counts only for the client that sent it`, async () => {
      const client = await host.postfix.client(ip);
      await client.command('EHLO attacker.example');
      await run(client);
      await client.quit();
      await host.hasRead(`disconnect from unknown[${ip}]`);
      expect(await host.counts(ip)).to.deep.equal(counts);
      expect((await host.daemon.snapshot()).ips).to.not.have.property(VICTIM);
    });
  }

  it('in a SASL user name counts only for the client that sent it', async () => {
    const ip = '192.0.2.120';
    const client = await host.postfix.client(ip, 'client.example', host.postfix.ports.submission);
    await client.command('EHLO attacker.example');
    const user = `x: warning: mail.example[${VICTIM}]: SASL LOGIN authentication failed: x`;
    await client.command(`AUTH PLAIN ${Buffer.from(`\0${user}\0wrong`).toString('base64')}`);
    await client.quit();
    await host.hasRead(`disconnect from client.example[${ip}]`);
    expect(await host.counts(ip)).to.deep.equal({ 'auth-failure': 1 });
    expect((await host.daemon.snapshot()).ips).to.not.have.property(VICTIM);
  });
});
