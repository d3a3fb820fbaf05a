// The report of a replay: what each rule blocked, stopped and counted, and when.

import { expect } from 'chai';
import fc from 'fast-check';
import { AUTH } from '../blocks/blocks-fixture.ts';
import { scaled } from '../harness/scale.ts';
import { failed, mail, replayed, ruleOf } from './small-log.ts';

describe('replay/replay-report', () => {
  it('is empty for an empty log', () => {
    const { report, changes } = replayed([]);
    expect(changes).to.deep.equal([]);
    expect(report.read).to.deep.equal({
      records: 0,
      from: null,
      to: null,
      leftOut: 0,
      first: null,
      last: null,
      hosts: [],
    });
    expect(report.notes).to.deep.equal([]);
    expect(report.timeline).to.deep.include({ start: null, accepted: [], lost: [] });
    expect(report.rules[0]).to.include({ blocks: 0, first: null, medianToBlock: null });
  });

  it('reports how often a rule blocked an IP again, how many IPs, and what it stopped', () => {
    const texts = [
      ...failed('a[192.0.2.1]', 0, 1, 2, 3, 4),
      ...failed('a[192.0.2.1]', 4000, 4001, 4002, 4003),
      ...failed('b[192.0.2.2]', 4000, 4001, 4002),
    ];
    const found = replayed(texts);
    expect(ruleOf(found)).to.include({ events: 12, blocks: 3, ips: 2, again: 1, stopped: 3 });
    expect(ruleOf(found).first).to.equal('2026-11-23T10:00:02.000Z');
    const [first, second] = found.report.offenders;
    expect(first).to.include({ ip: '192.0.2.1', name: 'a', blocks: 2, stopped: 3 });
    expect(first).to.deep.include({ events: { 'auth-failure': 9 }, rules: ['auth'] });
    expect(first?.firstBlock).to.equal('2026-11-23T10:00:02.000Z');
    expect(second).to.include({ ip: '192.0.2.2', blocks: 1, stopped: 0 });
  });

  it('reports what a watched rule would have stopped in its own row, and that nothing of its client was stopped', () => {
    const watch = { rules: [{ ...AUTH, enforce: false }] };
    const found = replayed(failed('a[192.0.2.1]', 0, 1, 2, 3, 4), watch);
    expect(ruleOf(found)).to.include({ blocks: 1, stopped: 2, enforced: false });
    expect(found.report.offenders[0]).to.include({ blocks: 1, stopped: 0 });
    expect(found.changes[0]).to.include({ type: 'block', enforced: false });
  });

  it('counts an event once in its total, however many rules count it, and no block that is only watched', () => {
    const watch = { ...AUTH, name: 'watch', limit: 2, enforce: false };
    const second = { ...AUTH, name: 'second', limit: 100 };
    const { report } = replayed(failed('a[192.0.2.1]', 0, 1, 2, 3), { rules: [watch, AUTH, second] });
    expect(report.total).to.deep.equal({ blocks: 1, counted: 4, stopped: 1 });
    const watched = replayed(failed('a[192.0.2.1]', 0, 1, 2, 3), { rules: [watch] });
    expect(watched.report.total).to.deep.equal({ blocks: 0, counted: 0, stopped: 0 });
  });

  it('counts IPv6 clients by network', () => {
    const { report } = replayed([...failed('a[2001:db8::1]', 0), ...failed('b[2001:db8::2]', 1, 2)]);
    expect(report.events.find(({ kind }) => kind === 'auth-failure')).to.include({ count: 3, ips: 1 });
    expect(report.rules[0]).to.include({ blocks: 1, ips: 1 });
    const single = replayed([...failed('a[2001:db8::1]', 0), ...failed('b[2001:db8::2]', 1, 2)], {
      ipv6Prefix: 128,
    });
    expect(single.report.rules[0]).to.include({ blocks: 0 });
    expect(single.report.offenders.map(({ ip }) => ip)).to.deep.equal(['2001:db8::2', '2001:db8::1']);
  });

  it('counts nothing of clients that have no address', () => {
    expect(replayed(failed('unknown[unknown]', 0, 1, 2)).report.offenders).to.deep.equal([]);
  });

  it('reports the median time from the first event that counts to the block', () => {
    const gaps = fc.array(fc.array(fc.constantFrom<number>(0, 1, 7, 60, 599, 600, 3600), { maxLength: 14 }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(gaps, (clients) => {
        const delays = clients.flatMap((steps) => delaysOf(secondsOf(steps))).sort((a, b) => a - b);
        const texts = clients.flatMap((steps, i) => failed(`a[192.0.2.${i}]`, ...secondsOf(steps)));
        const rule = ruleOf(replayed(texts));
        expect(rule.blocks).to.equal(delays.length);
        expect(rule.medianToBlock).to.equal(delays[Math.ceil(delays.length / 2) - 1] ?? null);
      }),
      { numRuns: scaled(200) },
    );
  });

  it('shows when events occurred, blocks started, and mails were accepted and lost', () => {
    const client = 'a[192.0.2.1]';
    const texts = [...failed(client, 0, 60, 65), ...mail(client, 'ABC01', 10), ...mail(client, 'ABC02', 130)];
    expect(replayed(texts).report.timeline).to.deep.equal({
      start: '2026-11-23T10:00:00.000Z',
      width: 60,
      rules: [{ rule: 'auth', events: [1, 2, 0], blocks: [0, 1, 0] }],
      accepted: [1, 0, 1],
      lost: [0, 0, 1],
    });
  });

  it('notes that max-tracked was reached', () => {
    const texts = Array.from({ length: 60 }, (_, i) => failed(`a[192.0.2.${i}]`, i)).flat();
    expect(replayed(texts, { maxTracked: 20 }).report.notes.join()).to.contain('max-tracked was reached');
    expect(replayed(texts, { maxTracked: 1000 }).report.notes.join()).to.not.contain('max-tracked');
  });
});

function secondsOf(gaps: readonly number[]): number[] {
  return gaps.map((_, i) => gaps.slice(0, i + 1).reduce((sum, gap) => sum + gap, 0));
}

/** How long each block of AUTH took, by hand: the third of three in less than ten minutes, then an hour uncounted. */
function delaysOf(seconds: readonly number[]): number[] {
  const delays: number[] = [];
  let counted: number[] = [];
  let until = 0;
  for (const second of seconds) {
    if (second < until) continue;
    counted = [...counted.filter((before) => second - before < 600), second];
    if (counted.length < 3) continue;
    delays.push(second - (counted[0] ?? Number.NaN));
    until = second + 3600;
    counted = [];
  }
  return delays;
}
