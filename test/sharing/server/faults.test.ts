// Faults of the server: each call says why it failed, and the connection comes back by itself.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { codeNamed } from '../../../src/blocks/events/codes.ts';
import { shardOf } from '../../../src/sharing/shard.ts';
import { COMMON, StoreError } from '../../../src/sharing/shared-store.ts';
import { AUTH, eventOf, START, termsOf } from '../../blocks/blocks-fixture.ts';
import { describeReal } from '../../harness/real.ts';
import { freePort, REDIS, RedisServer } from '../../harness/redis.ts';
import { until } from '../../harness/until.ts';
import { addressesOf, batchOf, newPrefix, StoreFixture, sharedEvent, sharedRules } from './store-fixture.ts';

const CLIENT = '192.0.2.1';
const SHARD = shardOf(CLIENT);
const [OTHER = ''] = addressesOf(SHARD, 1);
const GRACE = { type: 'grace', at: START, until: START + 1, hand: { by: 'anna', why: '' } } as const;
const REPORT = { version: '1.1.0', digest: 'abc', lag: 0 };
/** What scripts and the client use. */
const COMMANDS = [
  ...[
    'hello',
    'eval',
    'evalsha',
    'subscribe',
    'publish',
    'time',
    'type',
    'get',
    'mget',
    'set',
    'del',
    'rename',
  ],
  'pexpireat',
  ...[
    'pexpire',
    'pttl',
    'hset',
    'hget',
    'hmget',
    'hdel',
    'hlen',
    'hgetall',
    'hvals',
    'hscan',
    'zadd',
    'zrem',
    'zcount',
  ],
  ...['zscore', 'zrangebyscore', 'xadd', 'xlen', 'xtrim', 'xrange', 'xrevrange', 'rpush', 'llen', 'lrange'],
].map((name) => `+${name}`);
const rules = sharedRules(termsOf());

function failures(count: number, first = 1) {
  const numbered = Array.from({ length: count }, (_, i) => sharedEvent(eventOf(CLIENT, i), first + i));
  return batchOf(SHARD, numbered);
}

/** Why a call fails; undefined where it does not. */
async function failureOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    expect(error).to.be.instanceOf(StoreError);
    return error instanceof StoreError ? error.failure : undefined;
  }
}

