// The replay: the same blocks, spared clients and breaker as the daemon's for the same log, and its report about them.

import { expect } from 'chai';
import fc from 'fast-check';
import { Blocks } from '../../src/blocks/blocks.ts';
import { isAudited } from '../../src/blocks/changes.ts';
import { KINDS } from '../../src/blocks/events/event.ts';
import type { Rule } from '../../src/blocks/rules.ts';
import { needsGood } from '../../src/blocks/terms.ts';
import { LogReader } from '../../src/maillog/reader.ts';
import { MAIL_PROCESSES } from '../../src/maillog/syslog/process.ts';
import type { LogRecord } from '../../src/maillog/syslog/record.ts';
import { StampReader } from '../../src/maillog/syslog/stamp.ts';
import { Replay } from '../../src/replay/replay.ts';
import { auditFacts } from '../../src/state/audit.ts';
import { clientKey } from '../../src/values/address.ts';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { month } from '../bench/month.ts';
import { AUTH, type Policy, termsOf } from '../blocks/blocks-fixture.ts';
import { scaled } from '../harness/scale.ts';
import { clientText, fill, HOSTILE, type Template } from '../maillog/arbitraries.ts';
import { line, START } from '../maillog/log.ts';
import { parseLine } from '../maillog/parse-line.ts';
import { failed, recordsOf, replayed } from './small-log.ts';

const SECOND = 1000;
/** A plan for all records, without sweeps. */
const EVERYTHING = {
  sweeps: [],
  since: Number.NEGATIVE_INFINITY,
  until: Number.POSITIVE_INFINITY,
  onChange: () => undefined,
};

/** What the daemon does with a log: it looks for ends each second, and hears of no record before its time. */
function daemonsChanges(records: readonly LogRecord[], policy: Policy): object[] {
  const reported: object[] = [];
  const terms = termsOf(policy);
  const blocks = new Blocks(terms, (change) => {
    if (isAudited(change)) reported.push(auditFacts(change));
  });
  const reader = new LogReader();
  reader.texts.add(terms.rules.rules.map(({ message }) => message));
  reader.readsGood = needsGood(terms);
  let clock = records[0]?.at ?? 0;
  for (const record of records) {
    // While no client is blocked and the breaker is closed, seconds without a line change nothing.
    const isQuiet = () => blocks.table.pinned === 0 && blocks.breaker.opening === undefined;
    for (; clock < record.at; clock += isQuiet() ? record.at - clock : SECOND) {
      while (blocks.expire(clock));
      blocks.forget(clock);
    }
    reader.read(record, (event) => blocks.take(event));
  }
  while (blocks.expire(clock));
  return reported;
}

/** By client: ends within one second may be reported in any order. */
function byClient(changes: readonly object[]): Map<unknown, object[]> {
  const reported = new Map<unknown, object[]>();
  for (const change of changes) {
    const { ip } = change as { readonly ip: unknown };
    reported.set(ip, [...(reported.get(ip) ?? []), change]);
  }
  return reported;
}

/** Without ends after the last record, which only a clock would notice. */
function upTo(changes: Map<unknown, object[]>, last: number): Map<unknown, object[]> {
  const isIn = (change: object) => Date.parse((change as { readonly at: string }).at) <= last - 2 * SECOND;
  return new Map(
    [...changes].map(([ip, all]) => [ip, all.filter(isIn)] as const).filter(([, all]) => all.length > 0),
  );
}

function expectSame(records: readonly LogRecord[], policy: Policy): object[] {
  const changes: object[] = [];
  const replay = new Replay({
    ...EVERYTHING,
    terms: termsOf(policy),
    onChange: (change) => changes.push(auditFacts(change)),
  });
  for (const record of records) replay.take(record);
  const last = records.at(-1)?.at ?? 0;
  expect(upTo(byClient(changes), last)).to.deep.equal(upTo(byClient(daemonsChanges(records, policy)), last));
  return changes;
}

