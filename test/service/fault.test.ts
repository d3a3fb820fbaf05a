// Internal errors, in every place where one can occur: mail flows, and everything else continues.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { StatusAnswer } from '../../src/health/status.ts';
import { CLI, endDaemons, PolicyClient, TestDaemon } from '../harness/daemon.ts';
import { authFailure, caughtUp, rejectedRecipient, stamp, times } from './mail.ts';

const BROKEN = fileURLToPath(new URL('../harness/broken-insides.js', import.meta.url));
const BROKEN_CLIENT = '192.0.2.13';
const BROKEN_HOST = 'broken.example';
const IP = '192.0.2.1';
const DUNNO = 'action=DUNNO';
const REJECT = /^action=REJECT /;

describe('service: an internal error', () => {
  let daemon: TestDaemon;

  beforeEach(async () => {
    daemon = await new TestDaemon({
      env: { NODE_OPTIONS: `--import ${BROKEN}`, BROKEN_CLIENT, BROKEN_HOST },
    }).start();
  });
  afterEach(endDaemons);

  it('of the verdict is DUNNO and a line in the log, and the next request of the connection is answered', async () => {
    daemon.append(...times(3, () => [...authFailure(BROKEN_CLIENT), ...authFailure(IP)]));
    await daemon.said(new RegExp(` block ip=${IP} `));
    const client = await PolicyClient.open(daemon.socket);
    expect(await client.ask({ client_address: BROKEN_CLIENT })).to.equal(DUNNO);
    expect(await client.ask({ client_address: IP })).to.match(REJECT);
    client.close();
    await daemon.said(/ warn fault where=verdict reason="Error: the verdict is broken/);
  });

  it('of the log reader loses the current line, and no other', async () => {
    const broken = `${stamp(Date.now())} mx1 postfix/smtpd[77]: connect from ${BROKEN_HOST}[192.0.2.66]`;
    for (let i = 0; i < 3; i++) daemon.append(broken, ...rejectedRecipient(IP));
    await daemon.said(new RegExp(` block ip=${IP} .*count=3`));
    await daemon.said(/ warn fault where="log reader" reason="Error: the reader is broken/);
  });

  it('that no part catches stops nothing: status counts it, verdicts continue, and the daemon stops in order', async () => {
    daemon.append(...times(3, () => rejectedRecipient(IP)));
    await caughtUp(daemon);
    daemon.signal('SIGUSR2');
    await daemon.said(/ warn fault where=uncaught reason="Error: a part that nobody guards is broken/);
    expect(await daemon.verdict(IP)).to.match(REJECT);
    expect(await daemon.verdict('198.51.100.1')).to.equal(DUNNO);
    const { stdout } = spawnSync(process.execPath, [CLI, 'status', '--json', '--policy', daemon.policy], {
      encoding: 'utf8',
    });
    expect((JSON.parse(stdout) as StatusAnswer).faults).to.equal(1);
    expect(await daemon.stop()).to.equal(0);
  });
});
