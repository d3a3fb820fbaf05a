// find against the real daemon: what it finds, hostile text, verdicts meanwhile, and without the daemon.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { ask } from '../../src/cli/client.ts';
import type { FindAnswer } from '../../src/desk/find/answer.ts';
import { HOSTILE, isHarmless } from '../cli/text/hostile.ts';
import { CLI, endDaemons, TestDaemon } from '../harness/daemon.ts';
import { authFailure, caughtUp, refusedByUs, rejectedRecipient, times } from './mail.ts';

const REASON = ['--reason', 'ticket 4711'];

function run({ policy, folder }: TestDaemon, ...args: string[]) {
  const command = [CLI, ...args, '--policy', policy];
  return spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8', timeout: 30_000 });
}

function answer(daemon: TestDaemon, ...args: string[]): FindAnswer {
  return JSON.parse(run(daemon, ...args, '--json').stdout) as FindAnswer;
}

/** Each client found as `192.0.2.1 blocked evidence user bob`, without those that caughtUp() makes. */
function found(daemon: TestDaemon, ...args: string[]): string[] {
  const clients = answer(daemon, ...args).found.filter(({ ip }) => !ip.startsWith('203.0.113.'));
  return clients.map(({ ip, state, newest }) =>
    [ip, state, newest.place, newest.field, newest.text].join(' '),
  );
}

