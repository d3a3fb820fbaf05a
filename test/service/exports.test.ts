// Exports of the whole daemon: files that follow the blocks, and list --format.

import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { CLI, endDaemons, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { until } from '../harness/until.ts';
import { authFailure, rejectedRecipient, times } from './mail.ts';

const IP = '192.0.2.1';
const GUESSER = '192.0.2.2';

describe('service: exports', () => {
  afterEach(endDaemons);

  function made(more = '', format = 'plain', rules = SMALL_RULES) {
    const daemon = new TestDaemon();
    const folder = join(daemon.folder, 'out');
    mkdirSync(folder);
    const file = join(folder, 'blocked');
    daemon.writePolicy(rules, daemon.head(`export: [{format: ${format}, file: ${file}${more}}]\n`));
    daemon.append();
    const read = () => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
    const lines = () => read()?.split('\n').sort().join('\n').trimStart();
    /** The order has no meaning. */
    const holds = (...ips: readonly string[]) =>
      until(`[${ips}]`, () => lines() === [...ips].sort().join('\n'));
    return { daemon, folder, file, read, holds };
  }

  function postblock(daemon: TestDaemon, ...args: readonly string[]): string {
    return execFileSync(process.execPath, [CLI, ...args, '--policy', daemon.policy], { encoding: 'utf8' });
  }

  it('hold a client while it is blocked', async () => {
    const { daemon, file, holds } = made(', mode: 0604');
    await daemon.start();
    await holds();
    daemon.append(...times(3, () => rejectedRecipient(IP)));
    await holds(IP);
    expect(statSync(file).mode & 0o777).to.equal(0o604);
    postblock(daemon, 'unblock', IP, '--reason', 'x');
    await holds();
  });

  it('hold no block of a rule that passes clients with a login, unless it is named', async () => {
    const rules = SMALL_RULES.replace(/(auth-failures:\n.*block-for: 24h,)/, '$1 passes: authenticated,');
    const usual = made('', 'plain', rules);
    await usual.daemon.start();
    usual.daemon.append(...times(3, () => authFailure(GUESSER)), ...times(3, () => rejectedRecipient(IP)));
    await usual.holds(IP);
    expect(await usual.daemon.verdict(GUESSER)).to.match(/^action=REJECT/);
    const named = made(', rules: [auth-failures]', 'plain', rules);
    await named.daemon.start();
    named.daemon.append(...times(3, () => rejectedRecipient(IP)), ...times(3, () => authFailure(GUESSER)));
    await named.holds(GUESSER);
  });

  it('are renamed as a whole, and not written again where nothing changes', async () => {
    const { daemon, folder, file, holds } = made();
    await daemon.start();
    daemon.append(...times(3, () => rejectedRecipient(IP)));
    await holds(IP);
    const { ino } = statSync(file);
    postblock(daemon, 'allow', '198.51.100.7', '--for', '1h', '--reason', 'x');
    daemon.append(...times(3, () => rejectedRecipient(GUESSER)));
    await holds(IP, GUESSER);
    expect(statSync(file).ino).not.to.equal(ino);
    expect(existsSync(join(folder, 'blocked.new'))).to.equal(false);
  });

  it('that cannot be written are a trouble, and are tried again', async () => {
    const { daemon, folder, holds } = made();
    rmSync(folder, { recursive: true });
    await daemon.start();
    await daemon.said(/ export-failed reason=.*out\/blocked cannot be written/);
    daemon.append(...times(3, () => rejectedRecipient(IP)));
    await until('the block', async () => (await daemon.verdict(IP)) !== 'action=DUNNO');
    mkdirSync(folder);
    await holds(IP);
    await daemon.said(/ export-failed-over /);
    expect([...daemon.output.matchAll(/ export-failed /g)]).to.have.lengthOf(1);
  });

  it('replace a link that another user has put there, and write nothing through it', async () => {
    const { daemon, folder, holds } = made();
    const victim = join(daemon.folder, 'victim');
    writeFileSync(victim, 'precious');
    execFileSync('ln', ['-s', victim, join(folder, 'blocked.new')]);
    execFileSync('ln', ['-s', victim, join(folder, 'blocked')]);
    await daemon.start();
    await holds();
    expect(readFileSync(victim, 'utf8')).to.equal('precious');
  });

  it('begin and end with a reload', async () => {
    const { daemon, file, holds } = made();
    const whole = readFileSync(daemon.policy, 'utf8');
    daemon.writePolicy(SMALL_RULES);
    await daemon.start();
    daemon.append(...times(3, () => rejectedRecipient(IP)));
    await until('the block', async () => (await daemon.verdict(IP)) !== 'action=DUNNO');
    expect(existsSync(file)).to.equal(false);
    writeFileSync(daemon.policy, whole);
    expect(await daemon.reload()).to.equal('taken');
    await holds(IP);
  });

  it('are printed by list, whether a daemon answers or not', async () => {
    const { daemon, holds } = made();
    await daemon.start();
    daemon.append(...times(3, () => rejectedRecipient(IP)), ...times(3, () => authFailure(GUESSER)));
    await holds(IP, GUESSER);
    expect(postblock(daemon, 'list', '--format', 'plain').split('\n')).to.have.members([IP, GUESSER, '']);
    const byRule = postblock(daemon, 'list', '--format', 'postscreen', '--rule', 'auth-failures');
    expect(byRule).to.equal(`${GUESSER}\treject\n`);
    await daemon.stop();
    expect(postblock(daemon, 'list', '--format', 'nft')).to.match(
      / blocked4 \{ 192\.0\.2\.\d timeout \d+s, /,
    );
  });

  it('go with no other list, and not with JSON', () => {
    const { daemon } = made();
    chmodSync(daemon.policy, 0o644);
    for (const other of ['--json', '--spared', '--graces', '--watching'])
      expect(() => postblock(daemon, 'list', '--format', 'plain', other)).to.throw(/does not go with --/);
  });
});
