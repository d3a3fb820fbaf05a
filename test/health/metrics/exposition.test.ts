// The text that Prometheus reads: every family with its type and labels, in both formats, and as the documentation says.

import { expect } from 'chai';
import { Counts } from '../../../src/health/metrics/counts.ts';
import { Exposition } from '../../../src/health/metrics/exposition.ts';
import { FAMILIES } from '../../../src/health/metrics/families.ts';
import { type Figures, samplesOf } from '../../../src/health/metrics/samples.ts';
import { DUNNO } from '../../../src/policy/verdict.ts';
import { type Parsed, parseExposition, sampleValue } from '../../harness/exposition.ts';
import { page, section } from '../../harness/readme.ts';
import { figures, NOW } from './figures.ts';

const SHARING = { isUp: true, backlog: 5, roundTrip: 2 };

async function exposed(
  changed: Partial<Figures> = {},
  counts = new Counts(),
  format: 'text' | 'openmetrics' = 'text',
): Promise<string> {
  return await new Exposition(format).text(samplesOf(counts, figures(changed), NOW));
}

async function parsed(changed: Partial<Figures> = {}, counts = new Counts()): Promise<Parsed> {
  return parseExposition(await exposed(changed, counts));
}

/** The family of a sample. */
function familyOf(name: string): string {
  return name.replace(/_(?:bucket|sum|count)$/, '');
}

describe('health/metrics/exposition', () => {
  it('has each family with its type, its help and exactly its labels', async () => {
    const counts = new Counts();
    counts.lines.line(
      { at: NOW, program: 'smtpd', process: 'smtpd[1', message: '' },
      true,
      '/var/log/mail.log',
      NOW,
    );
    const { help, types, samples } = await parsed({ sharing: SHARING }, counts);
    expect([...types.keys()]).to.deep.equal(Object.keys(FAMILIES));
    for (const [name, family] of Object.entries(FAMILIES)) {
      expect(types.get(name), name).to.equal(family.type);
      expect(help.get(name), name).to.equal(family.help);
      const own = samples.filter((sample) => familyOf(sample.name) === name);
      expect(own, name).not.to.be.empty;
      for (const { labels } of own) {
        const { le, ...rest } = labels;
        expect(le === undefined || family.type === 'histogram', name).to.equal(true);
        expect(Object.keys(rest), name).to.deep.equal([...family.labels]);
      }
    }
  });

  it('is what the documentation lists', () => {
    const rows = [
      ...section('Each metric', page('contrib/docs/metrics.md')).matchAll(
        /^\| `(postblock_\w+)` +\| (\w+) +\| ([^|]*?) *\|/gm,
      ),
    ];
    const documented = rows.map(([, name, type, labels = '']) => [
      name,
      type,
      [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
    ]);
    const listed = Object.entries(FAMILIES).map(([name, { type, labels }]) => [name, type, [...labels]]);
    expect(documented).to.deep.equal(listed);
  });

  it('has no label for an address or a name', () => {
    const labels = new Set(Object.values(FAMILIES).flatMap((family) => [...family.labels]));
    const bounded = ['version', 'action', 'protocol_state', 'source', 'form', 'kind', 'class'];
    expect([...labels]).to.have.members([...bounded, 'rule', 'enforced', 'reason', 'name']);
  });

  it('gives the figures of the daemon', async () => {
    const text = await parsed({
      blocks: new Map([
        ['auth-failures', { enforced: 2, watched: 0 }],
        ['former', { enforced: 0, watched: 4 }],
      ]),
      troubles: [{ what: 'log-silent', since: '2026-11-27T00:00:00.000Z', reason: 'no' }],
      sharing: SHARING,
    });
    const value = (name: string, labels = {}) => sampleValue(text, `postblock_${name}`, labels);
    expect(value('info', { version: '1.0.0' })).to.equal(1);
    expect(value('tracked_clients')).to.equal(7);
    expect(value('log_lag_seconds')).to.equal(2.5);
    expect(value('log_suppressed_total')).to.equal(3);
    expect(value('snapshot_age_seconds')).to.equal(40);
    expect(value('snapshot_duration_seconds')).to.equal(0.012);
    expect(value('policy_loaded_timestamp_seconds')).to.equal((NOW - 100_000) / 1000);
    expect(value('blocks_active', { rule: 'auth-failures', enforced: 'true' })).to.equal(2);
    expect(value('blocks_active', { rule: 'former', enforced: 'false' })).to.equal(4);
    expect(value('trouble', { name: 'log-silent' })).to.equal(1);
    expect(value('trouble', { name: 'log-late' })).to.equal(0);
    expect(value('share_up')).to.equal(1);
    expect(value('share_backlog_events')).to.equal(5);
    expect(value('share_rtt_seconds')).to.equal(0.002);
  });

  it('has no sample of what is not known', async () => {
    const unknown = { readTo: 0, snapshotAt: undefined, snapshotTook: undefined };
    const { samples } = await parsed(unknown);
    const names = samples.map(({ name }) => name);
    expect(names).not.to.include.members(['postblock_log_lag_seconds']);
    for (const name of ['log_lag_seconds', 'snapshot_age_seconds', 'snapshot_duration_seconds', 'share_up'])
      expect(names).not.to.include(`postblock_${name}`);
  });

  it('gives a histogram whose buckets rise to the count', async () => {
    const counts = new Counts();
    for (const ms of [0.004, 0.02, 3, 5000]) counts.verdicts.took(ms);
    const { samples } = await parsed({}, counts);
    const own = samples.filter(({ name }) => name.startsWith('postblock_verdict_duration_seconds'));
    const buckets = own.filter(({ name }) => name.endsWith('_bucket'));
    const bounds = buckets.map(({ labels }) => Number(labels.le?.replace('+Inf', 'Infinity')));
    expect(bounds).to.deep.equal([...bounds].sort((a, b) => a - b));
    expect(buckets.map(({ value }) => value)).to.deep.equal([
      1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 4,
    ]);
    const [sum, count] = own.slice(-2).map(({ value }) => value);
    expect(sum).to.be.closeTo(5.003_024, 1e-9);
    expect(count).to.equal(4);
  });

  it('escapes whatever a rule is called', async () => {
    const name = 'a"b\\c\nd';
    const { samples } = await parsed({ rules: [{ name, enforce: true }] });
    expect(samples.filter(({ labels }) => labels.rule === name)).not.to.be.empty;
  });

  it('keeps no value of the text before', async () => {
    const exposition = new Exposition('text');
    await exposition.text(samplesOf(new Counts(), figures({ rules: [{ name: 'old', enforce: true }] }), NOW));
    const text = await exposition.text(samplesOf(new Counts(), figures(), NOW));
    expect(text).not.to.include('"old"');
  });

  it('says the same in OpenMetrics, where a counter has its suffix in the samples only', async () => {
    const counts = new Counts();
    counts.verdicts.add(DUNNO, 0);
    const text = await exposed({}, counts, 'openmetrics');
    expect(text.endsWith('\n# EOF\n')).to.equal(true);
    const open = parseExposition(text);
    expect(open.types.get('postblock_verdicts')).to.equal('counter');
    expect(open.samples).to.deep.equal((await parsed({}, counts)).samples);
  });
});