describe('service: find', () => {
  afterEach(endDaemons);

  it('finds a customer by a login, a sender, a recipient and a ticket, and with the daemon gone too', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(...times(3, () => authFailure('192.0.2.1', Date.now(), 'bob@customer.example')));
    daemon.append(
      ...times(3, () => rejectedRecipient('192.0.2.2')),
      ...refusedByUs('192.0.2.2', 'anna@example.net'),
    );
    await caughtUp(daemon);
    run(daemon, 'block', '192.0.2.3', '--rule', 'auth-failures', '--for', '2h', ...REASON);
    const expected: readonly (readonly [text: string, found: readonly string[]])[] = [
      ['BOB@customer', ['192.0.2.1 blocked evidence user bob@customer.example']],
      ['anna@', ['192.0.2.2 blocked refused-mail recipient anna@example.net']],
      ['4711', ['192.0.2.3 blocked block reason ticket 4711']],
      ['unknown[192.0.2.3]:25', ['192.0.2.3 blocked block ip 192.0.2.3']],
      ['198.51.100.0/24', []],
      ['carol', []],
    ];
    for (const [text, hits] of expected) {
      expect(found(daemon, 'find', text), text).to.deep.equal(hits);
      expect(run(daemon, 'find', text).status, text).to.equal(hits.length === 0 ? 1 : 0);
    }
    const network = run(daemon, 'show', '192.0.2.0/24');
    expect(network).to.include({ status: 0, stderr: '' });
    expect(network.stdout).to.contain('192.0.2.2 is blocked by rejected-recipients');
    expect(run(daemon, 'show', '198.51.100.0/24')).to.include({ status: 1 });
    await daemon.stop();
    for (const [text, hits] of expected) expect(found(daemon, 'find', text), text).to.deep.equal(hits);
    expect(answer(daemon, 'find', 'bob@')).to.include({ source: 'snapshot' });
    expect(run(daemon, 'find', 'bob@').stdout).to.contain('the daemon is not running');
    expect(run(daemon, 'show', '192.0.2.0/24').stdout).to.contain('192.0.2.2 is blocked');
    expect(run(daemon, 'find', 'ab')).to.include({ status: 64, stdout: '' });
  });

  it('unblocks the clients of a network, and asks first', async () => {
    const daemon = await new TestDaemon().start();
    const block = ['--rule', 'auth-failures', '--for', '2h', ...REASON];
    for (const ip of ['192.0.2.1', '192.0.2.2', '192.0.3.1', '2001:db8:1:2::7', '2001:db8:1:3::7'])
      run(daemon, 'block', ip, ...block);
    const blocked = () =>
      found(daemon, 'find', '0.0.0.0/0').map((line) => line.split(' ').slice(0, 2).join(' '));
    const asked = run(daemon, 'unblock', '192.0.2.0/24', ...REASON);
    expect(asked).to.include({ status: 1, stdout: '' });
    expect(asked.stderr).to.contain('Unblock 2 IPs in 192.0.2.0/24?').and.to.contain('nothing was unblocked');
    expect(blocked().filter((line) => line.endsWith('blocked'))).to.have.length(3);
    expect(run(daemon, 'unblock', '[192.0.2.0]/24', '--yes', ...REASON)).to.include({
      status: 0,
      stderr: '',
    });
    expect(blocked()).to.have.members(['192.0.3.1 blocked', '192.0.2.1 none', '192.0.2.2 none']);
    const none = run(daemon, 'unblock', '198.51.100.0/24', '192.0.3.1', '--yes', ...REASON);
    expect(none).to.include({ status: 1 });
    expect(none.stderr).to.equal('postblock: no IP in 198.51.100.0/24 is blocked\n');
    expect(none.stdout).to.contain('192.0.3.1: unblocked');
    expect(run(daemon, 'unblock', '2001:db8:1:2::/64', ...REASON)).to.include({ status: 0 });
    expect(run(daemon, 'unblock', '2001:db8:1::/48', '--yes', ...REASON).stdout).to.contain(
      '2001:db8:1:3::/64',
    );
    const wrong = run(daemon, 'block', '192.0.2.0/24', ...block);
    expect(wrong).to.include({ status: 64, stdout: '' });
    expect(wrong.stderr).to.contain('192.0.2.0/24 is a network of many clients');
  });

  it('finds in the audit trail what is over, in rotated files too', async () => {
    const daemon = await new TestDaemon().start();
    run(
      daemon,
      'block',
      '192.0.2.3',
      '--rule',
      'auth-failures',
      '--for',
      '2h',
      '--reason',
      'seen in the IMAP log',
    );
    run(daemon, 'unblock', '192.0.2.3', ...REASON);
    const old =
      '{"version":1,"sequence":1,"written":"2026-01-01T00:00:00.000Z","event":"end","at":"2026-01-01T00:00:00.000Z","ip":"192.0.2.4","rule":"r","enforced":true,"since":"2026-01-01T00:00:00.000Z","reason":"lifted","refused":0,"by":"carol","why":"ticket 4700"}\n';
    writeFileSync(join(daemon.state, 'audit.jsonl.2.gz'), gzipSync(old));
    expect(found(daemon, 'find', 'ticket 47')).to.deep.equal([
      '192.0.2.3 none audit-trail reason ticket 4711',
      '192.0.2.4 none audit-trail reason ticket 4700',
    ]);
    expect(found(daemon, 'find', 'imap log')).to.deep.equal([
      '192.0.2.3 none audit-trail reason seen in the IMAP log',
    ]);
    expect(found(daemon, 'find', 'carol')).to.deep.equal(['192.0.2.4 none audit-trail by carol']);
  });

  it('is neither tricked nor broken by what clients write', async () => {
    const daemon = await new TestDaemon().start();
    const texts = HOSTILE.map(
      ([, text], i) => [`192.0.2.${i + 1}`, `bob${text.replace(/[\r\n]/g, '')}`] as const,
    );
    for (const [ip, text] of texts) daemon.append(...times(3, () => authFailure(ip, Date.now(), text)));
    await caughtUp(daemon);
    const { status, stdout, stderr } = run(daemon, 'find', 'bob');
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    expect(isHarmless(stdout), stdout).to.equal(true);
    expect(stdout.match(/^192\.0\.2\.\d+ is /gm)?.length).to.equal(HOSTILE.length);
    for (const text of ['.*', '(a+)+$', '\x1b[2J', '"user":"', '\u202e\u202eb', '%s %s'])
      expect(run(daemon, 'find', text.padEnd(3, '.')).stderr, JSON.stringify(text)).to.equal('');
  });

  it('answers verdicts while it searches, for all who search at once', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(...times(3, () => authFailure('192.0.2.1')));
    for (let i = 0; i < 2000; i++)
      daemon.append(...authFailure(`10.0.${i >> 8}.${i & 255}`, Date.now(), `u${i}`));
    await caughtUp(daemon);
    const searches = Array.from({ length: 20 }, () =>
      ask<FindAnswer>(daemon.state, { command: 'find', text: '@example' }, 20_000),
    );
    const verdicts = Array.from({ length: 20 }, () => daemon.verdict('192.0.2.1'));
    for (const verdict of await Promise.all(verdicts)) expect(verdict).to.match(/^action=REJECT /);
    for (const { found: all } of await Promise.all(searches))
      expect(all.map(({ ip }) => ip)).to.include('192.0.2.1');
  });

  it('reads the snapshot where the daemon does not answer', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(...times(3, () => authFailure('192.0.2.1', Date.now(), 'bob@customer.example')));
    await caughtUp(daemon);
    await daemon.snapshot();
    process.kill(daemon.pid, 'SIGSTOP');
    try {
      const command = spawn(process.execPath, [CLI, 'find', 'bob@', '--policy', daemon.policy]);
      let text = '';
      command.stdout.on('data', (chunk) => {
        text += chunk;
      });
      const [status] = await once(command, 'close');
      expect(status).to.equal(0);
      expect(text)
        .to.contain('the daemon does not answer')
        .and.to.contain('192.0.2.1 is blocked by auth-failures');
    } finally {
      process.kill(daemon.pid, 'SIGCONT');
    }
  });
});
