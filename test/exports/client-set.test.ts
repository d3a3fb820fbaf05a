// A set of client keys in parts is a set.

import { expect } from 'chai';
import fc from 'fast-check';
import { ClientSet } from '../../src/exports/client-set.ts';

const KEY = fc.oneof(
  fc.ipV4(),
  fc.nat(300).map((i) => `2001:db8:${i.toString(16)}::/64`),
);

describe('exports/client-set', () => {
  it('has each key that was added, and no other, and adds none twice', () => {
    fc.assert(
      fc.property(fc.array(KEY), fc.array(KEY), (added, others) => {
        const [set, known] = [new ClientSet(), new Set<string>()];
        for (const key of added) {
          expect(set.add(key)).to.equal(!known.has(key));
          known.add(key);
        }
        for (const key of [...added, ...others]) expect(set.has(key)).to.equal(known.has(key));
      }),
    );
  });
});
