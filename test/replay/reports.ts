// Reports for the tests: small, large, empty, and one full of hostile text.

import { CLASSES, type EventClass, KINDS, type Kind } from '../../src/blocks/events/event.ts';
import type {
  Cost,
  LosingClient,
  LostMail,
  Offender,
  Report,
  RuleReport,
  Sweep,
} from '../../src/replay/report/report.ts';

const START = Date.parse('2026-10-01T00:00:00.000Z');
const HOUR = 3_600_000;

export function at(hours: number): string {
  return new Date(START + hours * HOUR).toISOString();
}

const NO_COST: Cost = {
  isKnown: true,
  accepted: 345_678,
  lost: 0,
  delivered: 0,
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
    enforced: true,
    events: 481_204,
    blocks: 140,
    ips: 128,
    again: 12,
    first: at(3.2),
    medianToBlock: 754,
    stopped: 448_000,
    lost: 12,
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
    })),
    ...changes,
  };
}

/** Nothing in it: an empty log. */
const READ_NOTHING: Report['read'] = {
  sources: ['mail.log'],
  bytes: 0,
  lines: 0,
  records: 0,
  from: null,
  to: null,
  repeated: 0,
  leftOut: 0,
  first: null,
  last: null,
  isComplete: true,
};

export function emptyReport(changes: Partial<Report> = {}): Report {
  return {
    version: 1,
    event: 'report',
    policy: { path: '/etc/postblock/policy.yml', set: [] },
    read: READ_NOTHING,
    events: [],
    total: totalOf(changes.rules ?? []),
    rules: [],
    offenders: [],
    cost: { ...NO_COST, isKnown: false, accepted: 0 },
    sweeps: [],
    timeline: { start: null, width: 3600, rules: [], accepted: [], lost: [] },
    distributions: [],
    blindSpots: { unreadable: [], uncounted: [], others: 0 },
    notes: [],
    ...changes,
  };
}

/** A month of a host with one rule, three clients of which lose mail. */
export function smallReport(changes: Partial<Report> = {}): Report {
  const clients = [
    losing(),
    losing({
      ip: '192.0.2.200',
      name: null,
      lost: 2,
      delivered: 2,
      accepted: 31,
      events: { 'auth-failure': 40 },
    }),
    losing({ ip: '2001:db8:1234:5678::/64', name: 'mx.partner.example', lost: 1, delivered: 0, accepted: 5 }),
  ];
  return emptyReport({
    policy: { path: 'policy.yml', set: ['rules.auth-failures.limit=30'] },
    read: {
      sources: ['mail.log.2.xz', 'mail.log.1', 'mail.log'],
      bytes: 1_412_000_000,
      lines: 10_000_000,
      records: 9_204_311,
      from: at(0),
      to: at(743.9),
      repeated: 0,
      leftOut: 0,
      first: at(0),
      last: at(743.9),
      isComplete: true,
    },
    events: [
      {
        kind: 'rejected-recipient',
        count: 212_004,
        ips: 4012,
        classes: [{ class: 'unknown-recipient', count: 200_000, ips: 4000 }],
      },
      { kind: 'auth-failure', count: 481_204, ips: 2311, classes: [] },
    ],
    rules: [ruleReport()],
    offenders: [
      offender(),
      offender({ ip: '192.0.2.7', name: 'gw.office.example', accepted: 1204, lost: 9 }),
    ],
    cost: {
      isKnown: true,
      accepted: 345_678,
      lost: 12,
      delivered: 11,
      ips: 3,
      clients,
      mails: [
        ...Array.from({ length: 9 }, (_, i) => lostMail({ at: at(100 + i), queueId: `4cXyZ12Qk${i}z9vN` })),
        lostMail({ ip: '192.0.2.200', name: null, sender: '', recipientCount: 4, user: null }),
        lostMail({ ip: '2001:db8:1234:5678::/64', outcome: 'not-delivered', name: 'mx.partner.example' }),
      ],
      allow: [
        { entry: 'gw.office.example', ips: ['192.0.2.7'], mails: 9 },
        { entry: '192.0.2.200', ips: ['192.0.2.200'], mails: 2 },
        { entry: '2001:db8:1234:5678::/64', ips: ['2001:db8:1234:5678::/64'], mails: 1 },
      ],
    },
    sweeps: [sweep()],
    timeline: timeline(['auth-failures'], 169, 4 * 3600),
    distributions: [distribution('auth-failures', 30)],
    blindSpots: {
      unreadable: [{ form: '*** rotated ***', count: 2, example: '*** rotated ***', why: null }],
      uncounted: [
        {
          form: 'postfix/smtpd: NOQUEUE: reject: CONNECT from HOST: 554 TEXT',
          count: 1204,
          example:
            'Oct  3 10:00:00 mx1 postfix/smtpd[311]: NOQUEUE: reject: CONNECT from a[192.0.2.9]: 554 no',
          why: 'a connection refused by a blocklist is no abuse that a rule counts',
        },
      ],
      others: 3,
    },
    notes: ['The stamps have no year; it was taken from the date of each file.'],
    ...changes,
  });
}

const RULES = ['rejected-recipients', 'auth-failures', 'connection-spam', 'rejected-after-data'] as const;

function classesOfKind(kind: Kind): readonly EventClass[] {
  return kind in CLASSES ? CLASSES[kind as keyof typeof CLASSES] : [];
}