describeReal('sharing/server/faults: faults of the server', REDIS, () => {
  let server: RedisServer;
  let fixture: StoreFixture;
  const prefix = newPrefix();
  const open = async (): Promise<StoreFixture> => {
    fixture = new StoreFixture({ urls: [server.socket], prefix, timeout: 1000 });
    return await fixture.up();
  };

  beforeEach(async () => {
    server = await RedisServer.start();
  });
  afterEach(async () => {
    await fixture.store.close();
    await server.kill();
  });

  it('gone: calls fail at once, and it is found when it is back', async () => {
    const { store } = await open();
    await server.kill();
    expect(await fixture.down()).to.not.equal('');
    expect(await failureOf(store.count(failures(1), rules))).to.equal('unreachable');
    await server.start();
    await fixture.up();
    expect(await store.count(failures(1), rules)).to.deep.equal({ before: 0 });
    expect(fixture.turns.map(({ isUp }) => isUp)).to.deep.equal([true, false, true]);
  });

  it('not there at the start: it is waited for', async () => {
    await server.kill();
    fixture = new StoreFixture({ urls: [server.socket], prefix });
    await fixture.down();
    await server.start();
    await fixture.up();
  });

  it('stopped: a call ends with its deadline', async () => {
    const { store } = await open();
    server.pause();
    expect(await failureOf(store.count(failures(1), rules))).to.equal('slow');
    await fixture.down();
    expect(await failureOf(store.count(failures(1), rules))).to.be.oneOf(['slow', 'unreachable']);
    server.resume();
    await fixture.up();
    expect(await failureOf(store.count(failures(1), rules))).to.equal(undefined);
  });

  it('full: nothing is half done, and it counts again when there is room', async () => {
    const { store } = await open();
    await store.count(failures(2), rules);
    server.cli('config', 'set', 'maxmemory', '1');
    expect(await failureOf(store.count(failures(1, 3), rules))).to.equal('full');
    await fixture.down();
    server.cli('config', 'set', 'maxmemory', '0');
    await fixture.up();
    expect(await store.count(failures(1, 3), rules)).to.deep.equal({ before: 2 });
    expect((await store.read(SHARD, '0')).entries).to.have.length(1);
  });

  it('read-only: a replica does not count', async () => {
    const { store } = await open();
    server.cli('replicaof', '127.0.0.1', '1');
    expect(await failureOf(store.count(failures(1), rules))).to.equal('read-only');
    await fixture.down();
    expect(fixture.turns.at(-1)?.reason).to.contain('READONLY');
    server.cli('replicaof', 'no', 'one');
    await fixture.up();
  });

  it('emptied: what it holds has another name', async () => {
    const { store } = await open();
    const { generation } = await store.report(REPORT);
    await store.count(failures(2), rules);
    server.cli('flushall');
    expect((await store.report(REPORT)).generation).to.not.equal(generation);
    expect(await store.count(failures(1, 3), rules)).to.deep.equal({ before: 0 });
  });

  it('without its scripts: it gets them again', async () => {
    const { store } = await open();
    await store.count(failures(2), rules);
    server.cli('script', 'flush');
    expect(await store.count(failures(1, 3), rules)).to.deep.equal({ before: 2 });
  });

  it('busy with a script of another: a call ends with its deadline', async () => {
    const { store } = await open();
    server.cli('config', 'set', 'lua-time-limit', '100');
    server.background('eval', 'while true do end', '0');
    await until('a busy server', () => /BUSY/.test(server.cli('ping')));
    expect(await failureOf(store.count(failures(1), rules))).to.equal('slow');
    server.cli('script', 'kill');
    await fixture.up();
  });
});

