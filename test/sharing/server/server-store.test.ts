// Hosts that share: what one counts, blocks or lifts, the others hear of.

import { expect } from 'chai';
import type { AuditedChange } from '../../../src/blocks/changes.ts';
import { shardOf } from '../../../src/sharing/shard.ts';
import { COMMON, type SharedChange } from '../../../src/sharing/shared-store.ts';
import { DAY, HOUR } from '../../../src/values/duration.ts';
import { AUTH, eventOf, START, termsOf } from '../../blocks/blocks-fixture.ts';
import { describeReal } from '../../harness/real.ts';
import { REDIS, RedisServer } from '../../harness/redis.ts';
import { until } from '../../harness/until.ts';
import { batchOf, newPrefix, StoreFixture, sharedEvent, sharedRules } from './store-fixture.ts';

const CLIENT = '192.0.2.1';
const SHARD = shardOf(CLIENT);
const HAND = { by: 'anna', why: 'customer called' };
const rules = sharedRules(termsOf());

/** A failed login of the client at each of the times (ms after START), numbered from `first`. */
function failures(times: readonly number[], first = 1) {
  return batchOf(
    SHARD,
    times.map((time, i) => sharedEvent(eventOf(CLIENT, time), first + i)),
  );
}

function blockOf(at: number, until: number): AuditedChange {
  return { type: 'block', ip: CLIENT, rule: 'auth', at, until, count: 3, enforced: true };
}

function liftOf(at: number, since: number): AuditedChange {
  const end = { type: 'end', ip: CLIENT, rule: 'auth', at, since, reason: 'lifted', refused: 0 } as const;
  return { ...end, enforced: true, hand: HAND };
}

