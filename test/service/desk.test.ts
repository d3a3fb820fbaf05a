// The support commands against the real daemon, over kill -9, and without it.

import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ask } from '../../src/cli/client.ts';
import type { ListAnswer, ShowAnswer } from '../../src/desk/answers.ts';
import type { ExitError } from '../../src/exit.ts';
import { CLI, endDaemons, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { until } from '../harness/until.ts';
import { authFailure, caughtUp, rejectedRecipient, times } from './mail.ts';

const IP = '192.0.2.1';
const DUNNO = 'action=DUNNO';
const REASON = ['--reason', 'ticket 4711'];

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run({ policy, folder }: TestDaemon, ...args: string[]): Run {
  const command = [CLI, ...args, '--policy', policy];
  return spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8', timeout: 20_000 });
}

/** Runs a command beside others. */
function ended({ policy }: TestDaemon, args: readonly string[]): Promise<Run & { args: readonly string[] }> {
  return new Promise((resolve) =>
    execFile(process.execPath, [CLI, ...args, '--policy', policy], (error, stdout, stderr) =>
      resolve({ args, status: Number(error?.code ?? 0), stdout, stderr }),
    ),
  );
}

/** Runs a command that must succeed. */
function did(daemon: TestDaemon, ...args: string[]): string {
  const { status, stdout, stderr } = run(daemon, ...args);
  expect(stderr).to.equal('');
  expect(status).to.equal(0);
  return stdout;
}

function listed(daemon: TestDaemon, ...args: string[]): ListAnswer {
  return JSON.parse(did(daemon, 'list', '--json', ...args)) as ListAnswer;
}

function ipsOf({ blocks }: ListAnswer): string[] {
  return blocks.map(({ ip }) => ip).filter((ip) => !ip.startsWith('203.0.113.'));
}

function shown(daemon: TestDaemon, ip: string): ShowAnswer {
  return JSON.parse(run(daemon, 'show', ip, '--json').stdout) as ShowAnswer;
}

/** A daemon that has blocked IP for failed logins. */
async function blockingDaemon(): Promise<TestDaemon> {
  const daemon = await new TestDaemon().start();
  daemon.append(...times(3, () => authFailure(IP)));
  await caughtUp(daemon);
  expect(await daemon.verdict(IP)).to.match(/^action=REJECT /);
  return daemon;
}

describe('service: the support desk', () => {
  afterEach(endDaemons);

  it('lists and shows a block with its evidence', async () => {
    const daemon = await blockingDaemon();
    const text = did(daemon, 'list');
    expect(text).to.contain(IP).and.to.contain('auth-failures');
    expect(listed(daemon)).to.include({ source: 'daemon' });
    expect(ipsOf(listed(daemon, '--rule', 'auth-failures'))).to.deep.equal([IP]);
    expect(ipsOf(listed(daemon, '--network', '198.51.100.0/24'))).to.deep.equal([]);
    expect(did(daemon, 'show', IP)).to.contain('Your IP is generating excessive authentication failures.');
    const { block, source, history } = shown(daemon, IP);
    expect(source).to.equal('daemon');
    expect(block).to.include({ rule: 'auth-failures', count: 3 });
    expect(block?.evidence.map(({ user, mechanism }) => [user, mechanism])).to.deep.equal(
      Array(3).fill(['info@example.net', 'LOGIN']),
    );
    expect(history.map(({ event }) => event)).to.deep.equal(['block']);
  });

  it('shows a client that is not blocked, with exit code 1', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(...authFailure(IP));
    await caughtUp(daemon);
    expect(run(daemon, 'show', IP)).to.include({ status: 1, stderr: '' });
    expect(shown(daemon, IP).counts.find(({ rule }) => rule === 'auth-failures')?.count).to.equal(1);
  });

  it('unblocks at once, blocks by hand, and leaves a trail', async () => {
    const daemon = await blockingDaemon();
    did(daemon, 'unblock', IP, ...REASON);
    expect(await daemon.verdict(IP)).to.equal(DUNNO);
    did(daemon, 'block', IP, '--rule', 'auth-failures', '--for', '2h', ...REASON);
    expect(await daemon.verdict(IP)).to.match(/^action=REJECT /);
    const trail = daemon.audit().filter(({ ip }) => ip === IP);
    expect(trail.map(({ event, why }) => [event, why])).to.deep.equal([
      ['block', undefined],
      ['end', 'ticket 4711'],
      ['block', 'ticket 4711'],
    ]);
    expect(trail[1]).to.include({ reason: 'lifted' }).and.to.have.property('by').that.is.a('string').and.not
      .empty;
    expect(shown(daemon, IP).block).to.include({ count: 0, reason: 'ticket 4711' });
  });

  it('lists the clients of a network, of either family, and unblocks an IPv6 client by each of its names', async () => {
    const daemon = await new TestDaemon().start();
    const ips = ['2001:db8:1:2::7', '2001:db8:1:3::7', '2001:db9::7', '192.0.2.1', '192.0.3.1'];
    for (const ip of ips) did(daemon, 'block', ip, '--rule', 'auth-failures', '--for', '2h', ...REASON);
    const [first, second, third, four, five] = [
      '2001:db8:1:2::/64',
      '2001:db8:1:3::/64',
      '2001:db9::/64',
      '192.0.2.1',
      '192.0.3.1',
    ];
    for (const [network, expected] of [
      ['::/0', [first, second, third]],
      ['2001:db8::/31', [first, second, third]],
      ['2001:db8::/32', [first, second]],
      ['2001:db8:1::/48', [first, second]],
      ['2001:db8:1:2::/63', [first, second]],
      ['2001:db8:1:2::/64', [first]],
      ['2001:db8:1:3::/64', [second]],
      // A client that is a /64 does not lie in a part of it.
      ['2001:db8:1:2::/65', []],
      ['2001:db8:1:2::7', []],
      ['2001:dba::/32', []],
      ['0.0.0.0/0', [four, five]],
      ['192.0.2.0/23', [four, five]],
      ['192.0.2.0/24', [four]],
      ['192.0.3.1', [five]],
    ] as const)
      expect(ipsOf(listed(daemon, '--network', network, '--sort', 'ip')), network).to.have.members(expected);
    did(daemon, 'unblock', '2001:db8:1:2::99', ...REASON);
    did(daemon, 'unblock', '2001:db8:1:3::/64', ...REASON);
    expect(ipsOf(listed(daemon))).to.have.members([third, four, five]);
    did(daemon, 'unblock', '--all', '--rule', 'auth-failures', '--yes', ...REASON);
    expect(ipsOf(listed(daemon))).to.deep.equal([]);
    expect(await daemon.verdict('2001:db9::7')).to.equal(DUNNO);
  });

  it('unblocks all clients that one rule blocks', async () => {
    const daemon = await blockingDaemon();
    daemon.append(...times(3, () => authFailure('192.0.2.2')));
    await caughtUp(daemon);
    did(daemon, 'unblock', '--all', '--rule', 'auth-failures', '--yes', ...REASON);
    expect(ipsOf(listed(daemon))).to.deep.equal([]);
    expect(listed(daemon).blocks, 'those of other rules').to.have.lengthOf(2);
  });

  it('allows and disallows', async () => {
    const daemon = await blockingDaemon();
    did(daemon, 'allow', '192.0.2.0/24', '--for', '7d', ...REASON);
    expect(await daemon.verdict(IP)).to.equal(DUNNO);
    expect(shown(daemon, IP).allowed).to.include({ entry: '192.0.2.0/24', reason: 'ticket 4711' });
    daemon.append(...times(3, () => authFailure(IP)));
    await caughtUp(daemon);
    expect(await daemon.verdict(IP)).to.equal(DUNNO);
    did(daemon, 'disallow', '192.0.2.0/24', ...REASON);
    daemon.append(...times(3, () => authFailure(IP)));
    await caughtUp(daemon);
    expect(await daemon.verdict(IP)).to.match(/^action=REJECT /);
  });

  it('allows no network that is larger than any customer without a confirmation', async () => {
    const daemon = await blockingDaemon();
    for (const network of ['0.0.0.0/0', '128.0.0.0/1', '::/0', '2000::/3', '::ffff:0:0/96']) {
      const { status, stdout, stderr } = run(daemon, 'allow', network, '--for', '1h', ...REASON);
      expect({ status, stdout }, network).to.deep.equal({ status: 1, stdout: '' });
      expect(stderr, network).to.contain('nothing was allowed');
    }
    expect(await daemon.verdict(IP)).to.match(/^action=REJECT /);
    did(daemon, 'allow', '0.0.0.0/0', '--for', '1h', '--yes', ...REASON);
    expect(await daemon.verdict(IP)).to.equal(DUNNO);
  });

  it('refuses with a plain line and its own exit code', async () => {
    const daemon = await blockingDaemon();
    const cases: readonly (readonly [number, ...string[]])[] = [
      [64, 'show', '192.0.2.300'],
      [64, 'show'],
      [64, 'unblock', IP],
      [64, 'unblock', 'nobody', ...REASON],
      [64, 'unblock', IP, '--grace', 'soon', ...REASON],
      [64, 'block', '192.0.2.9', '--rule', 'nope', '--for', '1h', ...REASON],
      [64, 'block', '192.0.2.9', '--rule', 'auth-failures', '--for', '99999999999999w', ...REASON],
      [64, 'allow', '192.0.2.1/24', '--for', '1h', ...REASON],
      [64, 'list', '--sort', 'colour'],
      [64, 'list', '--network', 'x'],
      [64, 'list', '--rule', 'auth-failure'],
      [64, 'list', '--watching', '--rule', 'auth-failure'],
      [64, 'list', '--spared', '--rule', 'auth-failure'],
      [64, 'unblock', '--all', '--rule', 'auth-failure', '--yes', ...REASON],
      [64, 'resume'],
      [1, 'unblock', '192.0.2.9', ...REASON],
      [1, 'block', IP, '--rule', 'auth-failures', '--for', '1h', ...REASON],
      [1, 'disallow', '192.0.2.0/24', ...REASON],
      [1, 'resume', ...REASON],
    ];
    for (const [status, ...args] of cases) {
      const answer = run(daemon, ...args);
      expect(answer.status, args.join(' ')).to.equal(status);
      expect(answer.stdout, args.join(' ')).to.equal('');
      expect(answer.stderr, args.join(' '))
        .to.match(/^(?:postblock: [^\n]+\n)+$/)
        .and.not.match(/\n {4}at /);
    }
    expect(run(daemon, 'list', '--rule', 'auth-failure').stderr).to.match(
      /there is no rule "auth-failure"; the policy has rejected-recipients, auth-failures, /,
    );
    expect(listed(daemon, '--rule', 'connection-spam').blocks).to.deep.equal([]);
    expect(ipsOf(listed(daemon))).to.deep.equal([IP]);
    const { ips } = await daemon.snapshot();
    expect(ips, 'a snapshot is still possible').to.include.keys(IP);
  });

  for (const [what, prepare] of [
    ['that stands in the snapshot', (daemon: TestDaemon) => daemon.snapshot()],
    ['that is newer than the snapshot', async () => undefined],
  ] as const) {
    it(`lifts a block ${what}, also if the daemon is killed right after the command`, async () => {
      const daemon = await blockingDaemon();
      await prepare(daemon);
      did(daemon, 'unblock', IP, ...REASON);
      expect(await daemon.stop('SIGKILL')).to.equal('SIGKILL');
      await daemon.start();
      await caughtUp(daemon);
      expect(await daemon.verdict(IP)).to.equal(DUNNO);
      daemon.append(...times(2, () => authFailure(IP)));
      await caughtUp(daemon);
      expect(await daemon.verdict(IP), 'after two more').to.equal(DUNNO);
      expect(daemon.audit().filter(({ ip, event }) => ip === IP && event === 'end')).to.have.lengthOf(1);
      daemon.append(...authFailure(IP));
      await caughtUp(daemon);
      expect(await daemon.verdict(IP), 'after the third').to.match(/^action=REJECT /);
    });
  }

  it('does not lift a block by hand with a command given before it, over two kills', async () => {
    const daemon = await blockingDaemon();
    did(daemon, 'unblock', IP, ...REASON);
    await daemon.stop('SIGKILL');
    await daemon.start();
    did(daemon, 'block', IP, '--rule', 'auth-failures', '--for', '2h', ...REASON);
    await daemon.snapshot();
    await daemon.stop('SIGKILL');
    await daemon.start();
    await caughtUp(daemon);
    expect(await daemon.verdict(IP)).to.match(/^action=REJECT /);
    const trail = daemon.audit().filter(({ ip }) => ip === IP);
    expect(trail.map(({ event }) => event)).to.deep.equal(['block', 'end', 'block']);
  });

  it('refuses commands while it reads its state, and changes nothing', async () => {
    const daemon = await blockingDaemon();
    const others = Array.from({ length: 60_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    daemon.append(...others.flatMap((ip) => authFailure(ip)));
    await caughtUp(daemon);
    await daemon.stop();
    daemon.spawn();
    const request = { command: 'unblock', ip: IP, by: 'alice', reason: 'ticket 4711' } as const;
    const answers: string[] = [];
    await until('the command to be done', async () => {
      const answer = await ask(daemon.state, request).then(
        () => 'done',
        (error: ExitError) => error.lines.join(),
      );
      answers.push(answer);
      return answer === 'done';
    });
    for (const answer of answers.slice(0, -1)) expect(answer).to.match(/no daemon answers on|still reading/);
    expect(daemon.output).to.contain(' snapshot-read ').and.not.to.contain('set-aside');
    expect(await daemon.verdict(IP)).to.equal(DUNNO);
  });

  it('keeps a block by hand, a grace and an allow entry over a kill', async () => {
    const daemon = await blockingDaemon();
    did(daemon, 'unblock', IP, '--grace', '1h', ...REASON);
    did(daemon, 'block', '192.0.2.2', '--rule', 'auth-failures', '--for', '2h', ...REASON);
    did(daemon, 'allow', '192.0.2.3', '--for', '1h', ...REASON);
    await daemon.stop('SIGKILL');
    await daemon.start();
    daemon.append(...[IP, '192.0.2.3'].flatMap((ip) => times(3, () => authFailure(ip))));
    await caughtUp(daemon);
    expect(await daemon.verdict(IP)).to.equal(DUNNO);
    expect(shown(daemon, IP).counts.find(({ rule }) => rule === 'auth-failures')?.count).to.equal(3);
    expect(shown(daemon, IP).graceUntil).to.be.a('string');
    expect(await daemon.verdict('192.0.2.2')).to.match(/^action=REJECT /);
    expect(await daemon.verdict('192.0.2.3')).to.equal(DUNNO);
  });

  describe('tail', () => {
    const tails = new Set<ChildProcess>();
    afterEach(() => {
      for (const tail of tails) tail.kill('SIGKILL');
      tails.clear();
    });

    /** A `tail` that has printed its first change. */
    async function tailing(daemon: TestDaemon, ...options: readonly string[]) {
      const tail = spawn(process.execPath, [CLI, 'tail', ...options, '--policy', daemon.policy]);
      tails.add(tail);
      const exit = new Promise((resolve) => tail.on('close', (code, signal) => resolve(code ?? signal)));
      let printed = '';
      tail.stdout.on('data', (chunk) => {
        printed += chunk;
      });
      let tries = 0;
      await until('the first change', () => {
        if (printed === '')
          daemon.append(...times(3, () => rejectedRecipient(`198.51.100.${++tries % 256}`)));
        return printed !== '';
      });
      return { tail, exit, text: () => printed };
    }

    it('ends with 0 when it is interrupted', async () => {
      const daemon = await blockingDaemon();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        const { tail, exit } = await tailing(daemon);
        tail.kill(signal);
        expect(await exit, signal).to.equal(0);
      }
    });

    it('--json prints changes as they happen, and ends with 69 when the daemon does', async () => {
      const daemon = await new TestDaemon().start();
      const { exit, text } = await tailing(daemon, '--json');
      daemon.append(...times(3, () => authFailure(IP)));
      await caughtUp(daemon);
      did(daemon, 'unblock', IP, ...REASON);
      const own = () =>
        text()
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Record<string, unknown>)
          .filter(({ ip }) => ip === IP);
      await until('both changes', () => own().length === 2);
      expect(own().map(({ type, rule }) => [type, rule])).to.deep.equal([
        ['block', 'auth-failures'],
        ['end', 'auth-failures'],
      ]);
      await daemon.stop();
      expect(await exit).to.equal(69);
    });
  });
});

