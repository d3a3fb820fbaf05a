// Links in a state directory that others can write to: nothing outside of it is read, written or opened.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endDaemons, TestDaemon } from '../harness/daemon.ts';
import { until } from '../harness/until.ts';
import { caughtUp } from './mail.ts';

/** Looks like a file of passwords: the daemon must neither change nor show it. */
const TREASURE = 'root:$6$salt$secret:19000:0:99999:7:::';

/** A daemon that is not started yet, with an empty state directory, and a file elsewhere. */
function prepared(): { daemon: TestDaemon; treasure: string; expectUntouched: () => void } {
  const daemon = new TestDaemon();
  mkdirSync(daemon.state, { mode: 0o777 });
  chmodSync(daemon.state, 0o777);
  daemon.append('');
  const treasure = join(daemon.folder, 'treasure');
  writeFileSync(treasure, TREASURE, { mode: 0o600 });
  chmodSync(treasure, 0o600);
  const expectUntouched = () => {
    expect(readFileSync(treasure, 'utf8')).to.equal(TREASURE);
    expect(statSync(treasure).mode & 0o777).to.equal(0o600);
    expect(daemon.output).not.to.contain('secret');
  };
  return { daemon, treasure, expectUntouched };
}

describe('service: links in its state directory', () => {
  afterEach(endDaemons);

  it('in the place of the files that it is to write at its start lead nowhere', async () => {
    const { daemon, treasure, expectUntouched } = prepared();
    for (const name of ['.probe', 'snapshot.json', 'audit.jsonl'])
      symlinkSync(treasure, join(daemon.state, name));
    await daemon.start();
    await caughtUp(daemon);
    await until('the trail', () => daemon.audit().length > 0);
    await daemon.snapshot();
    for (const name of ['snapshot.json', 'audit.jsonl'])
      expect(lstatSync(join(daemon.state, name)).isFile(), name).to.equal(true);
    expect(await daemon.stop()).to.equal(0);
    expectUntouched();
  });

  it('in the place of its probe, by any process number, lead nowhere', async () => {
    const { daemon, treasure, expectUntouched } = prepared();
    // The process number is not known before, but it is near the last one.
    const { pid } = spawnSync('true');
    for (let next = pid; next < pid + 3000; next++)
      symlinkSync(treasure, join(daemon.state, `.probe-${next}`));
    await daemon.start();
    expect(readdirSync(daemon.state)).to.have.length.below(3000 + 4);
    expect(await daemon.stop()).to.equal(0);
    expectUntouched();
  });

  it('to nowhere make no file there', async () => {
    const { daemon } = prepared();
    const nowhere = join(daemon.folder, 'nowhere');
    for (const name of ['.probe', 'snapshot.json', 'audit.jsonl'])
      symlinkSync(nowhere, join(daemon.state, name));
    await daemon.start();
    await caughtUp(daemon);
    await until('the trail', () => daemon.audit().length > 0);
    await daemon.snapshot();
    expect(readdirSync(daemon.folder)).not.to.include('nowhere');
  });

  it('put there while it runs lead nowhere: the snapshot is written beside them, the trail waits', async () => {
    const { daemon, treasure, expectUntouched } = prepared();
    await daemon.start();
    symlinkSync(treasure, join(daemon.state, 'snapshot.json.new'));
    await caughtUp(daemon);
    await until('the trail', () => daemon.audit().length > 0);
    await daemon.snapshot();
    const trail = join(daemon.state, 'audit.jsonl');
    renameSync(trail, `${trail}.1`);
    symlinkSync(treasure, trail);
    await caughtUp(daemon);
    await daemon.said(/ error audit-failed reason="ELOOP/);
    rmSync(trail);
    await daemon.said(/ warn audit-failed-over /);
    expect(daemon.audit()).to.have.length(1);
    expect(await daemon.stop()).to.equal(0);
    expectUntouched();
  });

  it('to nowhere among the rotated trails do not keep it from starting', async () => {
    const { daemon } = prepared();
    symlinkSync(join(daemon.folder, 'nowhere'), join(daemon.state, 'audit.jsonl.1'));
    await daemon.start();
    await caughtUp(daemon);
  });

  it('in the place of the control socket are refused with a plain line, and what they lead to stays closed', async () => {
    const { daemon, treasure, expectUntouched } = prepared();
    symlinkSync(treasure, join(daemon.state, 'control.sock'));
    daemon.spawn();
    expect(await daemon.exited()).to.equal(69);
    expect(daemon.errors).to.match(/^postblock: [^\n]*control\.sock[^\n]*\n$/);
    expectUntouched();
  });

  it('to pipes that never end stop neither its start nor its end', async () => {
    const { daemon } = prepared();
    for (const name of ['snapshot.json', 'audit.jsonl', 'audit.jsonl.1'])
      expect(spawnSync('mkfifo', [join(daemon.state, name)]).status).to.equal(0);
    await daemon.start();
    await caughtUp(daemon);
    await daemon.snapshot();
    expect(await daemon.stop()).to.equal(0);
  });

  it('in the place of a file, as a directory, do not keep it from serving', async () => {
    const { daemon } = prepared();
    for (const name of ['snapshot.json', 'audit.jsonl']) mkdirSync(join(daemon.state, name));
    await daemon.start();
    await caughtUp(daemon);
    await until('the trail', () => daemon.audit().length > 0);
    expect(daemon.output).to.contain(' error snapshot-set-aside ').and.to.contain(' error audit-set-aside ');
    rmSync(daemon.state, { recursive: true });
  });
});