const kinds = fc.uniqueArray(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 3 });
const rules: fc.Arbitrary<Rule[]> = fc
  .array(
    fc.record({
      counts: kinds,
      limit: fc.integer({ min: 1, max: 4 }),
      within: fc.constantFrom(MINUTE, 10 * MINUTE, HOUR),
      blockFor: fc.constantFrom(SECOND, MINUTE, 30 * MINUTE, HOUR),
      enforce: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((list) => list.map((rule, i) => ({ ...rule, name: `rule-${i}`, message: `No ${i}.` })));

/** Lines of few clients, with what a client may write in them. */
function linesOf(
  templates: fc.Arbitrary<readonly Template[]>,
  lengths: { readonly minLength?: number; readonly maxLength: number },
): fc.Arbitrary<string[]> {
  const step = fc.record({
    templates,
    client: fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2', '198.51.100.9'),
    text: clientText,
    pid: fc.integer({ min: 1, max: 3 }),
    gap: fc.constantFrom(0, 1, 30, 60, 600),
  });
  return fc.array(step, lengths).map((steps) => {
    let second = 0;
    return steps.flatMap(({ templates, client, text, pid, gap }) => {
      second += gap;
      return templates.map(({ program, message }) =>
        line(
          fill(message, client, () => text),
          program,
          pid,
          second,
        ),
      );
    });
  });
}

/** Lines of any kind. */
const lines = linesOf(
  fc.constantFrom(...HOSTILE).map((template) => [template]),
  { maxLength: 80 },
);

const REPEAT = { within: 5 * HOUR, factor: 2, most: 4 * HOUR };
/** Rules that spare: with a share, with forgiveness for failed logins. Some block longer each time. */
const sparingRules = rules.chain((list) =>
  fc
    .array(
      fc.record({
        // Of one kind: only then is there something good to compare it with.
        kind: fc.constantFrom('rejected-recipient', 'auth-failure', 'dropped-connection'),
        share: fc.constantFrom(0, 0.5, 0.8, 1),
        forgive: fc.boolean(),
        repeat: fc.boolean(),
      }),
      {
        minLength: list.length,
        maxLength: list.length,
      },
    )
    .map((options) =>
      list.map((rule, i): Rule => {
        const { kind = 'auth-failure', share = 0, forgive = false, repeat = false } = options[i] ?? {};
        return {
          ...rule,
          counts: [kind],
          share,
          forgive: forgive ? 'login' : undefined,
          repeat: repeat ? REPEAT : undefined,
        };
      }),
    ),
);
const breakers = fc.option(
  fc.record({
    clients: fc.integer({ min: 1, max: 2 }),
    share: fc.constantFrom(0, 0.1, 0.5),
    within: fc.constantFrom(MINUTE, HOUR),
  }),
  { nil: undefined },
);

/** What a client does well: one mail of three recipients, a login, a connection that ends in order. */
const WELL: readonly (readonly Template[])[] = [
  [
    { program: 'smtpd', message: 'ABCDE12345: client=NAME[CLIENT]' },
    { program: 'qmgr', message: 'ABCDE12345: from=<TEXT>, size=512, nrcpt=3 (queue active)' },
  ],
  [{ program: 'smtpd', message: 'ABCDE54321: client=NAME[CLIENT], sasl_method=LOGIN, sasl_username=anna' }],
  [
    { program: 'smtpd', message: 'connect from NAME[CLIENT]' },
    { program: 'smtpd', message: 'disconnect from NAME[CLIENT] ehlo=1 auth=1 quit=1 commands=3' },
  ],
];
/** What is counted, with little else. */
const ILL: readonly (readonly Template[])[] = [
  [
    {
      program: 'smtpd',
      message: 'warning: NAME[CLIENT]: SASL LOGIN authentication failed: no, sasl_username=anna',
    },
  ],
  [{ program: 'smtpd', message: 'warning: NAME[CLIENT]: SASL LOGIN authentication failed: TEXT' }],
  [
    {
      program: 'smtpd',
      message:
        'NOQUEUE: reject: RCPT from NAME[CLIENT]: 550 5.1.1 <TEXT>: Recipient address rejected: User unknown; from=<TEXT> to=<TEXT> proto=ESMTP helo=<TEXT>',
    },
  ],
  [
    { program: 'smtpd', message: 'connect from NAME[CLIENT]' },
    { program: 'smtpd', message: 'timeout after CONNECT from NAME[CLIENT]' },
    { program: 'smtpd', message: 'disconnect from NAME[CLIENT] commands=0/0' },
  ],
];

const mixedLines: fc.Arbitrary<string[]> = linesOf(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...WELL) },
    { weight: 4, arbitrary: fc.constantFrom(...ILL) },
    { weight: 1, arbitrary: fc.constantFrom(...HOSTILE).map((template) => [template]) },
  ),
  { minLength: 40, maxLength: 120 },
);

/** Rules that spare, a breaker, and lines of both kinds. */
const sparingCases = fc.tuple(sparingRules, breakers, mixedLines);

type SparingCase = typeof sparingCases extends fc.Arbitrary<infer T> ? T : never;

/** The kinds of changes of a case, if the replay and the daemon agree on them. */
function changesOf([list, breaker, texts]: SparingCase): string[] {
  const policy = { rules: list, breaker, allow: ['198.51.100.0/24'] };
  return expectSame(recordsOf(texts), policy).map((change) => (change as { event: string }).event);
}

