// The CRC-32 of two texts joined is that of the whole.

import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { joinedSum } from '../../../src/state/snapshot/joined-sum.ts';

describe('state/snapshot/joined-sum', () => {
  it('is the checksum of both texts, one behind the other', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.uint8Array({ maxLength: 500 }), (before, after) => {
        const whole = crc32(Buffer.concat([before, after]));
        expect(joinedSum(crc32(before), crc32(after), after.length)).to.equal(whole);
      }),
    );
  });

  it('holds for texts of many megabytes', () => {
    const [before, after] = [Buffer.from('head'), Buffer.alloc(20_000_001, 'line')];
    expect(joinedSum(crc32(before), crc32(after), after.length)).to.equal(
      crc32(Buffer.concat([before, after])),
    );
  });
});
