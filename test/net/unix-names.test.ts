// The path of a bound unix socket, as /proc/net/unix of proc(5) has it.

import { expect } from 'chai';
import { pathOf } from '../../src/net/unix-names.ts';

const TABLE = `Num       RefCount Protocol Flags    Type St Inode Path
000000001d40eb54: 00000003 00000000 00000000 0001 03  1089
000000008a2fb210: 00000002 00000000 00010000 0001 01 18273 /run/postblock/control.sock
000000008a2fb211: 00000002 00000000 00010000 0001 01 18274 /srv/two words/12 /policy
000000008a2fb212: 00000002 00000000 00010000 0001 01 18275 @abstract
`;

describe('net/unix-names', () => {
  for (const [inode, path] of [
    [18273, '/run/postblock/control.sock'],
    [18274, '/srv/two words/12 /policy'],
    [1089, undefined],
    [18275, undefined],
    [8273, undefined],
    [12, undefined],
    [0, undefined],
  ] as const)
    it(`finds ${path ?? 'none'} for ${inode}`, () => expect(pathOf(TABLE, inode)).to.equal(path));
});
