// Parts of reports for the tests: rules, clients, mails, sweeps and series with usual values.

import type {
  Cost,
  LosingClient,
  LostMail,
  Offender,
  Report,
  RuleReport,
  Sweep,
} from '../../src/replay/report/report.ts';
import type { Sparing } from '../../src/replay/report/sparing.ts';
import { HOUR } from '../../src/values/duration.ts';

const START = Date.parse('2026-10-01T00:00:00.000Z');

export function at(hours: number): string {
  return new Date(START + hours * HOUR).toISOString();
}

export const NO_COST: Cost = {
  isKnown: true,
  accepted: 345_678,
  lost: 0,
  delivered: 0,
  passed: 0,
  ips: 0,
  clients: [],
  mails: [],
  allow: [],
};

export function ruleReport(changes: Partial<RuleReport> = {}): RuleReport {
  return {
    rule: 'auth-failures',
    limit: 30,
    within: 3600,
    blockFor: 86_400,
    share: 0,
    enforced: true,
    events: 481_204,
    blocks: 140,
    ips: 128,
    again: 12,
    first: at(3.2),
    medianToBlock: 754,
    stopped: 448_000,
    lost: 12,
    spared: 0,
    sparedIps: 0,
    without: null,
    ...changes,
  };
}

export function losing(changes: Partial<LosingClient> = {}): LosingClient {
  return {
    ip: '192.0.2.7',
    name: 'gw.office.example',
    lost: 9,
    delivered: 9,
    accepted: 1204,
    events: { 'auth-failure': 64, 'rejected-recipient': 3 },
    rules: ['auth-failures'],
    ...changes,
  };
}

export function lostMail(changes: Partial<LostMail> = {}): LostMail {
  return {
    at: at(100),
    queueId: '4cXyZ12Qk3z9vN',
    ip: '192.0.2.7',
    name: 'gw.office.example',
    user: 'anna',
    rule: 'auth-failures',
    sender: 'anna@office.example',
    recipients: [{ address: 'bert@example.org', status: 'sent' }],
    recipientCount: 1,
    outcome: 'delivered',
    ...changes,
  };
}

export function offender(changes: Partial<Offender> = {}): Offender {
  return {
    ip: '198.51.100.23',
    name: null,
    events: { 'auth-failure': 20_412 },
    classes: [],
    blocks: 12,
    firstBlock: at(3.2),
    rules: ['auth-failures'],
    stopped: 20_052,
    accepted: 0,
    lost: 0,
    ...changes,
  };
}

export function sweep(changes: Partial<Sweep> = {}): Sweep {
  const values = [
    [10, 420, 96, 60],
    [20, 201, 94.5, 21],
    [30, 140, 93.1, 12],
    [50, 96, 90.4, 2],
    [100, 51, 84.2, 0],
  ] as const;
  return {
    key: 'rules.auth-failures.limit',
    rule: 'auth-failures',
    values: values.map(([value, blocks, percent, lost]) => ({
      value: String(value),
      isCurrent: value === 30,
      blocks,
      ips: Math.round(blocks * 0.9),
      events: 481_204,
      stopped: Math.round(4812.04 * percent),
      lost,
      lostIps: Math.ceil(lost / 4),
      sparedIps: 0,
    })),
    ...changes,
  };
}

export function timeline(rules: readonly string[], slices: number, width: number): Report['timeline'] {
  const wave = (i: number, phase: number) =>
    Math.round(800 * (1.2 + Math.sin(i / 3 + phase)) * (i % 47 === phase * 9 ? 6 : 1) + (i % 7) * 31);
  const numbers = Array.from({ length: slices }, (_, i) => i);
  return {
    start: at(0),
    width,
    rules: rules.map((rule, phase) => ({
      rule,
      events: numbers.map((i) => wave(i, phase)),
      blocks: numbers.map((i) => (wave(i, phase) > 1700 ? 1 + (i % 4) : 0)),
    })),
    accepted: numbers.map((i) => Math.round(900 + 700 * Math.sin(i / 3))),
    lost: numbers.map((i) => (i % 31 === 5 ? 2 : 0)),
  };
}

export function distribution(rule: string, limit: number): Report['distributions'][number] {
  const bins = Array.from({ length: 11 }, (_, i) => {
    const from = 2 ** i;
    return {
      from,
      to: 2 ** (i + 1) - 1,
      count: i === 7 ? 0 : Math.round(180_000 / 3.1 ** i) + (i > 8 ? 40 : 0),
    };
  });
  return { rule, limit, within: 3600, bins };
}

/** Abusers at the top, busy senders at the bottom, one of them beyond the limit. */
export function shareSpread(rule: string, limit: number, share: number): Report['shares'][number] {
  const abusers = Array.from({ length: 12 }, (_, i) => ({
    events: 1.9 ** i,
    part: 1 - i / 100,
    clients: 4000 >> i || 1,
    isBlocked: 1.9 ** i >= limit,
  }));
  const senders = Array.from({ length: 8 }, (_, i) => ({
    events: 2.2 ** i,
    part: 0.02 + i / 400,
    clients: 90 >> i || 1,
    isBlocked: false,
  }));
  return {
    rule,
    sort: 'recipients',
    limit,
    within: 3600,
    share,
    clients: 8123,
    points: [...abusers, ...senders],
    outstanding: [
      { ip: '198.51.100.23', name: null, events: 1164, bad: 1164, good: 142, isBlocked: true },
      { ip: '192.0.2.50', name: 'mx.big.example', events: 249, bad: 249, good: 6000, isBlocked: false },
    ],
  };
}

export function sparing(changes: Partial<Sparing> = {}): Sparing {
  return {
    without: { blocks: 152, stopped: 448_900, lost: 1225 },
    clients: [
      {
        ip: '192.0.2.50',
        name: 'mx.big.example',
        rule: 'auth-failures',
        reason: 'share',
        times: 12,
        bad: 249,
        good: 6000,
        accepted: 60_123,
        lostWithout: 1213,
      },
    ],
    breaker: [{ at: at(90), closed: at(92), ip: '192.0.2.7', blocked: 6, standing: 212 }],
    ...changes,
  };
}

export function totalOf(rules: Report['rules']): Report['total'] {
  const enforced = rules.filter((rule) => rule.enforced);
  const sum = (numberOf: (rule: Report['rules'][number]) => number) =>
    enforced.reduce((all, rule) => all + numberOf(rule), 0);
  return {
    blocks: sum(({ blocks }) => blocks),
    counted: sum(({ events }) => events),
    stopped: sum(({ stopped }) => stopped),
  };
}