/** Everything as much as there can be of it, with long texts and large numbers. */
export function largeReport(): Report {
  const small = smallReport();
  const ips = (i: number) =>
    i % 5 === 0 ? `2001:db80:1234:${(4096 + i).toString(16)}::/64` : `203.0.113.${i}`;
  const name = (i: number) => (i % 2 === 0 ? `mx${i}.customers-behind-nat.provider.example` : null);
  const events = Object.fromEntries(KINDS.map((kind, i): [Kind, number] => [kind, 400_000 - i * 31_007]));
  const clients = Array.from({ length: 50 }, (_, i) =>
    losing({
      ip: ips(i),
      name: name(i),
      lost: 5000 - i * 97,
      delivered: 4000 - i * 79,
      accepted: 1_234_567,
      events,
      rules: RULES,
    }),
  );
  return {
    ...small,
    read: {
      ...small.read,
      sources: Array.from({ length: 31 }, (_, i) => `/var/log/archive/mail.log.${i}.xz`),
    },
    events: KINDS.map((kind, i) => ({
      kind,
      count: 12_345_678 >> i,
      ips: 123_456 >> i,
      classes: classesOfKind(kind).map((name) => ({ class: name, count: 1_234_567 >> i, ips: 12_345 >> i })),
    })),
    rules: RULES.map((rule, i) =>
      ruleReport({
        rule,
        limit: [100, 30, 120, 30][i] ?? 0,
        blocks: 12_345 >> i,
        events: 9_876_543 >> i,
        stopped: 9_000_000 >> i,
        enforced: i !== 2,
      }),
    ),
    offenders: Array.from({ length: 20 }, (_, i) =>
      offender({
        ip: ips(i),
        name: name(i),
        events,
        rules: RULES,
        accepted: 12_345 * i,
        lost: 12 * i,
        stopped: 1_200_345,
      }),
    ),
    cost: {
      ...small.cost,
      lost: 130_000,
      delivered: 99_000,
      accepted: 1_300_000,
      ips: 212,
      clients,
      mails: clients.flatMap(({ ip, name }, i) =>
        Array.from({ length: 4 }, (_, j) =>
          lostMail({
            at: at(i * 10 + j),
            ip,
            name,
            sender: `bounces+${i}-${j}-0123456789abcdef@bulk.mailer.provider.example`,
            recipients: Array.from({ length: 10 }, (_, k) => ({
              address: `user${k}@a-long-domain.example`,
              status: 'sent',
            })),
            recipientCount: 48,
            rule: RULES[j] ?? '',
            outcome: (['delivered', 'partly', 'not-delivered', 'unknown'] as const)[j] ?? 'unknown',
          }),
        ),
      ),
      allow: clients.map(({ ip, name, lost }) => ({ entry: name ?? ip, ips: [ip, ip, ip], mails: lost })),
    },
    sweeps: RULES.flatMap((rule) => [
      sweep({ key: `rules.${rule}.limit`, rule }),
      sweep({ key: `rules.${rule}.block-for`, rule }),
    ]),
    timeline: timeline(RULES, 240, 3 * 3600),
    distributions: RULES.map((rule, i) => distribution(rule, [100, 30, 120, 30][i] ?? 0)),
    notes: Array.from(
      { length: 6 },
      (_, i) => `Note ${i}: ${'what a reader must know to trust it '.repeat(5)}`,
    ),
  };
}

/** Every text that somebody else may have written is this one. */
export function hostileReport(text: string): Report {
  const large = largeReport();
  const { cost } = large;
  return {
    ...large,
    policy: { path: text, set: [text, text] },
    read: { ...large.read, sources: [text, text], isComplete: false },
    rules: large.rules.map((rule) => ({ ...rule, rule: text })),
    offenders: [offender({ ip: text, name: text, rules: [text] }), offender({ ip: '192.0.2.7', name: text })],
    cost: {
      ...cost,
      clients: [losing({ ip: text, name: text, rules: [text] })],
      mails: [
        lostMail({
          queueId: text,
          ip: text,
          name: text,
          user: text,
          rule: text,
          sender: text,
          recipients: [{ address: text, status: text }],
        }),
      ],
      allow: [{ entry: text, ips: [text, text], mails: 1 }],
    },
    sweeps: large.sweeps.slice(0, 1).map((each) => ({
      ...each,
      key: text,
      rule: text,
      values: each.values.map((value, i) => (i === 1 ? { ...value, value: text } : value)),
    })),
    timeline: { ...large.timeline, rules: large.timeline.rules.map((rule) => ({ ...rule, rule: text })) },
    distributions: large.distributions.map((each) => ({ ...each, rule: text })),
    blindSpots: {
      unreadable: [{ form: text, count: 1, example: text, why: text }],
      uncounted: [{ form: text, count: 1, example: text, why: null }],
      others: 1,
    },
    notes: [text],
  };
}

function timeline(rules: readonly string[], slices: number, width: number): Report['timeline'] {
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

function distribution(rule: string, limit: number): Report['distributions'][number] {
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

function totalOf(rules: Report['rules']): Report['total'] {
  const enforced = rules.filter((rule) => rule.enforced);
  const sum = (numberOf: (rule: Report['rules'][number]) => number) =>
    enforced.reduce((all, rule) => all + numberOf(rule), 0);
  return {
    blocks: sum(({ blocks }) => blocks),
    counted: sum(({ events }) => events),
    stopped: sum(({ stopped }) => stopped),
  };
}
