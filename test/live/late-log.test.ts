// The same log gives the same blocks, whenever it is read: the audit trail of a late log equals that of its replay.

import { expect } from 'chai';
import fc from 'fast-check';
import type { Rule } from '../../src/blocks/rules.ts';
import type { LogRecord } from '../../src/maillog/syslog/record.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/values/duration.ts';
import { termsOf } from '../blocks/blocks-fixture.ts';
import { scaled } from '../harness/scale.ts';
import { START } from '../maillog/log.ts';
import { comparable, Host, replayed, type Stopped } from './host.ts';

const MESSAGE = 'Your IP is sending excessive rejected recipients. Please contact support.';

/** A line of one log, `gap` ms after the one before. */
interface Step {
  readonly gap: number;
  readonly client: number;
  readonly what: 'recipient' | 'login' | 'refusal' | 'connect';
}

const gap = fc.oneof(
  fc.constantFrom(0, 1, SECOND, MINUTE, 10 * MINUTE),
  fc.nat(12 * MINUTE),
  fc.constantFrom(HOUR - 1, HOUR, 3 * HOUR),
);
const stepOf = (...what: Step['what'][]): fc.Arbitrary<Step> =>
  fc.record({ gap, client: fc.nat(2), what: fc.constantFrom(...what) });
const rule = fc.record({
  counts: fc.constantFrom(['rejected-recipient'] as const, ['auth-failure'] as const),
  limit: fc.integer({ min: 1, max: 4 }),
  within: fc.constantFrom(MINUTE, 10 * MINUTE, HOUR),
  blockFor: fc.constantFrom(1, MINUTE, 30 * MINUTE, 2 * HOUR, 12 * HOUR),
  enforce: fc.boolean(),
});
const rules = fc
  .array(rule, { minLength: 1, maxLength: 3 })
  .map((list) => list.map((one, i): Rule => ({ ...one, name: `rule-${i}`, message: MESSAGE })));

/** The records of one log; its clients are its own. */
function recordsOf(log: number, steps: readonly Step[]): LogRecord[] {
  let at = START;
  return steps.map(({ gap, client, what }) => {
    at += gap;
    const ip = `192.0.2.${10 * log + client}`;
    const envelope = '; from=<a@example.org> to=<b@example.net> proto=ESMTP helo=<x>';
    const messages = {
      recipient: `NOQUEUE: reject: RCPT from unknown[${ip}]: 550 5.1.1 <b@example.net>: User unknown${envelope}`,
      login: `warning: unknown[${ip}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6`,
      refusal: `NOQUEUE: reject: RCPT from unknown[${ip}]: 554 5.7.1 <unknown[${ip}]>: Client host rejected: ${MESSAGE}${envelope}`,
      connect: `connect from unknown[${ip}]`,
    };
    return { at, program: 'smtpd', process: `mx${log} postfix/smtpd[${client}`, message: messages[what] };
  });
}

/** Lines of a log that arrive together, and when. */
interface Portion {
  readonly log: number;
  readonly lines: readonly LogRecord[];
  /** ms since 1970 */
  readonly at: number;
}

/** The daemon is down while so many portions are written, from the one of this number on. */
type Down = readonly [number, number];

/** Feeds portions in the order of their times, with reads in between. */
async function fed(
  list: readonly Rule[],
  portions: readonly Portion[],
  { logs = 1, ticks = 1, downs = [] as readonly Down[] } = {},
): Promise<string[]> {
  const inOrder = portions.toSorted((a, b) => a.at - b.at);
  const names = Array.from({ length: logs }, (_, i) => `log-${i}`);
  const host = new Host(termsOf({ rules: list }), names, (inOrder[0]?.at ?? START) - 1);
  await host.start();
  const isDown = (i: number) => downs.some(([first, count]) => i >= first && i < first + count);
  let stopped: Stopped | undefined;
  for (const [i, { log, lines, at }] of inOrder.entries()) {
    if (stopped === undefined) await pass(host, at, ticks);
    else host.now = at;
    if (isDown(i)) stopped ??= await host.stop();
    host.logs[log]?.lines.push(...lines);
    if (stopped !== undefined && isDown(i + 1)) continue;
    if (stopped !== undefined) await host.start(stopped);
    stopped = undefined;
    await host.read();
  }
  if (stopped !== undefined) await host.start(stopped);
  host.tick();
  host.finish();
  await host.stop();
  return host.trail;
}

/** Time passes up to `at`; the daemon does the tasks of each second so many times. */
async function pass(host: Host, at: number, ticks: number): Promise<void> {
  const before = host.now;
  for (let tick = 1; tick <= ticks; tick++)
    await host.passTo(Math.max(before, Math.floor(before + ((at - before) * tick) / ticks)));
}

/** A log in portions of as many lines, each read when so many ms have passed since its last line. */
function inPortions(
  log: number,
  records: readonly LogRecord[],
  cuts: readonly (readonly [number, number])[],
) {
  const portions: Portion[] = [];
  let from = 0;
  let now = 0;
  for (let i = 0; from < records.length; i++) {
    const [count, lag] = cuts[i % cuts.length] ?? [1, 0];
    const lines = records.slice(from, from + count);
    now = Math.max(now, (lines.at(-1)?.at ?? 0) + lag);
    portions.push({ log, lines, at: now });
    from += count;
  }
  return portions;
}

const downs = fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 12 })), { maxLength: 4 });
const ticks = fc.constantFrom(1, 3);