describeReal('sharing/server/server-store: hosts', REDIS, () => {
  let server: RedisServer;
  let one: StoreFixture;
  let two: StoreFixture;

  before(async () => {
    server = await RedisServer.start();
  });
  after(() => server.kill());

  beforeEach(async () => {
    const shared = { urls: [server.socket], prefix: newPrefix() };
    one = await new StoreFixture({ ...shared, host: 'mx1' }).up();
    two = await new StoreFixture({ ...shared, host: 'mx2' }).up();
  });
  afterEach(async () => {
    await one.store.close();
    await two.store.close();
  });

  async function changes(): Promise<readonly SharedChange[]> {
    const { entries } = await two.store.read(SHARD, '0');
    return entries.map(({ host, change }) => ({ host, change }));
  }

  /** Waits until no host may have to repeat events any more. */
  async function repeated(): Promise<void> {
    await until('the end of the repetition', () => server.cli('keys', '*}:r') === '');
  }

  async function all(shard = SHARD): Promise<readonly SharedChange[]> {
    const found: SharedChange[] = [];
    await two.store.readAll(shard, (change) => found.push(change));
    return found;
  }

  it('block a client that stays under the limit on each', async () => {
    await one.store.count(failures([0, 1000]), rules);
    await two.store.count(failures([2000]), rules);
    const [{ host, change } = {}] = await changes();
    expect(host).to.equal('mx2');
    expect(change).to.include({ type: 'block', ip: CLIENT, rule: 'auth', at: START + 2000, count: 3 });
    expect(change).to.include({ until: START + 2000 + HOUR, enforced: true });
  });

  it('hear of it at once', async () => {
    await one.store.count(failures([0, 1, 2]), rules);
    await until('the news', () => two.changedShards.includes(SHARD));
  });

  it('count no event twice, whatever is sent again', async () => {
    const batch = failures([0, 1000]);
    expect(await one.store.count(batch, rules)).to.deep.equal({ before: 0 });
    expect(await one.store.count(batch, rules)).to.deep.equal({ before: 2 });
    expect(await one.store.count(failures([1000, 2000], 2), rules)).to.deep.equal({ before: 2 });
    expect(await changes()).to.have.length(1);
  });

  it('count nothing of a numbering of which events are lost, until these come again', async () => {
    const next = { ...failures([2000], 3), acknowledged: 2 };
    expect(await one.store.count(next, rules)).to.deep.equal({ before: 0 });
    expect(await one.store.count(failures([0, 1000]), rules)).to.deep.equal({ before: 0 });
    expect(await changes()).to.deep.equal([]);
    expect(await one.store.count(next, rules)).to.deep.equal({ before: 2 });
    expect(await changes()).to.have.length(1);
  });

  it('start no block with events that come again after a loss, but with the next one', async () => {
    await one.store.count({ ...failures([0, 1000, 2000]), repeatedTo: 3 }, rules);
    // Other hosts may still have to repeat theirs.
    await two.store.count(failures([3000]), rules);
    expect(await changes()).to.deep.equal([]);
    await repeated();
    await two.store.count(failures([4000], 2), rules);
    expect((await changes()).map(({ change }) => change.at)).to.deep.equal([START + 4000]);
  });

  it('ask for the share of all that came again after a loss, also where it comes before what was good', async () => {
    const sharing = sharedRules(termsOf({ rules: [{ ...AUTH, counts: ['rejected-message'], share: 0.5 }] }));
    const bad = [0, 1, 2, 3, 4, 5].map((time, i) => sharedEvent(eventOf(CLIENT, time, 'content'), i + 1));
    const good = Array.from({ length: 7 }, (_, i) =>
      sharedEvent({ kind: 'accepted-message', address: CLIENT, at: START, recipients: 1 }, i + 1),
    );
    await one.store.count({ ...batchOf(SHARD, bad), repeatedTo: 6 }, sharing);
    await two.store.count({ ...batchOf(SHARD, good), repeatedTo: 7 }, sharing);
    await repeated();
    expect(await changes()).to.deep.equal([]);
    await one.store.count(batchOf(SHARD, [sharedEvent(eventOf(CLIENT, 10, 'content'), 7)]), sharing);
    // Seven of fourteen.
    expect((await changes()).map(({ change }) => change)).to.have.lengthOf(1);
    expect((await changes())[0]?.change).to.include({ type: 'block', at: START + 10 });
  });

  it('number their sources each for itself, and each numbering', async () => {
    await one.store.count(failures([0]), rules);
    const other = { ...failures([0]), source: 'journal' };
    const later = { ...failures([0]), since: '2026-01-01T00:00:00.000Z' };
    expect(await one.store.count(other, rules)).to.deep.equal({ before: 0 });
    expect(await one.store.count(later, rules)).to.deep.equal({ before: 0 });
    expect(await one.store.count(failures([0]), rules)).to.deep.equal({ before: 1 });
  });

  it('take numbers up to the highest that are exact', async () => {
    const last = Number.MAX_SAFE_INTEGER;
    await one.store.count(failures([0], last), rules);
    expect(await one.store.count(failures([0], last), rules)).to.deep.equal({ before: last });
  });

  it('with other rules count for themselves, and share blocks', async () => {
    await one.store.count(failures([0, 1000]), rules);
    const others = sharedRules(termsOf({ rules: [{ ...AUTH, limit: 4 }] }), 'other');
    await two.store.count(failures([2000, 3000, 4000]), others);
    expect(await changes()).to.deep.equal([]);
    await one.store.count(failures([5000], 3), rules);
    await two.store.count(failures([6000, 7000, 8000, 9000], 4), others);
    expect(await changes()).to.have.length(1);
  });

  it('spare clients in good standing while the breaker of the host is open', async () => {
    const message = { kind: 'accepted-message', address: CLIENT, at: START, recipients: 1 } as const;
    await one.store.count(batchOf(SHARD, [sharedEvent(message, 1)]), rules);
    const open = { ...failures([0, 1000, 2000], 2), breakerOpened: START };
    await one.store.count(open, rules);
    const late = {
      ...failures(
        [0, 1000, 2000].map((time) => time + 2 * DAY),
        5,
      ),
      breakerOpened: START,
    };
    await one.store.count(late, rules);
    const [first, second, ...more] = await changes();
    expect(first?.change).to.include({ type: 'spared', reason: 'breaker' });
    expect(second?.change).to.include({ type: 'spared', reason: 'breaker' });
    expect(more).to.deep.equal([]);
  });

  it('tell what one publishes, by hand or by its own counts', async () => {
    const block = { ...blockOf(START, START + DAY), count: 0, hand: HAND };
    const id = await one.store.publish(SHARD, block, Date.now());
    const { entries, last, isComplete } = await two.store.read(SHARD, '0');
    expect(last).to.equal(id);
    expect(entries[0]).to.deep.include({ id, host: 'mx1' });
    expect(entries[0]?.change).to.deep.include({ type: 'block', until: START + DAY, hand: HAND });
    expect(isComplete).to.equal(false);
    expect((await two.store.read(SHARD, id)).entries).to.deep.equal([]);
    expect((await two.store.read(SHARD, id)).isComplete).to.equal(true);
  });

  it('count nothing of a client that one has blocked by hand, until that ends', async () => {
    await one.store.publish(SHARD, blockOf(START, START + HOUR), Date.now());
    await two.store.count(failures([1, 2, 3]), rules);
    expect(await changes()).to.have.length(1);
    await two.store.count(failures([HOUR, HOUR + 1, HOUR + 2], 4), rules);
    expect(await changes()).to.have.length(2);
  });

  it('count nothing from before a lift, and all after it', async () => {
    await one.store.count(failures([0, 1000, 2000]), rules);
    await two.store.publish(SHARD, liftOf(START + 5000, START + 2000), Date.now());
    await one.store.count(failures([3000, 4000, 5000], 4), rules);
    expect(await changes()).to.have.length(2);
    await one.store.count(failures([6000, 7000, 8000], 7), rules);
    expect(await changes()).to.have.length(3);
  });

  it('free a client by a lift made now, also of a block that the lifting host has not heard of', async () => {
    const now = Date.now();
    await one.store.publish(SHARD, blockOf(now + 20_000, now + HOUR), Date.now());
    await two.store.publish(SHARD, liftOf(now, now - 1000), Date.now());
    const [, lift] = await changes();
    expect(lift?.change).to.include({ type: 'end', since: now + 20_000 });
    expect((await all()).map(({ change }) => change.type)).to.deep.equal(['end']);
  });

  it('keep a block that began after a lift that is published late', async () => {
    await one.store.count(failures([0, 1000, 2000]), rules);
    await two.store.publish(SHARD, liftOf(START, START - HOUR), Date.now());
    expect((await all()).map(({ change }) => change.type)).to.deep.equal(['end', 'block']);
  });

  it('do not block in a grace', async () => {
    const until = START + HOUR;
    await one.store.publish(SHARD, { type: 'grace', ip: CLIENT, at: START, until, hand: HAND }, Date.now());
    await two.store.count(failures([0, 1000, 2000]), rules);
    expect(await changes()).to.have.length(1);
    await two.store.count(failures([HOUR, HOUR + 1, HOUR + 2], 4), rules);
    expect((await changes()).at(-1)?.change.type).to.equal('block');
  });

  it('learn all that a shard knows, each change once', async () => {
    await one.store.count(failures([0, 1000, 2000]), rules);
    const found = await all();
    expect(found).to.deep.equal(await changes());
    const id = await two.store.readAll(SHARD, () => {});
    expect(id).to.equal((await two.store.read(SHARD, '0')).last);
  });

  it('go on reading after all that a shard knows, also where that is nothing', async () => {
    const id = await two.store.readAll(SHARD, () => {});
    expect(await two.store.read(SHARD, id)).to.deep.equal({
      entries: [],
      isComplete: true,
      last: id,
      unknown: 0,
    });
    await one.store.count(failures([0, 1000, 2000]), rules);
    expect((await two.store.read(SHARD, id)).entries).to.have.length(1);
  });

  it('read a minute again after each connection, for a server that took over and gives lower IDs', async () => {
    const id = await one.store.publish(SHARD, blockOf(START, START + HOUR), Date.now());
    const lost = `${Number.parseInt(id, 10) + 30_000}-0`;
    const { entries, last } = await two.store.read(SHARD, lost);
    expect([entries.map((entry) => entry.id), last]).to.deep.equal([[id], id]);
    expect((await two.store.read(SHARD, id)).entries).to.deep.equal([]);
  });

  it('share allow entries and turns of the breaker, of which the latest holds', async () => {
    const now = Date.now();
    const allow = { type: 'allow', ip: '203.0.113.0/24', at: now, until: now + DAY, hand: HAND } as const;
    const turn = { type: 'breaker', ip: '', blocked: 0, standing: 0, hand: undefined } as const;
    await one.store.publish(COMMON, allow, Date.now());
    await one.store.publish(COMMON, { ...allow, type: 'disallow', at: now + 1000 }, Date.now());
    await two.store.publish(COMMON, { ...allow, at: now + 500 }, Date.now());
    await one.store.publish(COMMON, { ...turn, state: 'open', ip: CLIENT, at: now }, Date.now());
    await one.store.publish(COMMON, { ...turn, state: 'closed', at: now + 1 }, Date.now());
    const found = (await all(COMMON)).map(({ change }) => [change.type, change.at]);
    expect(found).to.deep.equal([
      ['disallow', now + 1000],
      ['breaker', now + 1],
    ]);
    expect((await two.store.read(COMMON, '0')).entries).to.have.length(5);
  });

  it('know each other, and whether a name is taken', async () => {
    const report = { version: '1.1.0', digest: 'abc', lag: 5, backlog: 0 };
    const first = await one.store.report(report);
    const second = await two.store.report({ ...report, lag: 7, backlog: 30 });
    expect(one.store.roundTrip).to.be.above(0);
    expect(first).to.deep.equal({ ...second, time: first.time, isTaken: false });
    expect(Math.abs(first.time - Date.now())).to.be.below(5000);
    const hosts = await one.store.hosts();
    expect(hosts.map(({ host, lag, backlog }) => [host, lag, backlog])).to.have.deep.members([
      ['mx1', 5, 0],
      ['mx2', 7, 30],
    ]);
  });

  it('ask each other, and wait for those they expect', async () => {
    two.answer = (question) => (question === 'who?' ? 'me' : undefined);
    const answers = await one.store.ask('who?', 10_000, new Set(['mx2']));
    expect([...answers]).to.deep.equal([['mx2', 'me']]);
    expect([...(await one.store.ask('what?', 50, new Set(['mx2'])))]).to.deep.equal([]);
  });
});

