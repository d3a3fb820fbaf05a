// The sockets of the real daemon while their files are removed and their directories moved.

import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { expect } from 'chai';
import { ask } from '../../src/cli/client.ts';
import { endDaemons, TestDaemon } from '../harness/daemon.ts';
import { until } from '../harness/until.ts';
import { authFailure, times } from './mail.ts';

const IP = '192.0.2.1';

describe('service: its sockets', () => {
  let daemon: TestDaemon;

  beforeEach(async () => {
    daemon = await new TestDaemon().start();
    daemon.append(...times(3, () => authFailure(IP)));
    await daemon.said(/ block ip=192\.0\.2\.1 /);
  });

  afterEach(endDaemons);

  async function isShown(): Promise<void> {
    await until('an answer of the support desk', async () => {
      const show = ask<{ block: unknown }>(daemon.state, { command: 'show', ip: IP });
      return (await show.catch(() => undefined))?.block !== undefined;
    });
  }

  it('serve support again after the state directory was moved away and back', async () => {
    const away = `${daemon.state}.away`;
    renameSync(daemon.state, away);
    daemon.signal('SIGUSR1');
    await daemon.said(/ warn listener-reopened listener=unix:\S+\/control\.sock /);
    await isShown();
    rmSync(daemon.state, { recursive: true });
    renameSync(away, daemon.state);
    await isShown();
    expect(await daemon.stop()).to.equal(0);
  });

  it('answer Postfix again after their file was removed, whatever came in its place and went', async () => {
    rmSync(daemon.socket);
    mkdirSync(daemon.socket);
    await daemon.said(/ error listener-lost listener=unix:\S+\/policy\.sock /);
    rmSync(daemon.socket, { recursive: true });
    await daemon.said(/ warn listener-reopened listener=unix:\S+\/policy\.sock /);
    expect(await daemon.verdict(IP)).to.match(/^action=REJECT /);
    expect(await daemon.reload()).to.equal('taken');
    expect(await daemon.verdict(IP)).to.match(/^action=REJECT /);
    expect(await daemon.stop()).to.equal(0);
  });
});
