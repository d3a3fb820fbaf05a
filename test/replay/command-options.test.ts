// The options of postblock replay: other values of the policy, sweeps, and a part of the log.

import { expect } from 'chai';
import { folderWith, LOG, reportOf, run } from './replay-run.ts';

describe('replay/command-options: postblock replay', () => {
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
});
