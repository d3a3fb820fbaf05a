// A customer at home beside a main.cf that refuses such hosts: they log in on submission and send.

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { RIGHT_PASSWORD, TestHost } from '../harness/host.ts';
import { freePorts } from '../harness/postfix.ts';
import { describeReal, POSTFIX } from '../harness/real.ts';
import type { SmtpClient } from '../harness/smtp.ts';

const MASTER = new URL('../../../contrib/master.cf', import.meta.url);

/** Of a dynamic address: without a name, and on a block list, here a table. */
const IP = '192.0.2.85';
const LISTED = '554 5.7.1 <unknown[192.0.2.85]>: Client host rejected: Access denied';

/** What many hosts have against other servers' abuse. */
const MAIN = `
mynetworks = 127.0.0.1/32
default_transport = discard
smtpd_helo_required = yes
strict_rfc821_envelopes = yes
block_list = check_client_access inline:{${IP}=REJECT}
smtpd_client_restrictions = $postblock, permit_mynetworks, $block_list, reject_unknown_client_hostname,
    reject_unauth_pipelining
smtpd_helo_restrictions = permit_mynetworks, reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname,
    reject_unknown_helo_hostname, check_helo_access inline:{LAPTOP-7Q2=REJECT}
smtpd_sender_restrictions = permit_mynetworks, $block_list, reject_non_fqdn_sender, reject_unknown_sender_domain
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_recipient_restrictions = permit_mynetworks, $block_list, reject_unknown_reverse_client_hostname,
    reject_unlisted_recipient
smtpd_data_restrictions = reject_unauth_pipelining, reject_multi_recipient_bounce
smtpd_etrn_restrictions = reject
`;

describeReal('postfix: a customer at home, beside a main.cf full of restrictions', POSTFIX, () => {
  let host: TestHost;
  let bare: number;

  before(async () => {
    [bare = 0] = await freePorts(1);
    const master = `127.0.0.1:${bare} inet n - n - - smtpd
    -o smtpd_sasl_auth_enable=yes -o smtpd_delay_reject=no -o smtpd_client_restrictions=$postblock`;
    host = await TestHost.start({ postfix: { main: MAIN, master } });
  });

  after(async () => {
    await host.stop();
  });

  async function customer(port: number, ip = IP): Promise<SmtpClient> {
    return await host.postfix.client(ip, '[UNAVAILABLE]', port);
  }

  it('logs in on submission with the name LAPTOP-7Q2, and sends to any domain', async () => {
    const client = await customer(host.postfix.ports.submission);
    expect(await client.command('EHLO LAPTOP-7Q2')).to.match(/^250-AUTH /m);
    expect(await client.command(RIGHT_PASSWORD)).to.match(/^235 /);
    expect(await client.command('MAIL FROM:<customer@laptop.invalid>')).to.match(/^250 /);
    for (const recipient of ['user@example.test', 'friend@elsewhere.example'])
      expect(await client.command(`RCPT TO:<${recipient}>`)).to.match(/^250 /);
    await client.command('DATA');
    expect(await client.command('Subject: hello\r\n\r\ntext\r\n.')).to.match(/^250 /);
    await client.quit();
  });

  it('cannot send there without a login', async () => {
    const client = await customer(host.postfix.ports.submission, '192.0.2.87');
    await client.command('EHLO LAPTOP-7Q2');
    await client.command('MAIL FROM:<customer@laptop.invalid>');
    for (const recipient of ['user@example.test', 'friend@elsewhere.example'])
      expect(await client.command(`RCPT TO:<${recipient}>`)).to.match(/^554 5\.7\.1 .*: Access denied$/);
    await client.quit();
  });

  it('is refused on port 25, which is for other servers', async () => {
    const client = await customer(host.postfix.ports.smtp);
    await client.command('EHLO LAPTOP-7Q2');
    await client.command('MAIL FROM:<customer@laptop.invalid>');
    expect(await client.command('RCPT TO:<user@example.test>')).to.equal(LISTED);
    await client.quit();
  });

  it('has the same restrictions on submissions, within TLS', () => {
    const services = readFileSync(MASTER, 'utf8')
      .split(/^(?=\w)/m)
      .slice(1);
    const restrictions = services.map((service) => service.match(/^ .*(?:_restrictions|_reject)=.*$/gm));
    expect(restrictions).to.have.lengthOf(2);
    expect(restrictions[1]).to.deep.equal(restrictions[0]);
  });

  it('would not come to the login if the restrictions of main.cf held on submission', async () => {
    const client = await customer(bare, '192.0.2.88');
    expect(await client.command('EHLO LAPTOP-7Q2')).to.match(
      /^504 5\.5\.2 <LAPTOP-7Q2>: Helo command rejected: /,
    );
    await client.quit();
  });
});
