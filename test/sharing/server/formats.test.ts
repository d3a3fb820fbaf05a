// The values that hosts of two releases read and write beside each other. A release that changes them must read these too.

import { expect } from 'chai';
import { codeNamed } from '../../../src/blocks/events/codes.ts';
import type { SharedEvent } from '../../../src/sharing/shared-store.ts';
import { AUTH, START, termsOf } from '../../blocks/blocks-fixture.ts';
import { describeReal } from '../../harness/real.ts';
import { REDIS, RedisServer } from '../../harness/redis.ts';
import { addressesOf, batchOf, newPrefix, StoreFixture, sharedRules } from './store-fixture.ts';

const SHARD = 5;
const [PLAIN = '', NAMED = '', GOOD = '', OTHER = '', BLOCKED = ''] = addressesOf(SHARD, 5);
const FAILURE = codeNamed('auth-failure');
const CONTENT = codeNamed('content');
const rule = { ...AUTH, share: 0.5, forgive: 'login' } as const;
const rules = sharedRules(
  termsOf({ rules: [rule, { ...AUTH, name: 'content', counts: ['content'], share: 0.5 }] }),
);

type Content = SharedEvent extends infer Event
  ? Event extends SharedEvent
    ? Omit<Event, 'at' | 'number'>
    : never
  : never;

function numbered(contents: readonly Content[], first: number): readonly SharedEvent[] {
  return contents.map((content, i) => ({ ...content, at: START + first + i, number: first + i }));
}

const message: Content = { key: GOOD, type: 'message', recipients: 3 };
const content = (key: string): Content => ({ key, type: 'abuse', code: CONTENT });
const failure = (key: string, user?: number): Content => ({ key, type: 'abuse', code: FAILURE, user });

/** What led to the values. */
const EVENTS = numbered(
  [
    content(PLAIN),
    failure(PLAIN),
    failure(NAMED, 5),
    failure(NAMED, 6),
    { key: NAMED, type: 'login', user: 7 },
    { key: NAMED, type: 'login' },
    ...Array.from({ length: 4 }, () => message),
    { key: OTHER, type: 'connection' },
    ...Array.from({ length: 3 }, () => failure(BLOCKED)),
  ],
  1,
);

const NUMBERS = '[["2025-03-04T05:06:07.890Z","14"]]';
/** Hexadecimal, by kind of hash and client. */
const ROWS = [
  ['w', PLAIN, '00cf000032abf18132750c'],
  ['w', NAMED, 'ff92cf000032abf18132a12094cf000001955f8c099505cf000001955f8c09960690'],
  ['g', NAMED, '00ce67c68a3fce67c68a3f000007cf000001955f8c0997cf0000ffffffffffffcf000001955f8c0998'],
  ['g', GOOD, '00ce67c68a3fce67c68a3f0400'],
  ['k', OTHER, '00ce67c68a3f000000'],
] as const;
/** The block in the stream, and what is kept of its client. */
const CHANGE =
  '{"event":"block","ip":"198.51.1.59","at":1741064767904,"until":1741068367904,"version":1,"enforced":true,"rule":"auth","count":3}';
const STATE =
  '{"b":[{"h":"mx1","s":1741064767904,"r":"auth","u":1741068367904,"j":"{\\"event\\":\\"block\\",\\"ip\\":\\"198.51.1.59\\",\\"at\\":1741064767904,\\"until\\":1741068367904,\\"version\\":1,\\"enforced\\":true,\\"rule\\":\\"auth\\",\\"count\\":3}","k":"[\\"auth\\",3,null,null]"}],"ga":0,"m":{},"g":0,"f":0}';

const HEX = `(ARGV[2]:gsub('%x%x', function(byte) return string.char(tonumber(byte, 16)) end))`;
const IN_HEX = `(redis.call('HGET', KEYS[1], ARGV[1]):gsub('.', function(c) return string.format('%02x', c:byte()) end))`;

