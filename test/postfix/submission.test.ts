// A customer who logs in and is blocked: support sees each refused mail, and the login where Postfix logs it.

import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import type { ShowAnswer } from '../../src/desk/answers.ts';
import { CLI } from '../harness/daemon.ts';
import { RIGHT_PASSWORD, TestHost } from '../harness/host.ts';
import { isPostfixFrom } from '../harness/postfix.ts';
import { describeReal, POSTFIX } from '../harness/real.ts';

const IP = '192.0.2.85';
const SENDER = 'customer@client.example';
const RECIPIENTS = ['user@example.test', 'other@example.test'];
const REFUSAL = /^554 5\.7\.1 .*Your IP is sending excessive rejected recipients/;

describeReal('postfix: a blocked customer who is logged in', POSTFIX, () => {
  /** RELEASE_NOTES-3.10 (20241023): smtpd(8) appends `sasl_method=… sasl_username=…` to its `reject` lines. */
  const user = isPostfixFrom(3, 10) ? 'customer' : undefined;
  let host: TestHost;

  before(async () => {
    host = await TestHost.start({ postfix: { main: 'smtpd_sasl_auth_enable = yes' } });
    const client = await host.postfix.client(IP, 'client.example');
    await client.command('EHLO helo.example');
    expect(await client.command(RIGHT_PASSWORD)).to.match(/^235 /);
    await client.command(`MAIL FROM:<${SENDER}>`);
    for (const name of ['a', 'b', 'c']) await client.command(`RCPT TO:<no-${name}@example.test>`);
    await host.blocked(IP, 'rejected-recipients');
    for (const recipient of RECIPIENTS)
      expect(await client.command(`RCPT TO:<${recipient}>`)).to.match(REFUSAL);
    await client.quit();
    await host.hasRead(`disconnect from client.example[${IP}]`);
  });

  after(async () => {
    await host.stop();
  });

  function postblock(...args: string[]): string {
    return execFileSync(process.execPath, [CLI, ...args, '--policy', host.daemon.policy], {
      encoding: 'utf8',
    });
  }

  it(`has the refused mails in show, with sender, recipient${user === undefined ? '' : ', SASL user'} and HELO name`, () => {
    const { block } = JSON.parse(postblock('show', IP, '--json')) as ShowAnswer;
    expect(block).to.include({ rule: 'rejected-recipients', refused: RECIPIENTS.length });
    expect(block?.mails).to.have.lengthOf(RECIPIENTS.length);
    for (const [i, recipient] of RECIPIENTS.entries()) {
      expect(block?.mails[i]).to.include({ sender: SENDER, recipient, helo: 'helo.example' });
      expect(block?.mails[i]?.user).to.equal(user);
    }
  });

  it('is charged for none of them', () => {
    const limit = 'rules.rejected-recipients.limit=4';
    const replayed = postblock('replay', host.postfix.log, '--set', limit, '--json').trimEnd().split('\n');
    expect(replayed.map((line) => JSON.parse(line).event)).to.deep.equal(['report']);
  });
});
