// postblock replay as its own process: its output, and files that it must not touch.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { CLI, endDaemons, TestDaemon } from '../harness/daemon.ts';
import { until } from '../harness/until.ts';
import { line } from '../maillog/log.ts';
import { CLIENT, folderWith, linesOf, reportOf, run } from './replay-run.ts';
import { failed } from './small-log.ts';

describe('replay/command: postblock replay', () => {
  afterEach(endDaemons);

  describe('--json', () => {
    const folder = folderWith();
    const { status, stdout, stderr } = run(folder, 'mail.log', '--json');

    it('prints each block, each end, and last the report, one object a line', () => {
      expect([status, stderr]).to.deep.equal([0, '']);
      expect(linesOf(stdout).map(({ event }) => event)).to.deep.equal(['block', 'end', 'report']);
    });

    it('prints blocks and ends byte for byte as in audit.jsonl, without the fields that only the daemon has', async () => {
      const rule = '{counts: auth-failure, limit: 3, within: 1h, block-for: 1s, message: No.}';
      const daemon = await new TestDaemon({ rules: `  auth-failures: ${rule}\n` }).start();
      const now = Date.now();
      const stamped = (text: string, seconds: number) =>
        `${new Date(now + seconds * 1000).toISOString()}${text.slice(text.indexOf(' '))}`;
      daemon.append(...failed(CLIENT, 0, 1, 2).map((text, i) => stamped(text, i - 20)));
      daemon.append(stamped(line('connect from a[192.0.2.1]'), 0));
      await until('the block and its end', () => daemon.audit().length === 2);
      const audit = readFileSync(join(daemon.state, 'audit.jsonl'), 'utf8');
      expect(await daemon.stop()).to.equal(0);
      const expected = audit.replace(/"sequence":\d+,"written":"[^"]+",/g, '');
      const { stdout } = run(daemon.folder, 'mail.log', '--json');
      expect(stdout.split('\n').slice(0, 2)).to.deep.equal(expected.trimEnd().split('\n'));
    });

    it('prints what was read, and the policy', () => {
      const report = reportOf({ stdout });
      expect(report.policy).to.deep.equal({ path: join(folder, 'policy.yml'), set: [] });
      expect(report.read).to.deep.equal({
        sources: ['mail.log'],
        bytes: statSync(join(folder, 'mail.log')).size,
        lines: 7,
        records: 7,
        from: '2026-11-23T10:00:00.000Z',
        to: '2026-11-24T10:01:40.000Z',
        repeated: 0,
        leftOut: 0,
        first: '2026-11-23T10:00:00.000Z',
        last: '2026-11-24T10:01:40.000Z',
        hosts: ['mx'],
        isComplete: true,
      });
      expect(report.cost).to.include({ accepted: 1, lost: 1, delivered: 1 });
    });
  });

  it('prints the report as text without --json', () => {
    const { status, stdout } = run(folderWith(), 'mail.log');
    expect(status).to.equal(0);
    expect(stdout).to.contain('ABC1234567').and.to.contain('gw.office.example');
    expect(stdout).to.not.contain('{');
  });

  it('does not use the state directory, which need not exist', () => {
    const folder = folderWith();
    expect(run(folder, 'mail.log').status).to.equal(0);
    expect(run(folder, 'mail.log', '--json', '--html', 'report.html').status).to.equal(0);
    expect(readdirSync(folder).sort()).to.deep.equal(['mail.log', 'policy.yml', 'report.html']);
    mkdirSync(join(folder, 'state'));
    writeFileSync(join(folder, 'state', 'snapshot.json'), 'no snapshot');
    expect(run(folder, 'mail.log').status).to.equal(0);
    expect(readdirSync(join(folder, 'state'))).to.deep.equal(['snapshot.json']);
    expect(readFileSync(join(folder, 'state', 'snapshot.json'), 'utf8')).to.equal('no snapshot');
  });

  it('ends silently when its output is closed', () => {
    const folder = folderWith(
      Array.from({ length: 3000 }, (_, i) => failed(`a[192.0.${i >> 8}.${i & 255}]`, i, i, i)).flat(),
    );
    const script = `"$0" "$@" | head -n 1; exit "\${PIPESTATUS[0]}"`;
    const args = [process.execPath, CLI, 'replay', 'mail.log', '--json'];
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script, ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(linesOf(stdout).map(({ event }) => event)).to.deep.equal(['block']);
  });
});