describeReal('sharing/server/formats', REDIS, () => {
  let server: RedisServer;
  before(async () => {
    server = await RedisServer.start();
  });
  after(() => server.kill());

  async function host(prefix: string): Promise<StoreFixture> {
    return await new StoreFixture({ urls: [server.socket], prefix }).up();
  }

  /** The name of the only hash of a kind. */
  function hashOf(prefix: string, kind: string): string {
    return server.cli('keys', `${prefix}:{pb:${SHARD}}:${kind}:*`);
  }

  async function written(prefix: string): Promise<void> {
    const { store } = await host(prefix);
    await store.count(batchOf(SHARD, EVENTS), rules);
    await store.close();
  }

  it('are written in this form', async () => {
    const prefix = newPrefix();
    await written(prefix);
    const key = (name: string) => `${prefix}:{pb:${SHARD}}:${name}`;
    for (const [kind, client, hex] of ROWS) {
      const value = server.cli('eval', `return ${IN_HEX}`, '1', hashOf(prefix, kind), client);
      expect(value, `${kind} ${client}`).to.equal(hex);
    }
    expect(server.cli('get', key('n:mx1//var/log/mail.log'))).to.equal(NUMBERS);
    expect(JSON.parse(server.cli('hget', key('c'), BLOCKED))).to.deep.equal(JSON.parse(STATE));
    const [, ...fields] = server.cli('xrange', key('s'), '-', '+').split('\n');
    expect(fields).to.have.ordered.members(['host', 'mx1', 'change', fields[3]]);
    expect(JSON.parse(fields[3] ?? '')).to.deep.equal(JSON.parse(CHANGE));
  });

  it('are read in this form', async () => {
    const [from, to] = [newPrefix(), newPrefix()];
    await written(from);
    const key = (name: string) => `${to}:{pb:${SHARD}}:${name}`;
    for (const [kind, client, hex] of ROWS) {
      const name = hashOf(from, kind).replace(from, to);
      server.cli('eval', `return redis.call('HSET', KEYS[1], ARGV[1], ${HEX})`, '1', name, client, hex);
    }
    server.cli('set', key('n:mx1//var/log/mail.log'), NUMBERS);
    server.cli('hset', key('c'), BLOCKED, STATE);
    server.cli('xadd', key('s'), '*', 'host', 'mx2', 'change', CHANGE);
    const { store } = await host(to);
    const more = numbered(
      [
        ...[PLAIN, PLAIN, GOOD, GOOD, GOOD].map(content),
        failure(NAMED, 10),
        failure(BLOCKED),
        { key: OTHER, type: 'message', recipients: 1 },
      ],
      15,
    );
    expect(await store.count(batchOf(SHARD, [...EVENTS, ...more]), rules)).to.deep.equal({ before: 14 });
    const { entries } = await store.read(SHARD, '0');
    expect(entries.map(({ change }) => `${change.type} ${change.ip}`)).to.deep.equal([
      `block ${BLOCKED}`,
      `block ${PLAIN}`,
      `spared ${GOOD}`,
      `block ${NAMED}`,
    ]);
    expect(entries.map(({ change }) => ('bad' in change ? [change.bad, change.good] : []))[2]).to.deep.equal([
      3, 4,
    ]);
    // A client that has its first good mail is kept among others.
    expect(server.cli('hexists', hashOf(to, 'k'), OTHER)).to.match(/^0?$/);
    expect(server.cli('hexists', hashOf(to, 'g'), OTHER)).to.equal('1');
    await store.close();
  });

  it('of a report have fields that only a newer release knows', async () => {
    const prefix = newPrefix();
    const fixture = await host(prefix);
    await fixture.store.report({ version: '1', digest: 'a', lag: 0 });
    const newer = { version: '9', digest: 'a', lag: 0, seen: Date.now(), sends: 'by-owl', new: [1] };
    server.cli('hset', `${prefix}:{pb:64}:h`, 'mx9', JSON.stringify(newer));
    const hosts = await fixture.store.hosts();
    expect(hosts.map(({ host, version, sends }) => [host, version, sends])).to.have.deep.members([
      ['mx1', '1', undefined],
      ['mx9', '9', undefined],
    ]);
    await fixture.store.close();
  });
});