describe('service: the support desk without it', () => {
  afterEach(endDaemons);

  it('lists and shows what the snapshot and the trail after it hold, and says so', async () => {
    const daemon = await new TestDaemon().start();
    for (const ip of [IP, '192.0.2.2']) daemon.append(...times(3, () => authFailure(ip)));
    await caughtUp(daemon);
    await daemon.snapshot();
    did(daemon, 'unblock', '192.0.2.2', ...REASON);
    did(daemon, 'block', '192.0.2.3', '--rule', 'auth-failures', '--for', '2h', ...REASON);
    daemon.append(...times(3, () => authFailure('192.0.2.4')));
    await until('the block in the trail', () => daemon.audit().some(({ ip }) => ip === '192.0.2.4'));
    await daemon.stop('SIGKILL');
    const answer = listed(daemon);
    expect(answer.source).to.equal('snapshot');
    expect(ipsOf(answer).sort()).to.deep.equal([IP, '192.0.2.3', '192.0.2.4']);
    expect(did(daemon, 'list')).to.match(/^the daemon is not running; its snapshot is /);
    expect(did(daemon, 'list')).to.contain(`policy: ${daemon.policy}\n`);
    expect(shown(daemon, IP).block?.evidence).to.have.lengthOf(3);
    expect(did(daemon, 'show', '192.0.2.4')).to.match(/^the daemon is not running; its snapshot is /);
    expect(run(daemon, 'show', '192.0.2.2')).to.include({ status: 1 });
    expect(shown(daemon, '192.0.2.2').history.map(({ event }) => event)).to.deep.equal(['block', 'end']);
    expect(shown(daemon, '192.0.2.3').block).to.include({ reason: 'ticket 4711' });
  });

  it('shows an IPv6 network by the name that list gives it', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(...times(3, () => authFailure('2001:db8::7')));
    await caughtUp(daemon);
    await daemon.stop();
    for (const ip of ['2001:db8::9', '2001:db8::/64'])
      expect(did(daemon, 'show', ip), ip).to.contain('auth-failures');
  });

  it('lists watched blocks, also those that started after the snapshot', async () => {
    const rules = SMALL_RULES.replaceAll('limit: 3', 'enforce: false, limit: 3');
    const daemon = await new TestDaemon({ rules }).start();
    daemon.append(...times(3, () => authFailure(IP)));
    await until('the line in the trail', () => daemon.audit().some(({ ip }) => ip === IP));
    await daemon.snapshot();
    daemon.append(...times(3, () => authFailure('192.0.2.2')));
    await until('the line in the trail', () => daemon.audit().some(({ ip }) => ip === '192.0.2.2'));
    await daemon.stop('SIGKILL');
    expect(ipsOf(listed(daemon, '--watching')).sort()).to.deep.equal([IP, '192.0.2.2']);
  });

  it('does nothing by hand: exit code 69 and a plain line', async () => {
    const daemon = await blockingDaemon();
    await daemon.stop();
    for (const args of [
      ['unblock', IP, ...REASON],
      ['block', '192.0.2.2', '--rule', 'auth-failures', '--for', '1h', ...REASON],
      ['allow', '192.0.2.0/24', '--for', '1h', ...REASON],
      ['disallow', '192.0.2.0/24', ...REASON],
      ['tail'],
    ]) {
      const { status, stdout, stderr } = run(daemon, ...args);
      expect({ status, stdout }, args[0]).to.deep.equal({ status: 69, stdout: '' });
      expect(stderr, args[0]).to.match(/^postblock: [^\n]+\n$/);
      expect(stderr, args[0]).to.contain(`(policy: ${daemon.policy})`);
    }
    expect(run(daemon, 'show', 'nobody').status).to.equal(64);
  });

  it('has nothing to show if no daemon ever ran: exit code 69', () => {
    const daemon = new TestDaemon();
    for (const args of [['list'], ['show', IP]]) expect(run(daemon, ...args).status, args[0]).to.equal(69);
  });
});

