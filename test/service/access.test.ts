// Access: the daemon's files and sockets are closed to others, and it needs no privilege itself.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endDaemons, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { installedCli } from '../harness/install.ts';
import { describeReal, ROOT } from '../harness/real.ts';
import { until } from '../harness/until.ts';
import { authFailure, caughtUp, rejectedRecipient, times } from './mail.ts';

const IP = '192.0.2.1';
/** No user has it, and no file. */
const NOBODY = 54_321;

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

/** Runs a command as somebody who is in no group of the daemon's. */
function asNobody(command: string, ...args: string[]) {
  const user = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
  return spawnSync('setpriv', [...user, command, ...args], { encoding: 'utf8', cwd: '/', timeout: 20_000 });
}

/** A daemon that has all its files, started by somebody who does not care for modes. */
async function carelessDaemon(cli?: string): Promise<TestDaemon> {
  const daemon = new TestDaemon(cli === undefined ? {} : { cli });
  chmodSync(daemon.folder, 0o755);
  mkdirSync(daemon.state);
  chmodSync(daemon.state, 0o755);
  daemon.writePolicy(SMALL_RULES, daemon.head(`log: {file: ${join(daemon.folder, 'postblock.log')}}\n`));
  writeFileSync(join(daemon.state, 'snapshot.json'), 'damaged', { mode: 0o640 });
  const umask = process.umask(0);
  try {
    daemon.spawn();
  } finally {
    process.umask(umask);
  }
  await block(daemon, IP);
  await daemon.snapshot();
  renameSync(join(daemon.state, 'audit.jsonl'), join(daemon.state, 'audit.jsonl.1'));
  await block(daemon, '192.0.2.2');
  return daemon;
}

async function block(daemon: TestDaemon, ip: string): Promise<void> {
  await until('the block', async () => {
    daemon.append(...rejectedRecipient(ip));
    return (await daemon.verdict(ip).catch(() => '')).startsWith('action=REJECT ');
  });
  await until('its line in the trail', () => daemon.audit().some((entry) => entry.ip === ip));
}

describe('service: the modes of its files', () => {
  afterEach(endDaemons);

  it('are closed to others whatever the umask: the socket, the snapshot, the trail, rotated, set aside, the log', async () => {
    const daemon = await carelessDaemon();
    const modes = readdirSync(daemon.state).map((name) => [
      // Without the moment at which it was set aside.
      name.replace(/-\d{4}-.*/, ''),
      modeOf(join(daemon.state, name)),
    ]);
    expect(Object.fromEntries(modes)).to.deep.equal({
      'audit.jsonl': '640',
      'audit.jsonl.1': '640',
      'control.sock': '660',
      'snapshot-before.json': '640',
      'snapshot.json': '640',
      'snapshot.json.damaged': '640',
    });
    const log = join(daemon.folder, 'postblock.log');
    expect(modeOf(log)).to.equal('640');
    expect(modeOf(daemon.socket)).to.equal('660');
    // Rotated, and reopened by a reload that is refused.
    renameSync(log, `${log}.1`);
    daemon.writePolicy('  bad: 1\n');
    daemon.signal('SIGHUP');
    await until('the new log', () => existsSync(log) && readFileSync(log, 'utf8').includes('reload-refused'));
    expect(modeOf(log)).to.equal('640');
  });

  it('are closed for the directory that it makes itself, whatever the umask', async () => {
    const daemon = new TestDaemon();
    const umask = process.umask(0);
    try {
      daemon.spawn();
    } finally {
      process.umask(umask);
    }
    await daemon.said(/ ready /);
    expect(modeOf(daemon.state)).to.equal('750');
  });

  it('are not opened by a umask that closes more', async () => {
    const daemon = new TestDaemon();
    const umask = process.umask(0o077);
    try {
      daemon.spawn();
    } finally {
      process.umask(umask);
    }
    await daemon.said(/ ready /);
    await caughtUp(daemon);
    expect(modeOf(daemon.state)).to.equal('700');
    expect(modeOf(join(daemon.state, 'snapshot.json'))).to.equal('600');
  });
});

describe('service: a state directory that others can write', () => {
  afterEach(endDaemons);

  for (const mode of [0o777, 0o1777, 0o770, 0o757]) {
    it(`of mode ${mode.toString(8)} is a warning in its log`, async () => {
      const daemon = new TestDaemon();
      mkdirSync(daemon.state);
      chmodSync(daemon.state, mode);
      await daemon.start();
      const [line] = await daemon.said(/.* warn state-exposed .*/);
      expect(line)
        .to.contain(daemon.state)
        .and.to.contain(`mode 0${mode.toString(8)}`);
    });
  }

  for (const mode of [0o755, 0o750, 0o700]) {
    it(`is not one of mode ${mode.toString(8)}`, async () => {
      const daemon = new TestDaemon();
      mkdirSync(daemon.state);
      chmodSync(daemon.state, mode);
      await daemon.start();
      expect(daemon.output).not.to.contain('state-exposed');
    });
  }
});

