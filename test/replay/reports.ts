// Reports for the tests: of an empty log, and of a month of a host with one rule.

import type { Making } from '../../src/replay/page/head.ts';
import type { Report } from '../../src/replay/report/report.ts';
import {
  at,
  distribution,
  losing,
  lostMail,
  NO_COST,
  offender,
  ruleReport,
  shareSpread,
  sparing,
  sweep,
  timeline,
  totalOf,
} from './report-parts.ts';

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
  hosts: [],
  isComplete: true,
};

/** How the pages of the tests were made. */
export const MAKING: Making = { at: Date.parse('2026-11-27T07:30:00.000Z'), host: 'desk7', release: '1.2.3' };

/** The report of an empty log. */
export function emptyReport(changes: Partial<Report> = {}): Report {
  return {
    version: 1,
    event: 'report',
    policy: { path: '/etc/postblock/policy.yml', set: [] },
    read: READ_NOTHING,
    events: [],
    total: totalOf(changes.rules ?? []),
    sparing: null,
    rules: [],
    offenders: [],
    cost: { ...NO_COST, isKnown: false, accepted: 0 },
    sweeps: [],
    timeline: { start: null, width: 3600, rules: [], accepted: [], lost: [] },
    distributions: [],
    shares: [],
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
      hosts: ['mx1'],
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
    sparing: sparing(),
    rules: [ruleReport({ without: { blocks: 152, ips: 131, stopped: 448_900, lost: 1225 } })],
    offenders: [
      offender(),
      offender({ ip: '192.0.2.7', name: 'gw.office.example', accepted: 1204, lost: 9 }),
    ],
    cost: {
      isKnown: true,
      accepted: 345_678,
      lost: 12,
      delivered: 11,
      passed: 0,
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
    shares: [shareSpread('auth-failures', 30, 0.1)],
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
