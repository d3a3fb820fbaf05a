// The time after a loss in which hosts repeat what the server had counted, and when it ends.

import { expect } from 'chai';
import { AUTH, eventOf, termsOf } from '../../blocks/blocks-fixture.ts';
import { describeReal } from '../../harness/real.ts';
import { RedisServer } from '../../harness/redis.ts';
import { SERVERS } from '../../harness/servers.ts';
import { addressesOf, batchOf, newPrefix, StoreFixture, sharedEvent, sharedRules } from './store-fixture.ts';

const SHARD = 5;
const OTHER_SHARD = 6;
const [CLIENT = ''] = addressesOf(SHARD, 1);
const REPORT = { version: '1.1.0', digest: 'abc', lag: 0 };
const LIMIT = 3;
const rules = sharedRules(termsOf({ rules: [{ ...AUTH, limit: LIMIT }] }));

for (const { name, command, component } of SERVERS)
  describeReal(`sharing/server/repeating: ${name}`, component, () => {
    let server: RedisServer;
    let prefix: string;
    let one: StoreFixture;
    let two: StoreFixture;
    let numbers = 0;

    before(async () => {
      server = await RedisServer.startBy(command);
    });
    after(() => server.kill());
    beforeEach(async () => {
      prefix = newPrefix();
      numbers = 0;
      [one, two] = await Promise.all([host('mx1'), host('mx2')]);
    });
    afterEach(async () => {
      await one.store.close();
      await two.store.close();
    });

    async function host(named: string): Promise<StoreFixture> {
      return await new StoreFixture({ urls: [server.socket], prefix, host: named }).up();
    }

    /** Both hosts have heard of each other. */
    async function known(): Promise<void> {
      for (const { store } of [one, two, one]) await store.report(REPORT);
    }

    async function lose(): Promise<void> {
      server.cli('flushall');
      for (const { store } of [one, two]) await store.report(REPORT);
    }

    /** So many failures of the client. */
    async function fail({ store }: StoreFixture, count: number, isRepeated: boolean): Promise<void> {
      const events = Array.from({ length: count }, () => sharedEvent(eventOf(CLIENT, numbers), ++numbers));
      await store.count({ ...batchOf(SHARD, events), repeatedTo: isRepeated ? numbers : 0 }, rules);
    }

    async function blocks(): Promise<number> {
      return (await one.store.read(SHARD, '0')).entries.length;
    }

    it('ends when all hosts that were live before have repeated theirs', async () => {
      await known();
      await lose();
      await fail(one, LIMIT, true);
      await one.store.repeated();
      await fail(one, 1, false);
      expect(await blocks()).to.equal(0);
      await two.store.repeated();
      await fail(one, 1, false);
      expect(await blocks()).to.equal(1);
    });

    it('begins in each shard with the first host that is done, also where it had nothing to repeat', async () => {
      await known();
      await lose();
      await two.store.repeated();
      for (const shard of [SHARD, OTHER_SHARD])
        expect(server.cli('pttl', `${prefix}:{pb:${shard}}:r`)).to.match(/^(3000|[12]?\d{1,3})$/);
      await fail(one, LIMIT, false);
      expect(await blocks()).to.equal(0);
      await one.store.repeated();
      await fail(one, 1, false);
      expect(await blocks()).to.equal(1);
    });

    it('does not end with a host that repeats again after it was done', async () => {
      await known();
      await lose();
      await one.store.repeated();
      await fail(one, LIMIT, true);
      await two.store.repeated();
      await fail(two, 1, false);
      expect(await blocks()).to.equal(0);
      await one.store.repeated();
      await fail(one, 1, false);
      expect(await blocks()).to.equal(1);
    });

    it('ends with a host that comes late, though the three seconds are over', async () => {
      await known();
      await lose();
      await fail(one, LIMIT, true);
      await one.store.repeated();
      server.cli('del', `${prefix}:{pb:${SHARD}}:r`);
      await fail(two, 1, true);
      await fail(two, 1, false);
      expect(await blocks()).to.equal(0);
      await two.store.repeated();
      await fail(two, 1, false);
      expect(await blocks()).to.equal(1);
    });

    it('does not end by what hosts said after an earlier loss', async () => {
      await known();
      for (const { store } of [one, two]) await store.repeated();
      await fail(one, LIMIT, true);
      await one.store.repeated();
      await fail(one, 1, false);
      expect(await blocks()).to.equal(0);
    });

    it('lasts three seconds where nobody knows how many hosts there were', async () => {
      await fail(one, LIMIT, true);
      for (const { store } of [one, two]) await store.repeated();
      await fail(one, 1, false);
      expect(await blocks()).to.equal(0);
      expect(Number(server.cli('pttl', `${prefix}:{pb:${SHARD}}:r`))).to.be.within(1, 3000);
      // The clock of the server: nothing here waits for it.
      server.cli('pexpire', `${prefix}:{pb:${SHARD}}:r`, '1');
      server.cli('wait', '0', '5');
      await fail(one, 1, false);
      expect(await blocks()).to.equal(1);
    });

    it('waits for a host that left a moment ago, as it may come back', async () => {
      await known();
      await two.store.leave();
      await one.store.report(REPORT);
      await lose();
      await fail(one, LIMIT, true);
      await one.store.repeated();
      await fail(one, 1, false);
      expect(await blocks()).to.equal(0);
    });

    it('counts nothing in a shard that holds another generation', async () => {
      const [event] = [sharedEvent(eventOf(CLIENT, 0), 1)];
      const batch = { ...batchOf(SHARD, [event]), generation: 'a' };
      expect(await one.store.count(batch, rules)).to.deep.equal({ before: 0, isEmptied: true });
      await one.store.begin('b');
      expect(await one.store.count(batch, rules)).to.deep.equal({ before: 0, isEmptied: true });
      await two.store.begin('a');
      expect(await one.store.count(batch, rules)).to.deep.equal({ before: 0 });
      expect(await one.store.count(batch, rules)).to.deep.equal({ before: 1 });
      server.cli('flushall');
      expect(await one.store.count(batch, rules)).to.deep.equal({ before: 0, isEmptied: true });
    });

    it('sets keys of another program aside', async () => {
      server.cli('set', `${prefix}:{pb:${SHARD}}:d`, 'theirs');
      server.cli('rpush', `${prefix}:{pb:64}:g`, 'theirs');
      server.cli('rpush', `${prefix}:{pb:64}:l:mx1`, 'theirs');
      server.cli('set', `${prefix}:{pb:64}:v`, 'theirs');
      await one.store.report(REPORT);
      await one.store.repeated();
      expect(one.asides.map((key) => key.slice(prefix.length + 5))).to.deep.equal([
        '64}:g',
        '64}:l:mx1',
        '64}:v',
        '5}:d',
      ]);
    });
  });