describe('replay/replay', () => {
  it('gives the blocks that the daemon gives for the same lines, whatever they are', () => {
    fc.assert(
      fc.property(rules, lines, (list, texts) => {
        expectSame(recordsOf(texts), { rules: list, allow: ['198.51.100.0/24'] });
      }),
      { numRuns: scaled(300) },
    );
  });

  it('gives the blocks, spared clients and breaker that the daemon gives for good and bad lines', () => {
    fc.assert(
      fc.property(sparingCases, (one) => void changesOf(one)),
      { numRuns: scaled(400) },
    );
    // Such cases are worth trying: always the same ones, so that this does not depend on luck.
    const seen = fc.sample(sparingCases, { numRuns: 400, seed: 1 }).flatMap(changesOf);
    expect(seen).to.include.members(['block', 'end', 'spared', 'breaker']);
  });

  it('reports blocks that end while the log is silent in the order of their times', () => {
    const watch = { ...AUTH, name: 'watch', limit: 2, blockFor: 50 * MINUTE, enforce: false };
    const texts = [
      ...failed('a[192.0.2.1]', 0, 1, 2),
      ...failed('b[192.0.2.2]', 0, 1, 600),
      ...failed('c[192.0.2.3]', 90_000),
    ];
    const { changes } = replayed(texts, { rules: [watch, AUTH] });
    const ends = changes
      .filter(({ type }) => type === 'end')
      .map(({ ip, at }) => `${ip} ${(at - START) / SECOND}`);
    expect(ends).to.deep.equal(['192.0.2.1 3001', '192.0.2.2 3001', '192.0.2.1 3602']);
  });

  for (const seed of [1, 2]) {
    it(`gives the blocks that the daemon gives for a day of a host, seed ${seed}`, () => {
      const stamps = new StampReader();
      const text = [...month(scaled(4000), { seed, span: 24 * HOUR, from: START })].join('');
      const records = text.split('\n').flatMap((one) => parseLine(one, stamps, START) ?? []);
      const list = KINDS.map(
        (kind, i): Rule => ({
          ...AUTH,
          name: `rule-${i}`,
          counts: [kind],
          limit: 3 + i,
          within: HOUR,
          blockFor: 2 * HOUR,
          enforce: i % 3 > 0,
        }),
      );
      expect(expectSame(records, { rules: list }).length).to.be.above(20);
      const sparing = list.map((rule): Rule => ({ ...rule, share: 0.3, forgive: 'login' }));
      const breaker = { clients: 2, share: 0.05, within: HOUR };
      expect(expectSame(records, { rules: sparing, breaker }).length).to.be.above(20);
    });

    it(`accepts the mails that the log reader credits to clients, seed ${seed}`, () => {
      const stamps = new StampReader();
      const text = [...month(scaled(4000), { seed, span: 24 * HOUR, from: START })].join('');
      const records = text.split('\n').flatMap((one) => parseLine(one, stamps, START, MAIL_PROCESSES) ?? []);
      const reader = new LogReader();
      reader.readsGood = true;
      const replay = new Replay({ ...EVERYTHING, terms: termsOf() });
      let accepted = 0;
      for (const record of records) {
        reader.read(record, ({ kind }) => {
          if (kind === 'accepted-message') accepted++;
        });
        replay.take(record);
      }
      expect(accepted).to.be.above(100);
      expect(replay.report().cost.accepted).to.equal(accepted);
    });
  }

  it('reads no clock: the same log always gives the same report', () => {
    fc.assert(
      fc.property(rules, lines, (list, texts) => {
        const [one, other] = [1, 2].map(() => replayed(texts, { rules: list }));
        expect(one).to.deep.equal(other);
      }),
      { numRuns: scaled(50) },
    );
  });

  it('leaves out what is before --since, and from --until on', () => {
    const texts = failed('a[192.0.2.1]', 0, 10, 20, 30, 40);
    const plan = { since: START + 10_000, until: START + 40_000 };
    const { report } = replayed(texts, {}, plan);
    expect(report.read).to.deep.equal({
      records: 3,
      from: '2026-11-23T10:00:10.000Z',
      to: '2026-11-23T10:00:30.000Z',
      leftOut: 2,
      first: '2026-11-23T10:00:00.000Z',
      last: '2026-11-23T10:00:40.000Z',
      hosts: ['mx'],
    });
    expect(report.rules[0]).to.include({ events: 3, first: '2026-11-23T10:00:30.000Z' });
  });

  it('gives each client the same key as the daemon', () => {
    const { report } = replayed(failed('a[::ffff:192.0.2.1]', 0, 1, 2));
    expect(report.offenders[0]?.ip).to.equal(clientKey('192.0.2.1', 64, []));
    const translated = replayed(failed('a[64:ff9b::192.0.2.1]', 0, 1, 2)).report;
    expect(translated.offenders.map(({ ip, blocks }) => [ip, blocks])).to.deep.equal([['192.0.2.1', 1]]);
    const allowed = replayed(failed('a[64:ff9b::192.0.2.1]', 0, 1, 2), { allow: ['192.0.2.0/24'] }).report;
    expect(allowed.offenders).to.deep.equal([]);
  });
});
