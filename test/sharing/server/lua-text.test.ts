// Values as Lua source: the server reads what was written, whatever a rule is called.

import { createClient } from '@redis/client';
import { expect } from 'chai';
import fc from 'fast-check';
import { type LuaValue, luaOf } from '../../../src/sharing/server/lua-text.ts';
import { describeReal } from '../../harness/real.ts';
import { REDIS, RedisServer } from '../../harness/redis.ts';

describeReal('sharing/server/lua-text', REDIS, () => {
  let server: RedisServer;
  let close: () => void = () => {};
  let read: (value: LuaValue) => Promise<unknown>;

  before(async () => {
    server = await RedisServer.start();
    const client = createClient({ socket: { path: server.socket, tls: false } });
    await client.connect();
    close = () => client.destroy();
    read = async (value) =>
      JSON.parse(String(await client.sendCommand(['EVAL', `return cjson.encode(${luaOf(value)})`, '0'])));
  });
  after(async () => {
    close();
    await server.kill();
  });

  it('gives any text as it is', () => {
    const text = fc.string({ unit: 'binary' });
    return fc.assert(
      fc.asyncProperty(text, async (one) => {
        expect(await read([one])).to.deep.equal([one]);
      }),
    );
  });

  it('gives numbers, lists and names as they are', async () => {
    const value = { a: [1, 0.1, 1e15, -2], "b'": { c: true, d: 'x' }, e: [[1], [2, 3]] };
    expect(await read(value)).to.deep.equal(value);
  });

  it('has no form for a number that is not finite', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => luaOf(value)).to.throw(RangeError);
  });
});