describeReal('service: another user', ROOT, () => {
  let cli: string;
  before(() => {
    cli = installedCli();
  });
  afterEach(endDaemons);

  it('reads none of its files, also in a directory that is open', async () => {
    const daemon = await carelessDaemon();
    for (const name of readdirSync(daemon.state)) {
      const { status, stdout } = asNobody('cat', join(daemon.state, name));
      expect({ name, status, stdout }).to.deep.equal({ name, status: 1, stdout: '' });
    }
    expect(asNobody('cat', join(daemon.folder, 'postblock.log'))).to.include({ status: 1, stdout: '' });
    expect(asNobody('cat', daemon.policy), 'the same with a file that is open').to.include({ status: 0 });
  });

  it('gives no command: status 77 and a plain line, with the daemon and without it', async () => {
    const daemon = await carelessDaemon(cli);
    const run = (...args: string[]) => asNobody(process.execPath, cli, ...args, '--policy', daemon.policy);
    const reason = ['--reason', 'x'];
    for (const args of [['list'], ['show', IP], ['status'], ['tail'], ['unblock', IP, ...reason]]) {
      const { status, stdout, stderr } = run(...args);
      expect({ args, status, stdout }).to.deep.equal({ args, status: 77, stdout: '' });
      expect(stderr).to.match(
        /^postblock: no permission to use [^\n]*\/control\.sock\n[^\n]*with sudo[^\n]*\n$/,
      );
    }
    expect(await daemon.verdict(IP), 'after unblock').to.match(/^action=REJECT /);
    await daemon.stop();
    expect(run('list')).to.include({ status: 77, stdout: '' });
  });

  it('is told by check what it may not look at, which is no error', async () => {
    const daemon = await carelessDaemon(cli);
    chmodSync(daemon.state, 0o750);
    chmodSync(daemon.log, 0o640);
    const password = join(daemon.folder, 'password');
    writeFileSync(password, 'secret', { mode: 0o640 });
    const share = `share-state: {url: "redis://127.0.0.1:1", password-file: ${password}}\n`;
    daemon.writePolicy(SMALL_RULES, daemon.head(share));
    const { status, stdout } = asNobody(
      process.execPath,
      cli,
      'check',
      '--policy',
      daemon.policy,
      '--strict',
    );
    expect(status, stdout).to.equal(0);
    expect(stdout.match(/^(?:error|warning|note): [^ ]+/gm)).to.deep.equal([
      'note: state:',
      'note: listen:',
      'note: maillog:',
      'note: share-state.password-file:',
    ]);
    expect(stdout).not.to.contain('secret');
  });

  it('can be the daemon, who needs no more than to read the log: it counts, blocks and keeps its state', async () => {
    const daemon = new TestDaemon({ cli, user: NOBODY });
    chownSync(daemon.folder, NOBODY, NOBODY);
    chmodSync(daemon.folder, 0o755);
    daemon.append('');
    chmodSync(daemon.log, 0o644);
    await daemon.start();
    daemon.append(...times(3, () => authFailure(IP)));
    await daemon.said(new RegExp(` block ip=${IP} `));
    expect(await daemon.verdict(IP)).to.match(/^action=REJECT /);
    await daemon.snapshot();
    expect(statSync(join(daemon.state, 'snapshot.json')).uid).to.equal(NOBODY);
    expect(await daemon.stop()).to.equal(0);
    expect(daemon.output).not.to.contain('running-as-root').and.not.to.contain(' warn ');
  });

  it('is not root, and that root runs the daemon is a warning in its log', async () => {
    const daemon = await new TestDaemon().start();
    expect(daemon.output).to.match(/ warn running-as-root advice="[^"]+"/);
  });

  it('who owns the state directory of a daemon of root is a warning in its log', async () => {
    const daemon = new TestDaemon();
    mkdirSync(daemon.state, { mode: 0o700 });
    chownSync(daemon.state, NOBODY, NOBODY);
    await daemon.start();
    expect(daemon.output).to.match(
      new RegExp(` warn state-exposed state=\\S+ reason="it belongs to the user ${NOBODY}`),
    );
  });

  it('cannot be the daemon on files of root: status 74 and a plain line', async () => {
    const daemon = new TestDaemon({ cli, user: NOBODY });
    chownSync(daemon.folder, NOBODY, NOBODY);
    chmodSync(daemon.folder, 0o755);
    mkdirSync(daemon.state);
    writeFileSync(join(daemon.state, 'audit.jsonl'), '{"version":1}\n', { mode: 0o600 });
    chownSync(daemon.state, NOBODY, NOBODY);
    daemon.spawn();
    expect(await daemon.exited()).to.equal(74);
    expect(daemon.errors).to.match(/^postblock: \S+\/audit\.jsonl cannot be used: EACCES[^\n]*\n$/);
  });
});
