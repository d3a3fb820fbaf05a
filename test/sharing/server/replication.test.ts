// Servers that take over from each other: a master that sentinels watch, and a cluster of three nodes.

import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { SHARDS } from '../../../src/sharing/shared-store.ts';
import { eventOf, termsOf } from '../../blocks/blocks-fixture.ts';
import { describeReal } from '../../harness/real.ts';
import { freePort, REDIS, RedisServer } from '../../harness/redis.ts';
import { until } from '../../harness/until.ts';
import { addressesOf, batchOf, newPrefix, StoreFixture, sharedEvent, sharedRules } from './store-fixture.ts';

const rules = sharedRules(termsOf());

function failures(shard: number, count: number, first = 1) {
  const [client = ''] = addressesOf(shard, 1);
  const numbered = Array.from({ length: count }, (_, i) => sharedEvent(eventOf(client, i), first + i));
  return batchOf(shard, numbered);
}

/** Tries until it does not fail: while another server takes over, it may. */
async function counted(fixture: StoreFixture, shard: number, count: number, first: number) {
  return await until('a server that counts', async () => {
    try {
      return await fixture.store.count(failures(shard, count, first), rules);
    } catch {
      return undefined;
    }
  });
}

function onPort(port: number, ...more: readonly string[]): readonly string[] {
  return ['--port', String(port), '--bind', '127.0.0.1', ...more];
}

describeReal('sharing/server/replication: a master that sentinels watch', REDIS, () => {
  const servers: RedisServer[] = [];
  let fixture: StoreFixture;
  after(async () => {
    await fixture.store.close();
    for (const server of servers) await server.kill();
  });

  it('is followed when it fails over, and nothing that it had is counted twice', async () => {
    const [first, second, ...sentinels] = await Promise.all(Array.from({ length: 5 }, () => freePort()));
    const master = await RedisServer.start(...onPort(first ?? 0));
    const replica = await RedisServer.start(
      ...onPort(second ?? 0, '--replicaof', '127.0.0.1', String(first)),
    );
    servers.push(master, replica);
    await until('a replica in step', () => /master_link_status:up/.test(replica.cli('info', 'replication')));
    for (const port of sentinels) servers.push(await RedisServer.startSentinel(port, 'mail', first ?? 0));
    await until('sentinels that know each other', () =>
      servers.slice(2).every((one) => /,sentinels=3/.test(one.cli('info', 'sentinel'))),
    );
    const urls = sentinels.map((port) => `redis://127.0.0.1:${port}`);
    fixture = await new StoreFixture({ urls, kind: 'sentinel', master: 'mail' }).up();
    await fixture.store.count(failures(5, 2), rules);
    await until(
      'the replica to have it',
      () => replica.cli('wait', '0', '0') !== '' && replica.cli('keys', '*:n:*') !== '',
    );
    await master.kill();
    expect(await counted(fixture, 5, 3, 1)).to.deep.equal({ before: 2 });
    const { entries } = await fixture.store.read(5, '0');
    expect(entries.map(({ change }) => change.type)).to.deep.equal(['block']);
    fixture.changedShards.length = 0;
    await fixture.store.count(failures(5, 3, 4), rules);
    await fixture.store.publish(
      5,
      {
        type: 'grace',
        ip: addressesOf(5, 1)[0] ?? '',
        at: 1,
        until: 2,
        hand: { by: 'a', why: '' },
      },
      Date.now(),
    );
    await until('news by the new master', () => fixture.changedShards.includes(5));
  });
});

