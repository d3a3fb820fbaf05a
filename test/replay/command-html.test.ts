// The file that postblock replay --html writes: whole, closed to others, and never through a link.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { CLI } from '../harness/daemon.ts';
import { folderWith, reportOf, run } from './replay-run.ts';

describe('replay/command-html: postblock replay --html', () => {
  it('shows the shares of clients also where no rule has a share', () => {
    const folder = folderWith();
    const { status } = run(folder, 'mail.log', '--html', 'report.html', '--policy', 'policy.yml');
    expect(status).to.equal(0);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).to.contain(
      '1 of 1 IP reached the limit of 3; blocked: 1.',
    );
  });

  it('writes a whole page, and replaces an old one', () => {
    const folder = folderWith();
    writeFileSync(join(folder, 'report.html'), 'old');
    expect(run(folder, 'mail.log', '--html', 'report.html').status).to.equal(0);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).to.match(/^<!doctype html>.*<\/html>\n?$/is);
    expect(readdirSync(folder).sort()).to.deep.equal(['mail.log', 'policy.yml', 'report.html']);
  });

  for (const [umask, mode] of [
    [0o000, 0o640],
    [0o022, 0o640],
    [0o077, 0o600],
  ] as const) {
    it(`closes the page to others, with the mode 0${mode.toString(8)} under the umask 0${umask.toString(8)}`, () => {
      const folder = folderWith();
      const path = join(folder, 'report.html');
      writeFileSync(path, 'old', { mode: 0o644 });
      const before = process.umask(umask);
      try {
        expect(run(folder, 'mail.log', '--html', 'report.html').status).to.equal(0);
      } finally {
        process.umask(before);
      }
      expect(statSync(path).mode & 0o777).to.equal(mode);
    });
  }

  it('follows no link: ends with code 74, and prints the report anyway', () => {
    const folder = folderWith();
    writeFileSync(join(folder, 'precious'), 'precious');
    for (const target of ['precious', 'none']) {
      symlinkSync(target, join(folder, 'link.html'));
      const { status, stdout, stderr } = run(folder, 'mail.log', '--json', '--html', 'link.html');
      expect(status).to.equal(74);
      expect(stderr).to.match(/^postblock: \/\S+: cannot be written: is a symbolic link; name [^\n]+\n$/);
      expect(reportOf({ stdout }).cost.lost).to.equal(1);
      rmSync(join(folder, 'link.html'));
      expect(readdirSync(folder).sort()).to.deep.equal(['mail.log', 'policy.yml', 'precious']);
      expect(readFileSync(join(folder, 'precious'), 'utf8')).to.equal('precious');
    }
  });

  for (const [what, path] of [
    ['a folder that is not there', 'none/report.html'],
    ['a folder', 'folder'],
    ['a device', '/dev/null'],
    ['standard output', '/dev/stdout'],
  ] as const) {
    it(`to ${what} ends with code 74, and prints the report anyway`, () => {
      const folder = folderWith();
      mkdirSync(join(folder, 'folder'));
      const { status, stdout, stderr } = run(folder, 'mail.log', '--json', '--html', path);
      expect(status).to.equal(74);
      expect(stderr).to.match(/^postblock: \/\S+: cannot be written: [^\n]+\n$/);
      expect(reportOf({ stdout }).cost.lost).to.equal(1);
      expect(readdirSync(folder).sort()).to.deep.equal(['folder', 'mail.log', 'policy.yml']);
      expect(readdirSync(join(folder, 'folder'))).to.deep.equal([]);
    });
  }

  it('never leaves a partial page, even when the disk is full', () => {
    const folder = folderWith();
    // A file may not grow beyond a block of 512 bytes here: the same as a full disk to who writes it.
    const script = `ulimit -f 8; trap '' XFSZ; exec "$0" "$@"`;
    const args = [process.execPath, CLI, 'replay', 'mail.log', '--json', '--html', 'report.html'];
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script, ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stderr).to.match(/cannot be written/);
    expect(status).to.equal(74);
    expect(reportOf({ stdout }).cost.lost).to.equal(1);
    expect(readdirSync(folder).sort()).to.deep.equal(['mail.log', 'policy.yml']);
  });
});
