// What check says of a policy, and what serve does with it: they end with the same status.

import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { CheckAnswer } from '../../src/check/answer.ts';
import { CLI, endDaemons, TestDaemon } from '../harness/daemon.ts';

function check({ policy }: TestDaemon, ...args: string[]) {
  return spawnSync(process.execPath, [CLI, 'check', ...args, '--policy', policy], { encoding: 'utf8' });
}

function head(daemon: TestDaemon, listen: string, more = ''): string {
  return daemon.head(more).replace(/^listen: .*/, `listen: [${listen}]`);
}

describe('service: check', () => {
  afterEach(endDaemons);

  for (const [title, listen, more, status] of [
    ['a socket of a group that does not exist', '{unix: p.sock, group: no-such-group}', '', 78],
    ['a control-group that does not exist', '{unix: p.sock}', 'control-group: no-such-group\n', 78],
    ['a socket in a directory that does not exist', '{unix: none/p.sock}', '', 77],
    ['a socket with a path that is too long', `{unix: ${'x'.repeat(110)}}`, '', 69],
    ['a socket in the place of a file', '{unix: file}', '', 69],
    ['an address that this host does not have', '{inet: "192.0.2.254:10999"}', '', 69],
    [
      'a password that all users can read',
      '{unix: p.sock}',
      'share-state: {url: "redis://127.0.0.1:1", password-file: mail.log}\n',
      78,
    ],
    ['a log in a directory that does not exist', '{unix: p.sock}', 'log: {file: none/x.log}\n', 74],
    ['a log in the place of a directory', '{unix: p.sock}', 'log: {file: .}\n', 74],
  ] as const) {
    it(`ends as serve does with ${title}: ${status}`, async () => {
      const daemon = new TestDaemon();
      daemon.append('');
      chmodSync(daemon.log, 0o644);
      writeFileSync(join(daemon.folder, 'file'), '');
      daemon.writePolicy(
        '  r: {counts: probe, limit: 3, within: 1h, block-for: 1h, message: No.}\n',
        head(daemon, listen, more),
      );
      const { status: checked, stdout } = check(daemon);
      daemon.spawn();
      expect({ serve: await daemon.exited(), check: checked }).to.deep.equal({
        serve: status,
        check: status,
      });
      expect(stdout).to.match(/^error: [^\n]+\. [^\n]+$/m);
    });
  }

  it('ends as serve does with a file in the place of the state directory: 74', async () => {
    const daemon = new TestDaemon();
    daemon.append('');
    writeFileSync(daemon.state, '');
    expect(check(daemon).status).to.equal(74);
    daemon.spawn();
    expect(await daemon.exited()).to.equal(74);
  });

  it('ends as a second serve does with an address in use, but not beside its own daemon', async () => {
    const daemon = await new TestDaemon().start();
    expect(check(daemon)).to.include({ status: 0 });
    const other = new TestDaemon();
    other.append('');
    other.writePolicy(
      '  r: {counts: probe, limit: 3, within: 1h, block-for: 1h, message: No.}\n',
      head(other, `{unix: ${daemon.socket}}`),
    );
    expect(check(other).status).to.equal(69);
    other.spawn();
    expect(await other.exited()).to.equal(69);
  });

  it('ends with 0 for a warning, which serve does not report, and with --strict with 1', () => {
    const daemon = new TestDaemon();
    const { status, stdout } = check(daemon);
    expect(status).to.equal(0);
    expect(stdout).to.include(`\nwarning: maillog: there is no file ${daemon.log}; `);
    expect(check(daemon, '--strict').status).to.equal(1);
    const { problems, services } = JSON.parse(check(daemon, '--json').stdout) as CheckAnswer;
    expect(problems.map(({ weight, about }) => [weight, about])).to.deep.equal([['warning', ['maillog']]]);
    expect(services).to.equal(null);
  });

  it('refuses --config without --postfix', () => {
    const daemon = new TestDaemon();
    expect(check(daemon, '--config', join(daemon.folder, 'x'))).to.include({ status: 64, stdout: '' });
  });
});
