// A daemon that follows a log other than the one a real Postfix writes notices it, and recovers with the right one.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { StatusAnswer } from '../../src/health/status.ts';
import { CLI, endDaemons, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { TestPostfix } from '../harness/postfix.ts';
import { describeReal, POSTFIX } from '../harness/real.ts';

const FAST = fileURLToPath(new URL('../harness/fast-clock.js', import.meta.url));
/** More than the daemon waits for. */
const MESSAGES = 12;

describeReal('postfix: the log of a real Postfix', POSTFIX, () => {
  let daemon: TestDaemon;
  let postfix: TestPostfix;

  before(async () => {
    daemon = new TestDaemon({ env: { NODE_OPTIONS: `--import ${FAST}` } });
    const other = join(daemon.folder, 'other.log');
    writeFileSync(other, '');
    daemon.writePolicy(SMALL_RULES, head().replace(daemon.log, other));
    await daemon.start();
    postfix = await TestPostfix.start({ folder: daemon.folder, socket: daemon.socket });
  });

  after(async () => {
    postfix.stop();
    await endDaemons();
  });

  function head(): string {
    return daemon.head().replace(`{unix: ${daemon.socket}}`, `{unix: ${daemon.socket}, mode: "0666"}`);
  }

  /** Messages of good clients, in one session and in several. */
  async function mail(): Promise<void> {
    for (let session = 0; session < 3; session++) {
      const client = await postfix.client('192.0.2.60');
      await client.command('EHLO client.example');
      for (let i = 0; i < MESSAGES / 3; i++) {
        const reply = await client.mail(
          'sender@client.example',
          'user@example.test',
          'Subject: x\r\n\r\ntext',
        );
        expect(reply).to.match(/^250 /);
      }
      await client.quit();
    }
  }

  function troubles(): string[] {
    const command = [CLI, 'status', '--json', '--policy', daemon.policy];
    const { trouble } = JSON.parse(
      spawnSync(process.execPath, command, { encoding: 'utf8' }).stdout,
    ) as StatusAnswer;
    return trouble.map(({ what }) => what);
  }

  it('is reported missing if another is followed, and no longer if it is followed itself', async () => {
    await mail();
    const [line] = await daemon.said(/.* error log-silent .*/);
    expect(line).to.contain('other.log');
    expect(troubles()).to.include('log-silent');
    daemon.writePolicy(SMALL_RULES, head());
    expect(await daemon.reload()).to.equal('taken');
    await mail();
    await daemon.said(/ warn log-silent-over /);
    expect(troubles()).not.to.include('log-silent');
  });
});
