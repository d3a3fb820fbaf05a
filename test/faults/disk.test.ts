// Disk faults: full, read-only, or gone. Mail flows, and what waits is written when that is possible again.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endDaemons, TestDaemon } from '../harness/daemon.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { describeReal, MOUNT } from '../harness/real.ts';
import { until } from '../harness/until.ts';
import { auditOf, authFailure, caughtUp, rejectedRecipient, times } from '../service/mail.ts';

const IP = '192.0.2.1';
const REJECT = /^action=REJECT /;
const mounted = new Set<string>();

/** A small file system, mounted on a new folder. */
function smallDisk(): string {
  const path = mkdtempSync(join(temporaryFolder(), 'disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=0755', 'none', path]);
  mounted.add(path);
  return path;
}

function unmountAll(): void {
  for (const path of mounted) execFileSync('umount', ['--lazy', path]);
  mounted.clear();
}
process.on('exit', unmountAll);

/** The system does not make it read-only while a file on it is open for writing. */
async function remount(path: string, how: 'ro' | 'rw'): Promise<void> {
  const isDone = () => spawnSync('mount', ['-o', `remount,${how}`, path]).status === 0;
  await until('nobody to have a file open to be written', isDone);
}

/** Fills it to the last byte. */
function fill(path: string): void {
  for (let size = 65_536; size > 0; size = Math.floor(size / 2)) {
    try {
      for (;;) writeFileSync(join(path, 'filler'), Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}

function empty(path: string): void {
  rmSync(join(path, 'filler'));
}

function onDisk(more = ''): { daemon: TestDaemon; disk: string } {
  const disk = smallDisk();
  const daemon = new TestDaemon();
  const head = daemon.head(more.replace('DISK', disk)).replace(daemon.state, disk);
  daemon.writePolicy(
    '  auth-failures: {counts: auth-failure, limit: 3, within: 1h, block-for: 24h, message: No.}\n' +
      '  rejected-recipients: {counts: rejected-recipient, limit: 3, within: 1h, block-for: 24h, message: No.}\n',
    head,
  );
  return { daemon: Object.assign(daemon, { state: disk }), disk };
}

const block = (daemon: TestDaemon, ip: string) => daemon.append(...times(3, () => authFailure(ip)));
const count = (daemon: TestDaemon, pattern: RegExp) => daemon.output.match(pattern)?.length ?? 0;

describeReal('faults: the disk of the state directory', MOUNT, () => {
  afterEach(async () => {
    await endDaemons();
    unmountAll();
  });

  const troubles: readonly (readonly [
    what: string,
    code: string,
    begin: (disk: string) => void | Promise<void>,
    end: (disk: string) => void | Promise<void>,
  ])[] = [
    ['full', 'ENOSPC', fill, empty],
    ['read-only', 'EROFS', (disk) => remount(disk, 'ro'), (disk) => remount(disk, 'rw')],
  ];
  for (const [what, code, begin, end] of troubles) {
    it(`${what}: verdicts continue, it is logged once, and afterwards no line is missing and none is there twice`, async () => {
      const { daemon, disk } = onDisk();
      await daemon.start();
      block(daemon, '192.0.2.9');
      await until('the first line of the trail', () => daemon.audit().length === 1);
      await begin(disk);
      const before = readFileSync(join(disk, 'snapshot.json'), 'utf8');
      // More than fits in the last page of the trail.
      const crowd = Array.from({ length: 40 }, (_, i) => `198.51.100.${i}`);
      for (const ip of crowd) block(daemon, ip);
      await daemon.said(new RegExp(` audit-failed reason="${code}.* '${disk}/audit\\.jsonl'"`));
      daemon.signal('SIGUSR1');
      await daemon.said(
        new RegExp(` snapshot-failed reason="${code}.* '${disk}/snapshot\\.json(?:\\.new)?'"`),
      );
      block(daemon, IP);
      await daemon.said(/ block ip=192\.0\.2\.1 /);
      expect(await daemon.verdict(IP)).to.match(REJECT);
      expect(readFileSync(join(disk, 'snapshot.json'), 'utf8'), 'the snapshot from before').to.equal(before);
      await end(disk);
      await until('the trail to be whole', () => daemon.audit().length === 42);
      expect(count(daemon, / audit-failed /g), 'how often it was said').to.equal(1);
      expect(Object.keys((await daemon.snapshot()).ips)).to.have.members(['192.0.2.9', IP, ...crowd]);
      await daemon.stop();
      for (const ip of ['192.0.2.9', IP, ...crowd]) expect(auditOf(daemon, ip), ip).to.have.lengthOf(1);
      expect(daemon.audit().map(({ sequence }) => sequence)).to.deep.equal(
        Array.from({ length: 42 }, (_, i) => i + 1),
      );
    });

    it(`${what} when the daemon is killed: it starts with what there was, and reads the rest from the log`, async () => {
      const { daemon, disk } = onDisk();
      await daemon.start();
      await begin(disk);
      block(daemon, IP);
      await daemon.said(/ block ip=192\.0\.2\.1 /);
      await daemon.said(/ audit-failed /);
      await daemon.stop('SIGKILL');
      await end(disk);
      await daemon.start();
      await daemon.said(/ block ip=192\.0\.2\.1 /);
      await until('the line in the trail', () => auditOf(daemon, IP).length === 1);
      expect(await daemon.verdict(IP)).to.match(REJECT);
    });
  }

  it('full from the start: the daemon serves all the same', async () => {
    const { daemon, disk } = onDisk();
    fill(disk);
    await daemon.start();
    await daemon.said(/ snapshot-failed reason="ENOSPC/);
    block(daemon, IP);
    await daemon.said(/ block ip=192\.0\.2\.1 /);
    expect(await daemon.verdict(IP)).to.match(REJECT);
    empty(disk);
    await daemon.snapshot();
    await until('the line in the trail', () => auditOf(daemon, IP).length === 1);
  });

  it('read-only from the start: exit 74, with the reason', async () => {
    const { daemon, disk } = onDisk();
    await remount(disk, 'ro');
    daemon.spawn();
    expect(await daemon.exited()).to.equal(74);
    expect(daemon.errors).to.match(/state directory .* cannot be written: EROFS/);
  });

  it("full under the daemon's own log: verdicts go on, and lines come again when there is room", async () => {
    const { daemon, disk } = onDisk('log: {file: DISK/postblock.log}\n');
    const log = () => readFileSync(join(disk, 'postblock.log'), 'utf8');
    daemon.spawn();
    await until('an answer', () => daemon.verdict(IP).catch(() => undefined));
    fill(disk);
    block(daemon, IP);
    await until('the block', async () => REJECT.test(await daemon.verdict(IP)));
    empty(disk);
    await until('new lines', () => {
      daemon.signal('SIGHUP');
      return / reload /.test(log());
    });
    block(daemon, '192.0.2.2');
    await until('the line of the next block', () => / block ip=192\.0\.2\.2 /.test(log()));
    expect(await daemon.stop()).to.equal(0);
  });
});

describe('faults: the state directory', () => {
  afterEach(endDaemons);

  const removals: readonly (readonly [how: string, remove: (state: string) => void])[] = [
    ['removed', (state) => rmSync(state, { recursive: true })],
    ['renamed', (state) => renameSync(state, `${state}.old`)],
    [
      'removed and made again, empty,',
      (state) => {
        rmSync(state, { recursive: true });
        mkdirSync(state);
      },
    ],
  ];
  for (const [how, remove] of removals) {
    it(`${how} while the daemon runs comes back, with everything that is known`, async () => {
      const daemon = await new TestDaemon().start();
      daemon.append(...times(3, () => authFailure(IP)));
      await caughtUp(daemon);
      remove(daemon.state);
      expect(await daemon.verdict(IP)).to.match(REJECT);
      daemon.append(...times(3, () => rejectedRecipient('192.0.2.2')));
      await until('the trail', () => auditOf(daemon, '192.0.2.2').length === 1);
      expect((await daemon.snapshot()).ips).to.include.all.keys(IP, '192.0.2.2');
      await until('the control socket', () => commandOf(daemon, 'show', IP).includes('auth-failures'));
      await daemon.stop('SIGKILL');
      await daemon.start();
      expect(await daemon.verdict(IP)).to.match(REJECT);
    });
  }
});

/** The output of a command that needs the running daemon; empty where there is none. */
function commandOf(daemon: TestDaemon, ...args: string[]): string {
  const cli = new URL('../../src/cli.js', import.meta.url).pathname;
  const output = execFileSync(process.execPath, [cli, ...args, '--policy', daemon.policy], { stdio: 'pipe' });
  return /no daemon|snapshot of/.test(output.toString()) ? '' : output.toString();
}