describeReal('sharing/server/server-store: processes of one name', REDIS, () => {
  it('cannot both have it, until one leaves', async () => {
    const server = await RedisServer.start();
    const shared = { urls: [server.socket], prefix: newPrefix() };
    const one = await new StoreFixture(shared).up();
    const two = await new StoreFixture(shared).up();
    const report = { version: '1', digest: 'a', lag: 0 };
    expect((await one.store.report(report)).isTaken).to.equal(false);
    expect((await two.store.report(report)).isTaken).to.equal(true);
    await one.store.leave();
    expect((await two.store.report(report)).isTaken).to.equal(false);
    await one.store.close();
    await two.store.close();
    await server.kill();
  });

  it('are not kept out by a lease without an end, or one that lasts longer than any', async () => {
    const server = await RedisServer.start();
    const prefix = newPrefix();
    const one = await new StoreFixture({ urls: [server.socket], prefix }).up();
    const report = { version: '1', digest: 'a', lag: 0 };
    for (const time of [[], ['PX', '3600000']]) {
      server.cli('set', `${prefix}:{pb:${COMMON}}:l:mx1`, 'another process', ...time);
      expect((await one.store.report(report)).isTaken, time.join(' ')).to.equal(false);
    }
    server.cli('set', `${prefix}:{pb:${COMMON}}:l:mx1`, 'another process', 'PX', '2000');
    expect((await one.store.report(report)).isTaken).to.equal(true);
    await one.store.close();
    await server.kill();
  });
});
