// postblock replay as its own process: output, exit codes, and files that it must not touch.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { CLI, endDaemons, TestDaemon } from '../harness/daemon.ts';
import { until } from '../harness/until.ts';
import { line } from '../maillog/log.ts';
import { CLIENT, folderWith, LOG, linesOf, reportOf, run } from './replay-run.ts';
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

    it('says that no line of Postfix was read, and ends with 1', () => {
      const folder = folderWith(['Nov 23 10:00:00 mx dovecot: imap-login: x']);
      const { status, stdout } = run(folder, 'mail.log');
      expect(status).to.equal(1);
      expect(stdout).to.include('No line of Postfix was read');
    });

    it('says that a file is not a log, in the report and on standard error', () => {
      const folder = folderWith();
      writeFileSync(join(folder, 'photo.jpg'), Buffer.from(Array.from({ length: 3000 }, (_, i) => i % 251)));
      writeFileSync(join(folder, 'notes.txt'), 'hello\n\nworld\n');
      const alone = run(folder, 'notes.txt');
      const words = 'notes.txt is not a log: none of its 3 lines has the form of a log line.';
      expect([alone.status, alone.stderr]).to.deep.equal([1, `postblock: ${words}\n`]);
      expect(alone.stdout).to.include(words).and.not.to.include('Blind spots');
      const { stdout, stderr } = run(folder, 'photo.jpg', 'mail.log', 'notes.txt', '--json');
      const { blindSpots, notes, read } = reportOf({ stdout });
      expect(blindSpots).to.deep.equal({ unreadable: [], uncounted: [], others: 0 });
      expect(notes).to.have.length(1);
      expect(notes[0]).to.match(/^2 inputs are not logs: .*photo\.jpg/);
      expect(stderr).to.equal(`postblock: ${notes[0]}\n`);
      expect(read.records).to.equal(7);
    });

    it('reports the lines of a log that it cannot read as blind spots', () => {
      const folder = folderWith(['no line', ...LOG, 'nor this one']);
      writeFileSync(join(folder, 'odd.log'), '§ postfix/smtpd[311]: connect from a[192.0.2.1]\n');
      const { blindSpots, notes } = reportOf(run(folder, 'mail.log', 'odd.log', '--json'));
      expect(blindSpots.unreadable.map(({ count }) => count)).to.deep.equal([1, 1, 1]);
      expect(notes).to.deep.equal([]);
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

  it('gives the same report for any order of the files', () => {
    const folder = folderWith();
    for (const [i, part] of [LOG.slice(0, 2), LOG.slice(2, 5), LOG.slice(5)].entries())
      writeFileSync(join(folder, `part${i}`), part.map((text) => `${text}\n`).join(''));
    const found = ['012', '021', '102', '120', '201', '210'].map((order) => {
      const { stdout } = run(folder, ...[...order].map((i) => `part${i}`), '--json');
      const { read, ...report } = reportOf({ stdout });
      return [...linesOf(stdout).slice(0, -1), report, { ...read, sources: [] }];
    });
    for (const one of found.slice(1)) expect(one).to.deep.equal(found[0]);
    expect(found[0]?.length).to.equal(4);
  });

  describe('--set', () => {
    it('tries another value, and shows it in the report', () => {
      const report = reportOf(
        run(folderWith(), 'mail.log', '--json', '--set', 'rules.auth-failures.limit=4'),
      );
      expect(report.policy.set).to.deep.equal(['rules.auth-failures.limit=4']);
      expect(report.rules.map(({ blocks }) => blocks)).to.deep.equal([0, 0, 0, 0]);
    });

    it('ends with code 78 and reports every mistake as it was given', () => {
      const sets = [
        'rules.none.limit=1',
        'rules.auth-failures.nosuch=1',
        'rules.auth-failures.limit=x',
        'allow=[a',
      ];
      const { status, stdout, stderr } = run(
        folderWith(),
        'mail.log',
        ...sets.flatMap((set) => ['--set', set]),
      );
      expect([status, stdout]).to.deep.equal([78, '']);
      const lines = stderr.trimEnd().split('\n');
      expect(lines.length).to.equal(4);
      for (const set of sets)
        expect(
          lines.some((text) => text.startsWith(`postblock: --set ${set}: `)),
          set,
        ).to.equal(true);
    });
  });

  it('reads stamps without a zone in the zone of the policy', () => {
    const local = (text: string) => text.replace(/^\S+/, 'Nov 23 10:00:00');
    const folder = folderWith(LOG.map(local));
    const from = (...args: readonly string[]) =>
      reportOf(run(folder, 'mail.log', '--json', ...args)).read.from?.slice(5, 16);
    expect(from('--set', 'zone=UTC')).to.equal('11-23T10:00');
    expect(from('--set', 'zone=Asia/Kathmandu')).to.equal('11-23T04:15');
    const { status, stderr } = run(folder, 'mail.log', '--set', 'zone=Nepal');
    expect(status).to.equal(78);
    expect(stderr).to.include(
      '--set zone=Nepal: "Nepal" is not a known time zone; expected a name of the tz database',
    );
  });

  it('--sweep reports for each value what a run with that value reports', () => {
    const folder = folderWith();
    const key = 'rules.auth-failures.limit';
    const [sweep] = reportOf(run(folder, 'mail.log', '--json', '--sweep', `${key}=1,2,3,4`)).sweeps;
    expect(sweep?.values.map(({ isCurrent }) => isCurrent)).to.deep.equal([false, false, true, false]);
    for (const { value, blocks, ips, events, stopped, lost } of sweep?.values ?? []) {
      const report = reportOf(run(folder, 'mail.log', '--json', '--set', `${key}=${value}`));
      expect(report.rules.find(({ rule }) => rule === 'auth-failures')).to.include({
        blocks,
        ips,
        events,
        stopped,
        lost,
      });
    }
  });

  it('--since leaves out older records, --until those of its time and newer ones', () => {
    const folder = folderWith();
    const moments = ['--since', '2026-11-23T10:00:05Z', '--until', '2026-11-24T00:00Z'];
    expect(reportOf(run(folder, 'mail.log', '--json', ...moments)).read).to.include({
      records: 5,
      from: '2026-11-23T10:00:05.000Z',
      to: '2026-11-23T10:00:22.000Z',
    });
    expect(reportOf(run(folder, 'mail.log', '--json', '--until', '36500d')).read.records).to.equal(0);
  });

  it('says when the logs begin and end where --since leaves nothing to replay, and ends with 1', () => {
    const { status, stdout, stderr } = run(folderWith(), 'mail.log', '--since', '2026-12-01T00:00Z');
    expect([status, stderr]).to.deep.equal([1, '']);
    expect(stdout.replace(/\s+/g, ' ')).to.contain(
      'the lines of Postfix in these logs are from 2026-11-23 10:00 UTC to 2026-11-24 10:01 UTC, and --since',
    );
  });

  it('counts lines of two logs once, and says so in the report and on standard error', () => {
    const folder = folderWith();
    const alone = reportOf(run(folder, 'mail.log', '--json'));
    writeFileSync(join(folder, 'mail.info'), gzipSync(readFileSync(join(folder, 'mail.log'))));
    for (const names of [
      ['mail.log', 'mail.info'],
      ['mail.info', 'mail.log'],
    ]) {
      const result = run(folder, ...names, '--json');
      const { read, notes, ...found } = reportOf(result);
      const { read: readAlone, notes: _, ...foundAlone } = alone;
      expect(found).to.deep.equal(foundAlone);
      expect(read).to.include({ records: readAlone.records, repeated: readAlone.records });
      expect(notes).to.deep.equal([
        'mail.log and mail.info contain 7 equal lines of Postfix: each counts once.',
      ]);
      expect(result.stderr).to.equal(`postblock: ${notes[0]}\n`);
    }
  });

  const wrong: readonly (readonly [what: string, args: string[], says: RegExp])[] = [
    ['no log', [], /^postblock: replay needs at least one /],
    [
      'a time that is not valid',
      ['mail.log', '--since', 'yesterday'],
      /--since: "yesterday" is not a valid time/,
    ],
    [
      'a day that does not exist',
      ['mail.log', '--until', '2026-02-30'],
      /--until: "2026-02-30" is not a valid time/,
    ],
    ['a span that is empty', ['mail.log', '--since', '1d', '--until', '2d'], /nothing is left to replay/],
    ['a setting that is not KEY=VALUE', ['mail.log', '--set', 'x'], /--set: "x" is not KEY=VALUE/],
    [
      'a sweep of what cannot be swept',
      ['mail.log', '--sweep', 'state=a,b'],
      /--sweep state: expected rules\./,
    ],
    ['an option of another command', ['mail.log', '--rule', 'x'], /--rule/],
    ['a directory', ['.'], /directory/],
    ['standard input twice', ['-', '-'], /read only once/],
  ];
  for (const [what, args, says] of wrong) {
    it(`ends with code 64 for ${what}`, () => {
      const { status, stdout, stderr } = run(folderWith(), ...args);
      expect([status, stdout]).to.deep.equal([64, '']);
      expect(stderr).to.match(says);
    });
  }

  it('ends with code 74 for logs that do not exist, and names each', () => {
    const { status, stdout, stderr } = run(folderWith(), 'mail.log', 'none.log', 'nor.log');
    expect([status, stdout]).to.deep.equal([74, '']);
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .map((text) => text.split(':')[1]?.trim()),
    ).to.deep.equal(['none.log', 'nor.log']);
  });

  it('ends with code 78 for a policy with mistakes', () => {
    const folder = folderWith();
    writeFileSync(join(folder, 'policy.yml'), 'rules: {}\n');
    const { status, stderr } = run(folder, 'mail.log');
    expect(status).to.equal(78);
    expect(stderr).to.contain('policy.yml:1:8: rules: is empty');
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
