// contrib/postblock.service: the figure of systemd-analyze that the README states is the one that it measures.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { BACKLOG } from '../src/net/listen.ts';
import { describeReal, SYSTEMD } from './harness/real.ts';

const UNIT = fileURLToPath(new URL('../../contrib/postblock.service', import.meta.url));
const SOCKET_UNIT = fileURLToPath(new URL('../../contrib/postblock.socket', import.meta.url));
const README = new URL('../../README.md', import.meta.url);

describeReal('unit-file: contrib/postblock.service', SYSTEMD, () => {
  it('exposes as little as the README states', () => {
    const [, stated] = /`systemd-analyze security`: (\d+\.\d \w+)/.exec(readFileSync(README, 'utf8')) ?? [];
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', UNIT], {
      encoding: 'utf8',
    });
    const [, measured] = /Overall exposure level for postblock\.service: (\d+\.\d \w+)/.exec(stdout) ?? [];
    expect(measured, stdout).to.be.a('string');
    expect(stated).to.equal(measured);
  });

  it('has no capability, no new privileges, and a user of its own', () => {
    const unit = readFileSync(UNIT, 'utf8');
    for (const line of [
      'CapabilityBoundingSet=',
      'AmbientCapabilities=',
      'NoNewPrivileges=yes',
      'User=postblock',
    ])
      expect(unit.split('\n')).to.include(line);
  });

  it('restarts a frozen daemon within 30 s, and gives it a stored connection for each smtpd of a large host', () => {
    const unit = readFileSync(UNIT, 'utf8');
    const value = (name: string) => Number(new RegExp(`^${name}=(\\d+)s?$`, 'm').exec(unit)?.[1]);
    expect(value('WatchdogSec') + value('RestartSec')).to.be.below(30);
    expect(value('FileDescriptorStoreMax')).to.be.at.least(1000);
    expect(unit).to.match(/^WatchdogSignal=SIGKILL$/m);
  });

  it('has a socket unit whose socket is that of the README, and like that of the daemon', () => {
    const socket = readFileSync(SOCKET_UNIT, 'utf8');
    expect(readFileSync(README, 'utf8')).to.contain(`unix: ${/^ListenStream=(.*)$/m.exec(socket)?.[1]}`);
    expect(Number(/^Backlog=(.*)$/m.exec(socket)?.[1])).to.equal(BACKLOG);
    const directory = /^ExecStartPre=-\+?(.*)$/m;
    expect(directory.exec(socket)?.[1]).to.equal(directory.exec(readFileSync(UNIT, 'utf8'))?.[1]);
  });

  it('leaves /proc/sys in sight, without which journalctl --follow ends', () => {
    expect(readFileSync(UNIT, 'utf8')).not.to.match(/^ProcSubset=pid/m);
  });
});
