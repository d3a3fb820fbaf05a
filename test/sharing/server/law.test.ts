// The server counts as one host does: the same events in the same order give the same blocks.

import { expect } from 'chai';
import fc from 'fast-check';
import { Blocks } from '../../../src/blocks/blocks.ts';
import type { Change } from '../../../src/blocks/changes.ts';
import { type CountName, NAMES } from '../../../src/blocks/events/codes.ts';
import type { AbuseEvent, GoodEvent } from '../../../src/blocks/events/event.ts';
import type { Rule } from '../../../src/blocks/rules.ts';
import type { Terms } from '../../../src/blocks/terms.ts';
import type { SharedEvent } from '../../../src/sharing/shared-store.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/values/duration.ts';
import { AUTH, eventOf, START, termsOf } from '../../blocks/blocks-fixture.ts';
import { describeReal } from '../../harness/real.ts';
import { RedisServer } from '../../harness/redis.ts';
import { SERVERS } from '../../harness/servers.ts';
import {
  addressesOf,
  batchOf,
  decisionOf,
  newPrefix,
  StoreFixture,
  sharedEvent,
  sharedRules,
} from './store-fixture.ts';

const SHARD = 5;
const CLIENTS = addressesOf(SHARD, 2);
/** of the breaker, which must not open here: it counts for each host */
const NEVER = { clients: 1e9, share: 1, within: HOUR };

const REPEAT = { within: 30 * DAY, factor: 2, most: 14 * DAY };
const base = { message: 'Blocked.', enforce: true };

/** As shipped, with `repeat`. */
const SHIPPED: readonly Rule[] = [
  {
    ...base,
    name: 'rejected-recipients',
    counts: ['rejected-recipient'],
    limit: 100,
    within: HOUR,
    share: 0.1,
    blockFor: 2 * DAY,
    repeat: REPEAT,
  },
  {
    ...base,
    name: 'auth-failures',
    counts: ['auth-failure'],
    limit: 30,
    within: HOUR,
    share: 0.5,
    forgive: 'login',
    blockFor: DAY,
    repeat: REPEAT,
  },
  {
    ...base,
    name: 'connection-spam',
    counts: ['dropped-connection'],
    limit: 120,
    within: 10 * MINUTE,
    share: 0.5,
    blockFor: 12 * HOUR,
    repeat: REPEAT,
  },
  {
    ...base,
    name: 'rejected-after-data',
    counts: ['rejected-message'],
    limit: 30,
    within: HOUR,
    share: 0.2,
    blockFor: DAY,
    repeat: REPEAT,
  },
];

/** Low limits, and rules that count the same events: one that forgives beside one that does not, one of many sorts. */
const NARROW: readonly Rule[] = [
  {
    ...base,
    name: 'recipients',
    counts: ['rejected-recipient', 'mailbox-full'],
    limit: 6,
    within: 10 * MINUTE,
    share: 0.3,
    blockFor: HOUR,
    repeat: REPEAT,
  },
  {
    ...base,
    name: 'unknown',
    counts: ['unknown-recipient'],
    limit: 4,
    within: 5 * MINUTE,
    share: 0.6,
    blockFor: 30 * MINUTE,
  },
  {
    ...base,
    name: 'auth',
    counts: ['auth-failure'],
    limit: 4,
    within: 20 * MINUTE,
    share: 0.5,
    forgive: 'login',
    blockFor: HOUR,
  },
  { ...base, name: 'failures', counts: ['auth-failure'], limit: 9, within: HOUR, blockFor: 2 * HOUR },
  {
    ...base,
    name: 'drops',
    counts: ['dropped-connection', 'abandoned-connection'],
    limit: 5,
    within: 2 * MINUTE,
    share: 0.4,
    blockFor: 20 * MINUTE,
  },
  {
    ...base,
    name: 'anything',
    counts: ['rejected-message', 'probe', 'timeout'],
    limit: 7,
    within: 30 * MINUTE,
    blockFor: HOUR,
    repeat: { within: DAY, factor: 1.5, most: 3 * HOUR },
  },
];

type Happening = CountName | 'login' | 'message' | 'connection';

interface Step {
  readonly client: number;
  /** ms after the step before; below 0 for a late line */
  readonly gap: number;
  readonly what: Happening;
  readonly user: number;
  readonly times: number;
  /** ms between them */
  readonly every: number;
}

function steps(mostTimes: number): fc.Arbitrary<readonly Step[]> {
  const gap = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 5 * MINUTE }) },
    { weight: 2, arbitrary: fc.integer({ min: -10 * MINUTE, max: 0 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 * DAY }) },
  );
  const times = fc.oneof(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: mostTimes }),
    fc.constant(mostTimes),
  );
  const abuse = fc.constantFrom<Happening>(
    'unknown-recipient',
    'auth-failure',
    'timeout',
    'content',
    ...NAMES,
  );
  // Few kinds in one run: a limit is reached more often.
  return fc.array(abuse, { minLength: 1, maxLength: 2 }).chain((kinds) => {
    const what = fc.oneof(
      { weight: 1, arbitrary: fc.constantFrom(...kinds) },
      { weight: 1, arbitrary: fc.constantFrom<Happening>('login', 'message', 'connection') },
    );
    const step = fc.record({
      client: fc.integer({ min: 0, max: CLIENTS.length - 1 }),
      gap,
      what,
      user: fc.integer({ min: 0, max: 3 }),
      times,
      every: fc.constantFrom(0, 1, SECOND, 7 * SECOND),
    });
    return fc.array(step, { minLength: 10, maxLength: 60 });
  });
}