describeReal('sharing/server/faults: keys of another program', REDIS, () => {
  let server: RedisServer;
  let fixture: StoreFixture;
  const shard = (key: string, number = SHARD) => `${prefix}:{pb:${number}}:${key}`;
  let prefix: string;

  before(async () => {
    server = await RedisServer.start();
  });
  after(() => server.kill());
  beforeEach(async () => {
    prefix = newPrefix();
    fixture = await new StoreFixture({ urls: [server.socket], prefix }).up();
  });
  afterEach(() => fixture.store.close());

  async function expectBlock(): Promise<void> {
    await fixture.store.count(failures(3), rules);
    expect((await fixture.store.read(SHARD, '0')).entries).to.have.length(1);
  }

  /** For two clients a failure with a user; for one of them a login of another one, for one a connection. */
  async function countMixed(turn: number): Promise<void> {
    const forgiving = sharedRules(termsOf({ rules: [{ ...AUTH, share: 0.1, forgive: 'login' }] }));
    const at = START + turn;
    const failure = { type: 'abuse', code: codeNamed('auth-failure'), user: 10 + turn, at } as const;
    const first = 4 * turn + 1;
    const events = [
      { ...failure, key: CLIENT },
      { ...failure, key: OTHER },
      { type: 'login', user: 7, key: OTHER, at } as const,
      { type: 'connection', key: CLIENT, at } as const,
    ].map((event, i) => ({ ...event, number: first + i }));
    await fixture.store.count(batchOf(SHARD, events), forgiving);
  }

  for (const key of ['s', 'i', 'c'])
    it(`${key}: it is set aside, and told`, async () => {
      server.cli('set', shard(key), 'theirs');
      await expectBlock();
      expect(fixture.asides).to.deep.equal([shard(key)]);
      const kept = server.cli('keys', shard('x:*')).split('\n');
      expect(kept).to.have.length(1);
      expect(server.cli('get', kept[0] ?? '')).to.equal('theirs');
      expect(Number(server.cli('ttl', kept[0] ?? ''))).to.be.above(0);
    });

  for (const value of [
    'theirs',
    '',
    '{}',
    '[1]',
    '{"f":0,"g":0,"ga":0,"b":[{"s":1}],"m":{}}',
    // of MessagePack: an array, a window of which the events are a number, texts and nothing
    '\x93\x01\x02\x03',
    '\x01\x02\x03',
    '\x7f\u00a1a',
  ])
    it(`fields of clients with ${JSON.stringify(value)}: the clients are counted all the same`, async () => {
      await countMixed(0);
      await fixture.store.publish(SHARD, { ...GRACE, ip: CLIENT }, Date.now());
      for (const kind of ['w:*', 'g:*', 'k:*', 'c']) {
        const name = server.cli('keys', shard(kind));
        for (const client of [CLIENT, OTHER]) server.cli('hset', name, client, value);
      }
      await countMixed(1);
      await countMixed(2);
      await countMixed(3);
      const { entries } = await fixture.store.read(SHARD, '0');
      const blocked = entries.filter(({ change }) => change.type === 'block').map(({ change }) => change.ip);
      expect(blocked).to.deep.equal([CLIENT, OTHER]);
    });

  it('hashes of clients that are lists: they are set aside, and the client is counted all the same', async () => {
    await fixture.store.count(failures(1), rules);
    const name = server.cli('keys', shard('w:*'));
    server.cli('del', name);
    server.cli('rpush', name, 'theirs');
    await fixture.store.count(failures(3, 2), rules);
    expect((await fixture.store.read(SHARD, '0')).entries).to.have.length(1);
    expect(fixture.asides).to.deep.equal([name]);
  });

  it('numbers as a list: the client is counted all the same', async () => {
    server.cli('rpush', shard('n:mx1//var/log/mail.log'), 'theirs');
    await expectBlock();
  });

  for (const value of ['theirs', '{}', '[[1]]', '[["x","y"]]'])
    it(`numbers that are ${value}: they begin again`, async () => {
      server.cli('set', shard('n:mx1//var/log/mail.log'), value);
      await expectBlock();
    });

  it('numbers of another type, or of another form: they are set aside, and told', async () => {
    const numbers = shard('n:mx1//var/log/mail.log');
    server.cli('rpush', numbers, 'theirs');
    await expectBlock();
    server.cli('set', numbers, 'theirs');
    await fixture.store.count(failures(3), rules);
    expect(fixture.asides).to.deep.equal([numbers, numbers]);
  });

  it('the hosts: they are set aside', async () => {
    server.cli('set', shard('h', COMMON), 'theirs');
    expect(await fixture.store.hosts()).to.deep.equal([]);
    await fixture.store.report(REPORT);
    expect(await fixture.store.hosts()).to.have.length(1);
    expect(fixture.asides).to.deep.equal([shard('h', COMMON)]);
  });

  it('entries of a stream that nobody wrote like that: they are passed over', async () => {
    const add = (...fields: readonly string[]) => server.cli('xadd', shard('s'), '*', ...fields);
    const entry = { version: 1, event: 'block', at: 1, until: 2, ip: CLIENT, rule: 'auth', count: 3 };
    add('other', 'fields');
    add('host', 'mx9', 'change', 'no JSON');
    add('host', 'mx9', 'change', '{}');
    add('host', 'mx9', 'change', JSON.stringify({ ...entry, ip: '192.0.2.2' }));
    add('host', 'mx9', 'change', JSON.stringify({ ...entry, at: 1e300 }));
    add('host', 'mx9', 'change', JSON.stringify({ ...entry, rule: 'x'.repeat(20_000) }));
    add('host', 'x'.repeat(300), 'change', JSON.stringify(entry));
    add('host', 'mx9', 'change', JSON.stringify({ ...entry, version: 1000 }));
    const id = add('host', 'mx9', 'change', JSON.stringify(entry));
    const { entries, last, unknown } = await fixture.store.read(SHARD, '0');
    expect(entries.map((one) => one.id)).to.deep.equal([id]);
    expect({ last, unknown }).to.deep.equal({ last: id, unknown: 1 });
  });

  it('messages that no host sends: they are passed over', async () => {
    for (const message of ['', 'x', '-1', '65', '1e999', 'NaN'])
      server.cli('publish', `${prefix}:wake`, message);
    for (const message of ['', '{}', '[]', '{"id":1}']) server.cli('publish', `${prefix}:ask`, message);
    server.cli('publish', `${prefix}:answers:mx1`, 'none');
    server.cli('publish', `${prefix}:wake`, '64');
    await until('the last message', () => fixture.changedShards.includes(COMMON));
    expect(fixture.changedShards).to.deep.equal([COMMON]);
  });
});

