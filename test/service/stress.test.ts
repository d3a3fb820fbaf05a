// Postfix under stress: its shortened limits drop good clients; that is not counted, and the log reports it.

import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import type { StatusAnswer } from '../../src/health/status.ts';
import { CLI, endDaemons, TestDaemon } from '../harness/daemon.ts';
import { caughtUp, droppedConnection, stamp, times } from './mail.ts';

const IP = '192.0.2.1';
const STRESS = 2_000_000;

function processLimit(at: number): string {
  const service = 'warning: service "smtp" (25) has reached its process limit "100"';
  return `${stamp(at)} mx1 postfix/master[1101]: ${service}: new clients may experience noticeable delays`;
}

describe('service: stress', () => {
  afterEach(endDaemons);

  it('does not count dropped connections, and logs it once at its start and once at its end', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append('');
    await daemon.stop();
    // While the daemon was down, master(8) warned: as long ago as makes it over in a few seconds.
    const at = Date.now() - STRESS + 4000;
    daemon.append(processLimit(at), processLimit(at));
    daemon.append(...times(5, () => droppedConnection(IP, at + 1000)));
    await daemon.start();
    const [, until] = await daemon.said(/ warn stress-began until=(\S+) advice="[^"]*are not counted"/);
    expect(until).to.equal(new Date(at + STRESS).toISOString());
    const { stdout } = spawnSync(process.execPath, [CLI, 'status', '--json', '--policy', daemon.policy], {
      encoding: 'utf8',
    });
    const status = JSON.parse(stdout) as StatusAnswer;
    expect(status.stressUntil ?? until).to.equal(until);
    await daemon.said(/ warn stress-over drops=5/);
    expect(await daemon.verdict(IP)).to.equal('action=DUNNO');
    daemon.append(...times(3, () => droppedConnection(IP)));
    await daemon.said(new RegExp(` block ip=${IP} rule=connection-spam `));
    expect(daemon.output.match(/ stress-/g)).to.have.length(2);
  });

  it('does not count them after a restart either, and logs it again', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(processLimit(Date.now()));
    await daemon.said(/ stress-began /);
    await daemon.stop();
    await daemon.start();
    daemon.append(...times(5, () => droppedConnection(IP)));
    await caughtUp(daemon);
    await daemon.said(/ stress-began /);
    expect(await daemon.verdict(IP)).to.equal('action=DUNNO');
  });
});
