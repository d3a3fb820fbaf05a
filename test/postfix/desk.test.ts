// Support commands with a real Postfix: why an IP is blocked, what mail was refused, and lifting the block.

import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import type { ShowAnswer } from '../../src/desk/answers.ts';
import { CLI } from '../harness/daemon.ts';
import { TestHost } from '../harness/host.ts';
import { describeReal, POSTFIX } from '../harness/real.ts';
import type { SmtpClient } from '../harness/smtp.ts';
import { until } from '../harness/until.ts';

const IP = '192.0.2.80';
const TEXT = 'Your IP is sending excessive rejected recipients. Please contact support.';

describeReal('postfix: the support desk beside a real Postfix', POSTFIX, () => {
  let host: TestHost;

  before(async () => {
    host = await TestHost.start();
  });

  after(async () => {
    await host.stop();
  });

  function postblock(...args: string[]): { status: number | null; out: string; err: string } {
    const command = [CLI, ...args, '--policy', host.daemon.policy];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    return { status, out: stdout, err: stderr };
  }

  function shown(): ShowAnswer {
    return JSON.parse(postblock('show', IP, '--json').out) as ShowAnswer;
  }

  async function session(): Promise<SmtpClient> {
    const client = await host.postfix.client(IP, 'client.example');
    await client.command('EHLO helo.example');
    return client;
  }

  async function guess(names: readonly string[]): Promise<void> {
    const client = await session();
    await client.command('MAIL FROM:<guess@client.example>');
    for (const name of names) await client.command(`RCPT TO:<${name}@example.test>`);
    await client.quit();
    await host.hasRead(`to=<${names.at(-1)}@example.test>`);
  }

  it('shows rule, text, evidence, the three refused mails, time left and the other counts', async () => {
    await guess(['one', 'two', 'three']);
    await host.blocked(IP, 'rejected-recipients');
    const client = await session();
    for (const sender of ['a', 'b', 'c']) {
      const reply = await client.mail(`${sender}@client.example`, 'user@example.test', 'x');
      expect(reply).to.contain(TEXT);
      await client.command('RSET');
    }
    await client.quit();
    await host.hasRead('from=<c@client.example>');

    const { block, counts } = shown();
    expect(block).to.include({ rule: 'rejected-recipients', text: TEXT, refused: 3, by: null });
    const guessed = ['one', 'two', 'three'].map((name) => `${name}@example.test`);
    expect(block?.evidence.map(({ recipient }) => recipient)).to.deep.equal(guessed);
    for (const { reply } of block?.evidence ?? []) expect(reply).to.match(/^550 5\.1\.1 .*User unknown/);
    expect(block?.mails.map(({ sender, recipient, helo }) => [sender, recipient, helo])).to.deep.equal(
      ['a', 'b', 'c'].map((sender) => [`${sender}@client.example`, 'user@example.test', 'helo.example']),
    );
    expect(Date.parse(block?.until ?? '') - Date.parse(block?.since ?? '')).to.equal(48 * 3_600_000);
    expect(counts.map(({ rule, limit }) => [rule, limit])).to.deep.equal(
      ['rejected-recipients', 'auth-failures', 'connection-spam', 'rejected-after-data'].map((rule) => [
        rule,
        3,
      ]),
    );
  });

  it('shows it as text of 80 columns', () => {
    const { status, out } = postblock('show', IP);
    expect(status).to.equal(0);
    expect(out).to.match(
      /^192\.0\.2\.80 \(client\.example\) is blocked by rejected-recipients, ends in\s+2d\s/,
    );
    for (const text of [TEXT, 'one@example.test', 'a@client.example', 'user@example.test'])
      expect(out).to.contain(text);
    for (const line of out.split('\n')) expect(line.length, line).to.be.at.most(80);
    expect(postblock('list').out).to.match(/^IP +RULE [\s\S]*^192\.0\.2\.80 +rejected-recipients .* 3 /m);
  });

  it('lifts it at the next RCPT, with who and why, over kill -9, and old counts do not come back', async () => {
    expect(postblock('unblock', IP, '--reason', 'ticket 4711')).to.include({ status: 0, err: '' });
    const lifted = Date.now();
    await host.daemon.stop('SIGKILL');
    await host.daemon.start();
    // Postfix's stamps have whole seconds: what it logs in the second of the lift seems to precede it.
    await until('the next second', () => Date.now() >= lifted + 1000);
    const client = await session();
    await client.command('MAIL FROM:<sender@client.example>');
    expect(await client.command('RCPT TO:<user@example.test>')).to.equal('250 2.1.5 Ok');
    await client.quit();

    await guess(['four', 'five']);
    const { block, history } = shown();
    expect(block).to.equal(null);
    expect(history.at(-1)).to.include({ event: 'end', reason: 'lifted', why: 'ticket 4711' });
    expect(history.at(-1)).to.have.property('by').that.is.a('string').and.is.not.empty;
    const ends = host.daemon.audit().filter(({ event }) => event === 'end');
    expect(ends).to.have.lengthOf(1);
    await guess(['six']);
    await until('the block of three new events', () => shown().block !== null);
  });
});
