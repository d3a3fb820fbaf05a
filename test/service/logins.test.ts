// A user database that is down: failed logins are not counted, and the daemon reports it until logins work again.

import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import type { StatusAnswer } from '../../src/health/status.ts';
import { MINUTE } from '../../src/values/duration.ts';
import { CLI, endDaemons, TestDaemon } from '../harness/daemon.ts';
import { authFailure, caughtUp, stamp, times } from './mail.ts';

const CUSTOMERS = Array.from({ length: 6 }, (_, i) => `192.0.2.${i + 1}`);

/** A session that logs in and sends a message. */
function login(ip: string, at: number): string[] {
  const user = `user${ip.split('.')[3]}@example.net`;
  return [
    `connect from unknown[${ip}]`,
    `4F1B2A3C4D: client=unknown[${ip}], sasl_method=PLAIN, sasl_username=${user}`,
    `disconnect from unknown[${ip}] ehlo=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=6`,
  ].map((message) => `${stamp(at)} mx1 postfix/submission/smtpd[2202]: ${message}`);
}

function failure(ip: string, at: number): string {
  const message = `warning: unknown[${ip}]: SASL PLAIN authentication failed: UGFzc3dvcmQ6`;
  return `${stamp(at)} mx1 postfix/submission/smtpd[2202]: ${message}`;
}

function status({ policy }: TestDaemon): StatusAnswer {
  const { stdout } = spawnSync(process.execPath, [CLI, 'status', '--json', '--policy', policy], {
    encoding: 'utf8',
  });
  return JSON.parse(stdout) as StatusAnswer;
}

describe('service: a user database that is down', () => {
  afterEach(endDaemons);

  it('counts no failed login, over a restart, and is an error in the log and in the status until logins work again', async () => {
    const daemon = await new TestDaemon().start();
    const start = Date.now() - 20 * MINUTE;
    daemon.append(...CUSTOMERS.flatMap((ip, i) => login(ip, start + i)));
    // Each fails twice, below the limit of three, until it is found.
    for (const minute of [1, 3])
      daemon.append(...CUSTOMERS.map((ip) => failure(ip, start + minute * MINUTE)));
    const [line] = await daemon.said(/ error logins-failing reason="(.*)"/);
    expect(line).to.contain('the user database is probably down').and.to.contain(' at mx1 since ');
    await daemon.stop();
    daemon.append(...times(5, () => CUSTOMERS.map((ip) => failure(ip, start + 5 * MINUTE))));
    await daemon.start();
    await daemon.said(/ error logins-failing /);
    await caughtUp(daemon);
    const { trouble, loginsSpared } = status(daemon);
    expect(trouble.map(({ what }) => what)).to.deep.equal(['logins-failing']);
    expect(loginsSpared).to.equal(30);
    for (const ip of CUSTOMERS) expect(await daemon.verdict(ip), ip).to.equal('action=DUNNO');
    daemon.append(...CUSTOMERS.flatMap((ip, i) => login(ip, Date.now() + i)));
    await daemon.said(/ warn logins-failing-over since=\S+ spared=30/);
    expect(status(daemon).trouble).to.deep.equal([]);
    daemon.append(...times(3, () => authFailure('203.0.113.200')));
    await daemon.said(/ block ip=203\.0\.113\.200 rule=auth-failures /);
    expect(daemon.output).not.to.match(/ block ip=192\.0\.2\./);
  });
});
