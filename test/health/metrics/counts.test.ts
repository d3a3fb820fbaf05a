// What is counted for metrics: each number goes where it belongs, and no number of sources or rules takes more memory.

import { expect } from 'chai';
import { NAMES } from '../../../src/blocks/events/codes.ts';
import type { LogEvent } from '../../../src/blocks/events/event.ts';
import type { ClientView } from '../../../src/blocks/table/table-view.ts';
import { activeBlocks } from '../../../src/health/metrics/active-blocks.ts';
import { EventCounts } from '../../../src/health/metrics/event-counts.ts';
import { LogLineCounts } from '../../../src/health/metrics/log-line-counts.ts';
import { RuleCounts } from '../../../src/health/metrics/rule-counts.ts';
import { VerdictCounts } from '../../../src/health/metrics/verdict-counts.ts';
import type { LogRecord } from '../../../src/maillog/syslog/record.ts';
import { OTHER_STATE, PROTOCOL_STATES } from '../../../src/policy/protocol-state.ts';
import { DUNNO } from '../../../src/policy/verdict.ts';
import { NOW } from './figures.ts';

const REJECT = 'action=REJECT no\n\n';

function record(
  message = 'connect from unknown[192.0.2.1]',
  program: LogRecord['program'] = 'smtpd',
): LogRecord {
  return { at: NOW, program, process: `mx postfix/${program}[1`, message };
}

describe('health/metrics/counts: verdicts', () => {
  it('are counted by action and state', () => {
    const counts = new VerdictCounts();
    for (const [code] of PROTOCOL_STATES.entries()) counts.add(DUNNO, code);
    counts.add(REJECT, 0);
    counts.add(REJECT, OTHER_STATE);
    const some = counts.samples.filter(([value]) => value > 0);
    expect(some).to.deep.equal([
      ...PROTOCOL_STATES.map((state) => [1, 'dunno', state]),
      [1, 'reject', 'RCPT'],
      [1, 'reject', 'other'],
    ]);
  });

  it('are timed one in 16', () => {
    const counts = new VerdictCounts();
    const timed = Array.from({ length: 160 }, () => counts.isTimed);
    expect(timed.filter(Boolean)).to.have.lengthOf(10);
    expect(timed[0]).to.equal(true);
  });
});

describe('health/metrics/counts: log lines', () => {
  it('are counted by source, with the newest stamp of each', () => {
    const counts = new LogLineCounts();
    counts.line(record(), true, 'a', NOW);
    counts.line(record(), true, 'b', NOW + 1000);
    counts.line(record(), true, 'a', NOW - 5000);
    expect(counts.samples(['a', 'b', 'c'])).to.deep.equal([
      [2, 'a'],
      [1, 'b'],
      [0, 'c'],
    ]);
    expect(counts.newest(['a', 'b', 'c'])).to.deep.equal([
      [NOW / 1000, 'a'],
      [NOW / 1000 + 1, 'b'],
    ]);
  });

  it('are unread where a message looks like a rejection and is not understood', () => {
    const counts = new LogLineCounts();
    counts.line(record('new-reject: RCPT from unknown[192.0.2.1]: 550'), false, 'a', NOW);
    counts.line(record('new-reject: RCPT from unknown[192.0.2.1]: 550'), true, 'a', NOW);
    counts.line(record('statistics: max connection rate 1/60s'), false, 'a', NOW);
    counts.line(record('reject_warning: RCPT from unknown[192.0.2.1]: 550'), false, 'a', NOW);
    counts.line(record('4c1e2a: reject', 'qmgr'), false, 'a', NOW);
    counts.unread('header', 4);
    counts.unread('overlong', 1);
    expect(counts.unreadSamples).to.deep.equal([
      [4, 'header'],
      [1, 'rejection'],
      [1, 'overlong'],
    ]);
  });

  it('of however many sources take the memory of 64', () => {
    const counts = new LogLineCounts();
    for (let i = 0; i < 10_000; i++) counts.line(record(), true, `source ${i}`, NOW);
    const names = Array.from({ length: 10_000 }, (_, i) => `source ${i}`);
    expect(counts.newest(names)).to.have.lengthOf(64);
  });
});

