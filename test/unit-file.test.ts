// contrib/postblock.service: the figure of systemd-analyze that the README states is the one that it measures.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { describeReal, SYSTEMD } from './harness/real.ts';

const UNIT = fileURLToPath(new URL('../../contrib/postblock.service', import.meta.url));
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

  it('leaves /proc/sys in sight, without which journalctl --follow ends', () => {
    expect(readFileSync(UNIT, 'utf8')).not.to.match(/^ProcSubset=pid/m);
  });
});
