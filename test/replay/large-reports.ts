// Large reports for the tests: one with as much of everything as there can be, and one full of hostile text.

import { CLASSES, type EventClass, KINDS, type Kind } from '../../src/blocks/events/event.ts';
import type { Report } from '../../src/replay/report/report.ts';
import type { Sparing } from '../../src/replay/report/sparing.ts';
import {
  at,
  distribution,
  losing,
  lostMail,
  offender,
  ruleReport,
  shareSpread,
  sparing,
  sweep,
  timeline,
} from './report-parts.ts';
import { smallReport } from './reports.ts';

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
      hosts: Array.from({ length: 20 }, (_, i) => `mx${i}.mail.provider.example`),
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
    shares: RULES.map((rule, i) => largeSpread(rule, [100, 30, 120, 30][i] ?? 0, [0, 0.1, 0.5, 1][i] ?? 0)),
    sparing: sparing({
      clients: Array.from({ length: 20 }, (_, i) => spared(ips(i), name(i))),
      breaker: Array.from({ length: 20 }, (_, i) => ({
        at: at(i),
        closed: i === 19 ? null : at(i + 0.5),
        ip: ips(i),
        blocked: 600 + i,
        standing: 123_456,
      })),
    }),
    notes: Array.from(
      { length: 6 },
      (_, i) => `Note ${i}: ${'what a reader must know to trust it '.repeat(5)}`,
    ),
  };
}

/** As many points, and outstanding clients, as there can be. */
function largeSpread(rule: string, limit: number, share: number): Report['shares'][number] {
  const points = Array.from({ length: 400 }, (_, i) => ({
    events: 1.05 ** (i % 200),
    part: ((i * 37) % 100) / 100,
    clients: 100_000 >> (i % 18) || 1,
    isBlocked: i % 3 === 0,
  }));
  const outstanding = Array.from({ length: 10 }, (_, i) => ({
    ip: `2001:db80:1234:${(4096 + i).toString(16)}::/64`,
    name: `mx${i}.customers-behind-nat.provider.example`,
    events: 17_000 - i * 1500,
    bad: i < 5 ? 17_000 : 200,
    good: 9000 + i,
    isBlocked: i < 5,
  }));
  return { ...shareSpread(rule, limit, share), clients: 1_234_567, points, outstanding };
}

function spared(ip: string, name: string | null): Sparing['clients'][number] {
  return {
    ip,
    name,
    rule: 'rejected-recipients',
    reason: 'breaker',
    times: 1234,
    bad: 10_000,
    good: 1_234_567,
    accepted: 1_234_567,
    lostWithout: 1_234_567,
  };
}

/** Every text that somebody else may have written is this one. */
export function hostileReport(text: string): Report {
  const large = largeReport();
  const { cost } = large;
  return {
    ...large,
    policy: { path: text, set: [text, text] },
    read: { ...large.read, sources: [text, text], hosts: [text], isComplete: false },
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
    shares: large.shares.map((each) => ({
      ...each,
      rule: text,
      outstanding: each.outstanding.map((client) => ({ ...client, ip: text, name: text })),
    })),
    sparing: sparing({ clients: [spared(text, text)], breaker: [] }),
    blindSpots: {
      unreadable: [{ form: text, count: 1, example: text, why: text }],
      uncounted: [{ form: text, count: 1, example: text, why: null }],
      others: 1,
    },
    notes: [text],
  };
}