describe('service: the support desk of a daemon that does not answer', () => {
  afterEach(endDaemons);

  /** A daemon that has blocked IP, written a snapshot, and stopped at SIGSTOP. */
  async function stoppedDaemon(): Promise<TestDaemon> {
    const daemon = await blockingDaemon();
    await daemon.snapshot();
    daemon.signal('SIGSTOP');
    return daemon;
  }

  it('list and show read its files, and say so', async () => {
    const daemon = await stoppedDaemon();
    const silent = /^the daemon does not answer; its snapshot is /;
    expect(did(daemon, 'list')).to.match(silent).and.to.contain(IP);
    expect(did(daemon, 'list', '--spared')).to.match(silent);
    expect(did(daemon, 'show', IP))
      .to.match(silent)
      .and.to.contain('auth-failures');
    expect(listed(daemon).source).to.equal('snapshot');
  });

  it('list and show end with 69 and say both where its files cannot be read', async () => {
    const daemon = await stoppedDaemon();
    for (const name of ['snapshot.json', 'snapshot-before.json'])
      rmSync(join(daemon.state, name), { force: true });
    for (const args of [['list'], ['show', IP]]) {
      const { status, stdout, stderr } = run(daemon, ...args);
      expect({ status, stdout }, args[0]).to.deep.equal({ status: 69, stdout: '' });
      expect(stderr, args[0]).to.match(
        /^postblock: the daemon does not answer [^\n]*\n[^\n]*there is no [^\n]*\n$/,
      );
    }
  });

  it('every other command ends with 69', async () => {
    const daemon = await stoppedDaemon();
    const ends = [
      ['status'],
      ['tail'],
      ['block', '192.0.2.2', '--rule', 'auth-failures', '--for', '1h', ...REASON],
      ['allow', '192.0.2.0/24', '--for', '1h', ...REASON],
      ['disallow', '192.0.2.0/24', ...REASON],
      ['resume', ...REASON],
      ['unblock', IP, ...REASON],
      ['unblock', '--all', '--rule', 'auth-failures', '--yes', ...REASON],
    ].map((args) => ended(daemon, args));
    for (const { args, status, stdout, stderr } of await Promise.all(ends)) {
      expect({ status, stdout }, args.join(' ')).to.deep.equal({ status: 69, stdout: '' });
      expect(stderr, args.join(' ')).to.match(
        /^postblock: the daemon does not answer \(waited 3 s\)[^\n]*\n$/,
      );
    }
  });

  it('unblock of many IPs waits once, and says how many it did not try', async () => {
    const daemon = await stoppedDaemon();
    // 100 times the bound would be five minutes: run() ends a command after 20 s.
    const { status, stderr } = run(daemon, 'unblock', ...Array<string>(100).fill(IP), ...REASON);
    expect(status).to.equal(69);
    expect(stderr).to.match(
      /^postblock: the daemon does not answer [^\n]*\n[^\n]*99 other IPs were not tried\n$/,
    );
  });
});

describe('service: two daemons with one state directory', () => {
  afterEach(endDaemons);

  it('the second exits 69, and the first continues', async () => {
    const first = await blockingDaemon();
    const second = new TestDaemon();
    second.writePolicy(SMALL_RULES, second.head().replace(second.state, first.state));
    second.spawn();
    expect(await second.exited()).to.equal(69);
    expect(second.errors).to.contain('control.sock is in use');
    expect(await first.verdict(IP)).to.match(/^action=REJECT /);
    expect(ipsOf(listed(first))).to.deep.equal([IP]);
  });
});