describeReal('sharing/server/replication: a master and sentinels with passwords', REDIS, () => {
  const servers: RedisServer[] = [];
  after(async () => {
    for (const server of servers) await server.kill();
  });

  it('are used with those of each: none at the sentinels, or their own', async () => {
    const [port = 0, sentinel = 0] = await Promise.all([freePort(), freePort()]);
    servers.push(await RedisServer.start(...onPort(port, '--requirepass', 'of-the-server')));
    const watching = await RedisServer.startSentinel(sentinel, 'mail', port);
    servers.push(watching);
    watching.cli('sentinel', 'set', 'mail', 'auth-pass', 'of-the-server');
    const spec = {
      urls: [`redis://127.0.0.1:${sentinel}`],
      kind: 'sentinel',
      master: 'mail',
      password: 'of-the-server',
    } as const;
    const open = new StoreFixture(spec);
    await (await open.up()).store.close();
    watching.cli('acl', 'setuser', 'hosts', 'on', '>of-the-sentinel', '&*', '+@all');
    watching.cli('acl', 'setuser', 'default', 'off');
    const refused = new StoreFixture(spec);
    await refused.down();
    await refused.store.close();
    const known = new StoreFixture({ ...spec, sentinelUser: 'hosts', sentinelPassword: 'of-the-sentinel' });
    await (await known.up()).store.close();
  });
});

describeReal('sharing/server/replication: a cluster of three nodes', REDIS, () => {
  let servers: readonly RedisServer[];
  let ports: readonly number[];
  let one: StoreFixture;
  let two: StoreFixture;

  before(async () => {
    ports = await Promise.all(Array.from({ length: 3 }, () => freePort()));
    const start = (port: number) =>
      RedisServer.start(
        ...onPort(
          port,
          '--cluster-enabled',
          'yes',
          '--cluster-node-timeout',
          '1000',
          '--cluster-port',
          String(port > 50_000 ? port - 20_000 : port + 10_000),
        ),
      );
    servers = await Promise.all(ports.map(start));
    const nodes = ports.map((port) => `127.0.0.1:${port}`);
    execFileSync('redis-cli', ['--cluster', 'create', ...nodes, '--cluster-yes'], { stdio: 'pipe' });
    await until('a cluster', () =>
      servers.every((server) => /cluster_state:ok/.test(server.cli('cluster', 'info'))),
    );
    const shared = {
      urls: nodes.map((node) => `redis://${node}`),
      kind: 'cluster',
      prefix: newPrefix(),
    } as const;
    one = await new StoreFixture({ ...shared, host: 'mx1' }).up();
    two = await new StoreFixture({ ...shared, host: 'mx2' }).up();
  });
  after(async () => {
    await one.store.close();
    await two.store.close();
    for (const server of servers) await server.kill();
  });

  it('counts in every shard, and all hosts hear of it', async () => {
    for (let shard = 0; shard < SHARDS; shard++) {
      await one.store.count(failures(shard, 2), rules);
      await two.store.count(failures(shard, 1, 3), rules);
      expect((await one.store.read(shard, '0')).entries).to.have.length(1);
    }
    const all = Array.from({ length: SHARDS }, (_, shard) => shard);
    await until('news of all shards', () => all.every((shard) => one.changedShards.includes(shard)));
    const holding = servers.filter((server) => Number(server.cli('dbsize')) > 0);
    expect(holding).to.have.length(3);
  });

  it('carries questions and reports', async () => {
    two.answer = () => 'me';
    await one.store.report({ version: '1', digest: 'a', lag: 0 });
    await two.store.report({ version: '1', digest: 'a', lag: 0 });
    expect(await two.store.hosts()).to.have.length(2);
    expect([...(await one.store.ask('who?', 10_000, new Set(['mx2'])))]).to.deep.equal([['mx2', 'me']]);
  });

  it('is away while a node is, and counts again when that is back', async () => {
    const last = servers.at(-1);
    await last?.kill();
    await until('a shard that fails', async () => {
      const calls = Array.from({ length: SHARDS }, (_, shard) =>
        one.store.count(failures(shard, 1, 4), rules),
      );
      return (await Promise.allSettled(calls)).some(({ status }) => status === 'rejected');
    });
    await one.down();
    await last?.start();
    await one.up();
    const call = async () => (await one.store.count(failures(9, 1, 5), rules)).before >= 0;
    await until('a count', () => call().catch(() => false));
  });
});