describe('health/metrics/counts: events', () => {
  it('are counted by kind and class, good ones too, and own refusals not', () => {
    const counts = new EventCounts();
    const client = { at: NOW, address: '192.0.2.1' };
    const events: LogEvent[] = [
      { kind: 'auth-failure', ...client },
      { kind: 'rejected-message', class: 'milter', ...client },
      { kind: 'rejected-message', class: 'milter', ...client },
      { kind: 'login', user: 1, ...client },
      { kind: 'refusal', ...client },
    ];
    for (const event of events) counts.add(event);
    expect(counts.samples.filter(([value]) => value > 0)).to.deep.equal([
      [1, 'auth-failure', ''],
      [2, 'rejected-message', 'milter'],
      [1, 'login', ''],
    ]);
  });

  it('have a number for each name that counts: can hold', () => {
    const named = new EventCounts().samples.flatMap(([, kind, name]) => [kind, name]);
    expect(named).to.include.members([...NAMES]);
  });
});

describe('health/metrics/counts: rules', () => {
  const begun = { ip: '192.0.2.1', at: NOW, until: NOW + 1, count: 3, enforced: true } as const;

  it('count what starts, ends, is spared and is refused', () => {
    const counts = new RuleCounts();
    const isInStanding = (ip: string) => ip === '192.0.2.9';
    counts.changed({ type: 'block', rule: 'r', ...begun }, isInStanding);
    const ended = { ip: '192.0.2.1', at: NOW, since: NOW, refused: 0, enforced: true } as const;
    counts.changed({ type: 'end', rule: 'r', reason: 'lifted', ...ended }, isInStanding);
    for (const ip of ['192.0.2.1', '192.0.2.9'])
      counts.changed({ type: 'refused', ip, rule: 'r', at: NOW, mail: undefined }, isInStanding);
    expect(counts.samples('started', ['r', 's'])).to.deep.equal([
      [1, 'r'],
      [0, 's'],
    ]);
    expect(counts.samples('refused', [])).to.deep.equal([[2, 'r']]);
    expect(counts.samples('refusedInStanding', [])).to.deep.equal([[1, 'r']]);
    expect(counts.ended(['r']).filter(([value]) => value > 0)).to.deep.equal([[1, 'r', 'lifted']]);
  });

  it('of however many names take the memory of 1,001, and lose no count', () => {
    const counts = new RuleCounts();
    for (let i = 0; i < 5000; i++)
      counts.changed({ type: 'block', rule: `rule ${i}`, ...begun }, () => false);
    const started = counts.samples('started', []);
    expect(started).to.have.lengthOf(1001);
    expect(started.reduce((sum, [value]) => sum + value, 0)).to.equal(5000);
  });
});

describe('health/metrics/counts: active blocks', () => {
  const block = (rule: string, until: number) => ({ rule, since: 0, until });

  function table(clients: readonly object[]) {
    return { search: () => clients as Iterable<ClientView> };
  }

  it('are those that have not ended, by rule, watched ones apart', async () => {
    const clients = [
      { block: block('a', NOW + 1), watches: [{ ...block('w', NOW + 1), ended: false }] },
      { block: block('a', NOW), watches: [{ ...block('w', NOW + 1), ended: true }] },
      { block: undefined, watches: undefined },
    ];
    const active = await activeBlocks(table(clients), NOW, async () => undefined);
    expect([...active]).to.deep.equal([
      ['a', { enforced: 1, watched: 0 }],
      ['w', { enforced: 0, watched: 1 }],
    ]);
  });

  it('are counted in steps of 500, between which verdicts are answered', async () => {
    const clients = Array.from({ length: 5000 }, () => ({ block: block('a', NOW + 1) }));
    let pauses = 0;
    const active = await activeBlocks(table(clients), NOW, async () => pauses++);
    expect(active.get('a')?.enforced).to.equal(5000);
    expect(pauses).to.equal(10);
  });
});
