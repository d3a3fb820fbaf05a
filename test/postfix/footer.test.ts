// The footer of contrib/reject_footer: after the rule's text, which stays as it is, and in no other refusal.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { ShowAnswer } from '../../src/desk/answers.ts';
import { CLI } from '../harness/daemon.ts';
import { TestHost, WRONG_PASSWORD } from '../harness/host.ts';
import { describeReal, POSTFIX } from '../harness/real.ts';
import { SmtpClient } from '../harness/smtp.ts';

const MAP = fileURLToPath(new URL('../../../contrib/reject_footer', import.meta.url));
const IP = '192.0.2.86';
const TEXT = 'Your IP is sending excessive rejected recipients. Please contact support.';

/** The footer as contrib/reject_footer has it. */
function footer(ip: string): string {
  const time = '[A-Z][a-z]{2} [ 0-3][0-9] [0-9:]{8}';
  return ` See https://support\\.example/blocked, client ${ip}, ${time}, mx\\.example\\.test`;
}

describeReal('postfix: refusals with a footer', POSTFIX, () => {
  let host: TestHost;

  before(async () => {
    host = await TestHost.start({ postfix: { main: `smtpd_reject_footer_maps = regexp:${MAP}` } });
  });

  after(async () => {
    await host.stop();
  });

  async function session(): Promise<SmtpClient> {
    const client = await host.postfix.client(IP);
    await client.command('EHLO client.example');
    await client.command('MAIL FROM:<sender@client.example>');
    return client;
  }

  async function show(): Promise<ShowAnswer> {
    const args = [CLI, 'show', IP, '--json', '--policy', host.daemon.policy];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as ShowAnswer;
  }

  it('end, at RCPT and at the end of DATA, with where to get help and what support needs to know', async () => {
    const writing = await session();
    expect(await writing.command('RCPT TO:<user@example.test>')).to.match(/^250 /);
    expect(await writing.command('DATA')).to.match(/^354 /);
    const guessing = await session();
    for (const name of ['a', 'b', 'c']) {
      const reply = await guessing.command(`RCPT TO:<no-${name}@example.test>`);
      expect(reply)
        .to.match(/^550 5\.1\.1 /)
        .and.not.to.contain('support.example');
    }
    await host.blocked(IP, 'rejected-recipients');
    expect(await guessing.command('RCPT TO:<user@example.test>')).to.match(
      new RegExp(`^554 5\\.7\\.1 <unknown\\[${IP}\\]>: Client host rejected: ${TEXT}${footer(IP)}$`),
    );
    expect(await writing.command('Subject: x\r\n\r\ntext\r\n.')).to.match(
      new RegExp(`^554 5\\.7\\.1 <END-OF-MESSAGE>: End-of-data rejected: ${TEXT}${footer(IP)}$`),
    );
    await guessing.quit();
    await writing.quit();
  });

  it('are still known as ours: the block has both, and nothing of them counts', async () => {
    await host.hasRead(`END-OF-MESSAGE from unknown[${IP}]: 554`);
    const { block, history } = await show();
    expect(block).to.include({ rule: 'rejected-recipients', refused: 2 });
    expect(history).to.have.lengthOf(1);
    expect(host.postfix.logText).not.to.contain('support.example');
  });

  it('end so in the greeting on submission, too', async () => {
    const { submission } = host.postfix.ports;
    const client = await SmtpClient.connect(submission, '127.0.0.23');
    await client.greeting();
    await client.command('EHLO client.example');
    for (let i = 0; i < 3; i++) await client.command(WRONG_PASSWORD);
    await host.blocked('127.0.0.23', 'auth-failures');
    const again = await SmtpClient.connect(submission, '127.0.0.23');
    expect(await again.greeting()).to.match(
      new RegExp(`^554 5\\.7\\.1 .*: Your IP is generating excessive .*\\.${footer('127.0.0.23')}$`),
    );
    again.hangUp();
    client.hangUp();
  });
});
