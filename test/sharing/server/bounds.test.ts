// Nothing stays on the server for ever, and nothing there grows without bound.

import { expect } from 'chai';
import { COMMON } from '../../../src/sharing/shared-store.ts';
import { DAY, HOUR } from '../../../src/values/duration.ts';
import { AUTH, eventOf, termsOf } from '../../blocks/blocks-fixture.ts';
import { describeReal } from '../../harness/real.ts';
import { REDIS, RedisServer } from '../../harness/redis.ts';
import { until } from '../../harness/until.ts';
import { addressesOf, batchOf, newPrefix, StoreFixture, sharedEvent, sharedRules } from './store-fixture.ts';

const SHARD = 7;
const [CLIENT = '', OTHER = ''] = addressesOf(SHARD, 2);
const HAND = { by: 'anna', why: 'customer called' };
const REPORT = { version: '1.1.0', digest: 'abc', lag: 0 };
const rules = sharedRules(termsOf({ rules: [{ ...AUTH, share: 0.1, forgive: 'login' }] }));

describeReal('sharing/server/bounds', REDIS, () => {
  let server: RedisServer;
  let fixture: StoreFixture;
  let key: (name: string, shard?: number) => string;

  beforeEach(async () => {
    server = await RedisServer.start();
    const prefix = newPrefix();
    key = (name, shard = SHARD) => `${prefix}:{pb:${shard}}:${name}`;
    fixture = await new StoreFixture({ urls: [server.socket], prefix }).up();
  });
  afterEach(async () => {
    await fixture.store.close();
    await server.kill();
  });

  /** Does all that writes. */
  async function writeAll(): Promise<void> {
    const { store } = fixture;
    const message = { kind: 'accepted-message', address: OTHER, at: Date.now(), recipients: 1 } as const;
    const login = { kind: 'login', address: OTHER, at: Date.now(), user: 5 } as const;
    const connection = { kind: 'ended-connection', address: CLIENT, at: Date.now() } as const;
    const events = [
      message,
      login,
      connection,
      eventOf(OTHER, 0),
      ...[0, 1, 2].map((time) => eventOf(CLIENT, time)),
    ];
    await store.count(
      batchOf(
        SHARD,
        events.map((event, i) => sharedEvent(event, i + 1)),
      ),
      rules,
    );
    const [at, until] = [Date.now(), Date.now() + 40 * DAY];
    await store.publish(SHARD, { type: 'grace', ip: OTHER, at, until, hand: HAND }, Date.now());
    await store.publish(COMMON, { type: 'allow', ip: '192.0.2.0/24', at, until, hand: HAND }, Date.now());
    await store.publish(
      COMMON,
      { type: 'breaker', ip: '', at, state: 'closed', blocked: 0, standing: 0 },
      Date.now(),
    );
    await store.report(REPORT);
    await store.begin('generation');
    await store.count({ ...batchOf(9, [sharedEvent(eventOf(CLIENT, 0), 1)]), repeatedTo: 1 }, rules);
    await store.repeated();
    server.cli('set', key('s', 8), 'theirs');
    const [client = ''] = addressesOf(8, 1);
    await store.publish(8, { type: 'grace', ip: client, at, until, hand: HAND }, Date.now());
    await store.ask('who?', 10, new Set());
  }

  it('every key expires by itself', async () => {
    await writeAll();
    const keys = server.cli('keys', '*').split('\n');
    expect(keys.length).to.be.above(12);
    for (const name of keys) {
      const left = Number(server.cli('pttl', name));
      expect(left, name).to.be.within(1, 60 * DAY);
    }
  });

  it('nothing is left when all has expired', async () => {
    await writeAll();
    for (const name of server.cli('keys', '*').split('\n')) server.cli('pexpire', name, '1');
    await until('an empty server', () => server.cli('dbsize') === '0');
    expect((await fixture.store.read(SHARD, '0')).entries).to.deep.equal([]);
  });

  it('a client whose time is over is removed when another one is written', async () => {
    const grace = { type: 'grace', at: Date.now(), until: Date.now() + HOUR, hand: HAND } as const;
    await fixture.store.publish(SHARD, { ...grace, ip: CLIENT }, Date.now());
    server.cli('zadd', key('i'), '1', CLIENT);
    await fixture.store.publish(SHARD, { ...grace, ip: OTHER }, Date.now());
    expect(server.cli('hkeys', key('c'))).to.equal(OTHER);
    expect(server.cli('zrange', key('i'), '0', '-1')).to.equal(OTHER);
  });

  it('a stream has 10,000 entries at most, and who was further behind reads all', async () => {
    const fill = `for i = 1, 10050 do redis.call('XADD', KEYS[1], '*', 'host', 'mx9', 'change', '{}') end`;
    server.cli('eval', fill, '1', key('s'));
    const grace = { type: 'grace', ip: CLIENT, at: 1, until: Date.now(), hand: HAND } as const;
    const first = server.cli('xrange', key('s'), '-', '+', 'COUNT', '1').split('\n')[0] ?? '';
    const id = await fixture.store.publish(SHARD, grace, Date.now());
    expect(Number(server.cli('xlen', key('s')))).to.equal(10_000);
    // The first reading after a connection begins a minute earlier.
    await fixture.store.read(SHARD, id);
    expect((await fixture.store.read(SHARD, first)).isComplete).to.equal(false);
    expect((await fixture.store.read(SHARD, id)).isComplete).to.equal(true);
  });

  it('users of a client are 256 at most', async () => {
    const good = Array.from({ length: 300 }, (_, i) => ({
      ...({ kind: 'login', address: CLIENT, at: Date.now() + i, user: i + 1 } as const),
    }));
    let number = 0;
    for (let next = 0; next < good.length; next += 60)
      await fixture.store.count(
        batchOf(
          SHARD,
          good.slice(next, next + 60).map((event) => sharedEvent(event, ++number)),
        ),
        rules,
      );
    const names = server.cli('keys', key('g:*'));
    const packed = server.cli('--raw', 'hstrlen', names, CLIENT);
    expect(Number(packed)).to.be.below(256 * 18 + 100);
  });
});
