// Networks in CIDR form: which have addresses in common.

import { expect } from 'chai';
import fc from 'fast-check';
import { networkText } from '../../src/values/address.ts';
import { isWithin, overlaps, type ParsedNetwork, parseNetwork } from '../../src/values/network.ts';

function parsed(text: string): ParsedNetwork {
  const network = parseNetwork(text);
  if (network === undefined) throw new Error(text);
  return network;
}

describe('values/network: two networks', () => {
  for (const [one, other, isCommon] of [
    ['192.0.2.0/24', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['192.0.2.0/24', '192.0.3.0/24', false],
    ['::/0', 'ffff::', true],
    ['::/0', '0.0.0.0/0', false],
    ['2001:db8::/33', '2001:db8:8000::/33', false],
    ['2001:db8::/32', '2001:db8:8000::/33', true],
    ['::ffff:192.0.2.0/120', '192.0.2.7', true],
  ] as const)
    it(`${one} and ${other} ${isCommon ? 'have' : 'do not have'} an address in common`, () => {
      expect(overlaps(parsed(one), parsed(other))).to.equal(isCommon);
      expect(overlaps(parsed(other), parsed(one))).to.equal(isCommon);
    });

  it('have one in common exactly if one lies in the other', () => {
    const group = fc.constantFrom(0, 1, 0x8000, 0xffff);
    const network = fc
      .tuple(fc.array(group, { minLength: 8, maxLength: 8 }), fc.integer({ min: 0, max: 128 }))
      .map(([groups, bits]) => networkText([0x2001, ...groups.slice(1)], bits));
    fc.assert(
      fc.property(network, network, (one, other) => {
        const within = isWithin(one, parsed(other)) || isWithin(other, parsed(one));
        expect(overlaps(parsed(one), parsed(other))).to.equal(within);
      }),
    );
  });
});