describeReal('sharing/server/faults: access', REDIS, () => {
  let server: RedisServer;
  let fixture: StoreFixture;
  afterEach(async () => {
    await fixture.store.close();
    await server.kill();
  });

  it('with a wrong password is refused, and reported as wrong', async () => {
    server = await RedisServer.start('--requirepass', 'right');
    fixture = new StoreFixture({ urls: [server.socket], password: 'wrong' });
    expect(await fixture.down()).to.contain('WRONGPASS');
    expect(await failureOf(fixture.store.hosts())).to.equal('wrong');
    await fixture.store.close();
    fixture = new StoreFixture({ urls: [server.socket] });
    expect(await fixture.down()).to.contain('NOAUTH');
    await fixture.store.close();
    fixture = await new StoreFixture({ urls: [server.socket], password: 'right' }).up();
  });

  it('needs no more commands than these', async () => {
    server = await RedisServer.start();
    server.cli('acl', 'setuser', 'postblock', 'on', '>secret', '~postblock:*', '&postblock:*', ...COMMANDS);
    server.cli('acl', 'setuser', 'default', 'off');
    const access = { user: 'postblock', password: 'secret', prefix: 'postblock' };
    fixture = await new StoreFixture({ urls: [server.socket], ...access }).up();
    const { store } = fixture;
    const shared = { at: 1, until: Date.now(), hand: { by: 'anna', why: '' } };
    await store.count(failures(3), rules);
    await store.report(REPORT);
    await store.publish(SHARD, { type: 'grace', ip: CLIENT, ...shared }, Date.now());
    await store.publish(COMMON, { type: 'allow', ip: CLIENT, ...shared }, Date.now());
    for (const number of [SHARD, COMMON]) {
      await store.read(number, '0');
      await store.readAll(number, () => {});
    }
    await store.hosts();
    await store.ask('who?', 10, new Set(['mx2']));
    await store.leave();
  });

  it('over TLS needs a certificate that the authority signed', async () => {
    const port = await freePort();
    server = new RedisServer();
    const files = certificatesIn(server.folder);
    const tls = [
      '--tls-cert-file',
      files.certificate,
      '--tls-key-file',
      files.key,
      '--tls-ca-cert-file',
      files.ca,
    ];
    await server.kill();
    server = await RedisServer.start('--tls-port', String(port), ...tls, '--tls-auth-clients', 'no');
    const urls = [`rediss://localhost:${port}`];
    fixture = new StoreFixture({ urls, ca: readFileSync(files.otherCa, 'utf8') });
    await fixture.down();
    expect(await failureOf(fixture.store.hosts())).to.equal('wrong');
    await fixture.store.close();
    fixture = await new StoreFixture({ urls, ca: readFileSync(files.ca, 'utf8') }).up();
    await fixture.store.report(REPORT);
    await fixture.store.close();
    fixture = new StoreFixture({ urls: [`redis://localhost:${port}`], ca: readFileSync(files.ca, 'utf8') });
    await fixture.down();
  });
});

function certificatesIn(folder: string) {
  const file = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  for (const ca of ['ca', 'other'])
    openssl('req', '-x509', ...key, '-subj', `/CN=${ca}`, '-keyout', `${ca}.key`, '-out', `${ca}.pem`);
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  openssl(
    'req',
    '-x509',
    ...key,
    ...name,
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-keyout',
    'key.pem',
    '-out',
    'cert.pem',
  );
  return {
    ca: file('ca.pem'),
    otherCa: file('other.pem'),
    certificate: file('cert.pem'),
    key: file('key.pem'),
  };
}