describe('live: a log that is late', () => {
  it('gives the trail that its replay gives, by any lag, in any portions, over restarts', async () => {
    const lag = fc.oneof(fc.constantFrom(0, MINUTE, 65 * MINUTE, 7 * HOUR, 14 * HOUR), fc.nat(DAY / 2));
    const cuts = fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), lag), { minLength: 1, maxLength: 8 });
    const steps = fc.array(stepOf('recipient', 'recipient', 'login', 'connect'), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(rules, steps, cuts, downs, ticks, async (list, log, how, down, looks) => {
        const records = recordsOf(0, log);
        const { trail, to } = replayed(termsOf({ rules: list }), [records]);
        const live = await fed(list, inPortions(0, records, how), { ticks: looks, downs: down });
        expect(comparable(live, to)).to.deep.equal(comparable(trail, to));
      }),
      { numRuns: scaled(50) },
    );
  });

  it('gives it with every refusal in its place, where it is late by the same time always', async () => {
    const lag = fc.oneof(fc.constantFrom(-50 * SECOND, 0, 65 * MINUTE, 7 * HOUR, 14 * HOUR), fc.nat(DAY));
    const steps = fc.array(stepOf('recipient', 'recipient', 'login', 'refusal'), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(rules, steps, lag, downs, ticks, async (list, log, by, down, looks) => {
        const records = recordsOf(0, log);
        const { trail, to } = replayed(termsOf({ rules: list }), [records]);
        const live = await fed(list, inPortions(0, records, [[1, by]]), { ticks: looks, downs: down });
        expect(comparable(live, to)).to.deep.equal(comparable(trail, to));
      }),
      { numRuns: scaled(50) },
    );
  });

  it('gives it where several logs are late by different times', async () => {
    const steps = fc.array(stepOf('recipient', 'recipient', 'login', 'refusal'), { maxLength: 30 });
    const lag = fc.oneof(fc.constantFrom(0, HOUR, 14 * HOUR), fc.nat(DAY / 2));
    const logs = fc.array(fc.tuple(steps, lag), { minLength: 2, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(rules, logs, downs, ticks, async (list, all, down, looks) => {
        const records = all.map(([log], i) => recordsOf(i, log));
        const { trail, to } = replayed(termsOf({ rules: list }), records);
        const portions = all.flatMap(([, by], i) => inPortions(i, records[i] ?? [], [[1, by]]));
        const live = await fed(list, portions, { logs: all.length, ticks: looks, downs: down });
        expect(comparable(live, to)).to.deep.equal(comparable(trail, to));
      }),
      { numRuns: scaled(50) },
    );
  });

  it('gives it where one of the hosts that write it is late', async () => {
    const steps = fc.array(stepOf('recipient', 'recipient', 'login'), { minLength: 1, maxLength: 40 });
    const behind = fc.oneof(fc.constantFrom(65 * MINUTE, 5 * HOUR, 14 * HOUR), fc.nat(DAY / 2));
    await fc.assert(
      fc.asyncProperty(rules, steps, steps, behind, downs, async (list, one, other, by, down) => {
        // Each has written a line: from now on the lag of the late one is known.
        const hello: Step = { gap: 0, client: 0, what: 'connect' };
        const inTime = recordsOf(0, [hello, ...one]).map((record) => ({ record, written: record.at }));
        const late = recordsOf(1, [hello, ...other]).map((record) => ({
          record: { ...record, at: record.at - by },
          written: record.at,
        }));
        const lines = [...inTime, ...late].sort((a, b) => a.written - b.written);
        const { trail, to } = replayed(termsOf({ rules: list }), [lines.map(({ record }) => record)]);
        const portions = lines.map(({ record, written }) => ({ log: 0, lines: [record], at: written }));
        const live = await fed(list, portions, { ticks: 2, downs: down });
        expect(comparable(live, to)).to.deep.equal(comparable(trail, to));
      }),
      { numRuns: scaled(50) },
    );
  });
});

describe('live: a log that is ahead', () => {
  /** By how much it is ahead is seen where a line is read as it is written. */
  const afterFirst = (list: readonly Down[]) => list.map(([first, count]): Down => [first + 1, count]);

  it('gives the trail of its replay, with all times set back by as much', async () => {
    const ahead = fc.oneof(
      fc.constantFrom(HOUR, 2 * HOUR, 14 * HOUR, 365 * DAY),
      fc.integer({ min: 61 * SECOND, max: DAY }),
    );
    const steps = fc.array(stepOf('recipient', 'recipient', 'login', 'refusal'), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        rules,
        steps,
        ahead,
        downs.map(afterFirst),
        ticks,
        async (list, log, by, down, looks) => {
          const records = recordsOf(0, log);
          const setBack = records.map((record) => ({ ...record, at: record.at - by }));
          const { trail, to } = replayed(termsOf({ rules: list }), [setBack]);
          const live = await fed(list, inPortions(0, records, [[1, -by]]), { ticks: looks, downs: down });
          expect(comparable(live, to)).to.deep.equal(comparable(trail, to));
        },
      ),
      { numRuns: scaled(50) },
    );
  });
});

describe('live: a log that has gone silent', () => {
  it('lets go of its counts a day later', async () => {
    const host = new Host(termsOf(), ['log-0'], START);
    await host.start();
    const steps = Array.from({ length: 3 }, (_, client): Step => ({ gap: 0, client, what: 'login' }));
    host.logs[0]?.lines.push(...recordsOf(0, steps));
    await host.read();
    await host.passTo(START + DAY + 10 * MINUTE);
    expect(host.tracked).to.equal(3);
    await host.passTo(host.now + 2 * MINUTE);
    expect(host.tracked).to.equal(0);
    await host.stop();
  });
});