function eventsOf(all: readonly Step[]): readonly (AbuseEvent | GoodEvent)[] {
  let now = 0;
  return all.flatMap(({ client, gap, what, user, times, every }) => {
    now = Math.max(0, now + gap);
    const start = now;
    now += (times - 1) * every;
    return Array.from({ length: times }, (_, i) =>
      event(CLIENTS[client] ?? '', start + i * every, what, user),
    );
  });
}

function event(address: string, time: number, what: Happening, user: number): AbuseEvent | GoodEvent {
  const at = START + time;
  const named = user === 0 ? undefined : user;
  if (what === 'login') return { kind: 'login', address, at, user: named };
  if (what === 'message') return { kind: 'accepted-message', address, at, recipients: 1 + user * 50 };
  if (what === 'connection') return { kind: 'ended-connection', address, at };
  return { ...eventOf(address, time, what), ...(what === 'auth-failure' && { user: named }) };
}

/** What one host decides. */
function decided(terms: Terms, events: readonly (AbuseEvent | GoodEvent)[]): readonly object[] {
  const changes: Change[] = [];
  const blocks = new Blocks(terms, (change) => changes.push(change));
  for (const one of events) blocks.take(one);
  return changes.flatMap((change) => decisionOf(change) ?? []);
}

for (const { name, command, component } of SERVERS)
  describeReal(`sharing/server/law: ${name}`, component, () => lawOn(command));

function lawOn(command: readonly string[]): void {
  let server: RedisServer;
  before(async () => {
    server = await RedisServer.startBy(command);
  });
  after(() => server.kill());

  /** What the server decides where hosts send their events in turn, and some of them again. */
  async function counted(
    terms: Terms,
    events: readonly (AbuseEvent | GoodEvent)[],
    sizes: readonly number[],
  ): Promise<readonly object[]> {
    const prefix = newPrefix();
    const urls = [server.socket];
    const hosts = await Promise.all(
      ['mx1', 'mx2'].map((host) => new StoreFixture({ urls, prefix, host }).up()),
    );
    const rules = sharedRules(terms);
    let sent: { host: StoreFixture; events: readonly SharedEvent[] } | undefined;
    let turn = 0;
    for (let next = 0; next < events.length; turn++) {
      const size = sizes[turn % sizes.length] ?? 1;
      const numbered = events.slice(next, next + size).map((one, i) => sharedEvent(one, next + i + 1));
      const [host = hosts[0]] = [hosts[turn % 2]];
      await host?.store.count(batchOf(SHARD, numbered), rules);
      // An answer that was lost on its way.
      if (turn % 3 === 2 && sent !== undefined)
        await sent.host.store.count(batchOf(SHARD, sent.events), rules);
      if (host !== undefined) sent = { host, events: numbered };
      next += size;
    }
    const { entries = [] } = (await hosts[0]?.store.read(SHARD, '0')) ?? {};
    for (const { store } of hosts) await store.close();
    return entries.flatMap(({ change }) => decisionOf(change) ?? []);
  }

  const sizes = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 });
  const check = (rules: readonly Rule[], mostTimes: number, numRuns: number) =>
    fc.assert(
      fc.asyncProperty(steps(mostTimes), sizes, async (all, batches) => {
        const terms = termsOf({ rules, breaker: NEVER });
        const events = eventsOf(all);
        expect(await counted(terms, events, batches)).to.deep.equal(decided(terms, events));
      }),
      { numRuns },
    );

  it('gives the blocks and the spared clients of one host, by the shipped rules with repeat', () =>
    check(SHIPPED, 150, 60));

  it('gives them by rules that count the same events', () => check(NARROW, 12, 150));

  it('gives them where a spared client has more events than any limit', async () => {
    const terms = termsOf({ rules: [{ ...AUTH, share: 0.9 }, ...SHIPPED], breaker: NEVER });
    const good = { client: 0, gap: 0, what: 'message', user: 3, every: 0, times: 400 } as const;
    const bad = { client: 0, gap: 0, what: 'unknown-recipient', user: 0, every: SECOND, times: 700 } as const;
    const late = { ...bad, gap: -4 * MINUTE, times: 40 } as const;
    const events = eventsOf([
      good,
      bad,
      { ...bad, what: 'content', times: 20 },
      late,
      { ...late, every: 0 },
      bad,
    ]);
    expect(await counted(terms, events, [64])).to.deep.equal(decided(terms, events));
  });
}
