// Client addresses: what is one, under which key it is counted, checked against ipaddr.js and node:net.

import { isIPv6 } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { clientKey, ipv4Text, networkText, parseIPv4, parseIPv6 } from '../../src/values/address.ts';

const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
const groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });
/** Texts that are nearly addresses: what an address is made of, in any order. */
const nearly = fc
  .array(
    fc.constantFrom('0', '1', '9', 'a', 'F', ':', '::', '.', '255', '256', 'ffff', '%', ' ', 'g', '1.2.3.4'),
    {
      maxLength: 16,
    },
  )
  .map((parts) => parts.join(''));

describe('values/address: client addresses', () => {
  const good: readonly [text: string, key: string, why: string][] = [
    ['192.0.2.1', '192.0.2.1', 'IPv4 counts by address'],
    ['0.0.0.0', '0.0.0.0', 'the least IPv4 address'],
    ['255.255.255.255', '255.255.255.255', 'the last IPv4 address'],
    ['::ffff:192.0.2.1', '192.0.2.1', 'IPv4-mapped is IPv4'],
    ['::FFFF:192.0.2.1', '192.0.2.1', 'IPv4-mapped is IPv4, in capitals too'],
    ['::ffff:c000:201', '192.0.2.1', 'IPv4-mapped is IPv4, in hexadecimal too'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1', 'IPv4-mapped is IPv4, without a gap too'],
    ['::fffe:192.0.2.1', '::/64', 'not mapped: another prefix'],
    ['1::ffff:192.0.2.1', '1::/64', 'not mapped: a bit in front'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', 'IPv6 counts by prefix'],
    ['2001:DB8:0001:2::', '2001:db8:1:2::/64', 'one key for all forms of an address'],
    ['2001:db8::1', '2001:db8::/64', 'zero groups are shortened'],
    ['::1.2.3.4', '::/64', 'IPv4-compatible is IPv6'],
    ['::1', '::/64', 'loopback'],
    ['::', '::/64', 'the unspecified address'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64', 'a gap of one group'],
    ['::2:3:4:5:6:7:8', '0:2:3:4::/64', 'a gap of one group in front'],
    ['fe80::1%eth0', 'fe80::/64', 'a zone index is ignored'],
  ];
  for (const [text, key, why] of good) {
    it(`counts ${text} as ${key}: ${why}`, () => expect(clientKey(text, 64, [])).to.equal(key));
  }

  const bad: readonly [text: string, why: string][] = [
    ['', 'empty'],
    ['unknown', 'what Postfix prints for no address'],
    ['192.0.2', 'three octets'],
    ['192.0.2.1.5', 'five octets'],
    ['192.0.2.256', 'an octet over 255'],
    ['192.0.2.01', 'a leading zero'],
    ['192.0.2.', 'no last octet'],
    ['.192.0.2.1', 'a dot in front'],
    ['192..2.1', 'an empty octet'],
    ['192.0.2.-1', 'a sign'],
    ['192.0.2.1 ', 'a blank behind'],
    ['192.0.2.1%eth0', 'a zone index on IPv4'],
    ['192.0.2.0/24', 'a network'],
    ['1:2:3:4:5:6:7', 'seven groups'],
    ['1:2:3:4:5:6:7:8:9', 'nine groups'],
    ['1:2:3:4::5:6:7:8', 'a gap for nothing'],
    ['1::2::3', 'two gaps'],
    [':::', 'three colons'],
    ['1:', 'a colon behind'],
    [':1', 'a colon in front'],
    ['12345::', 'a group of five digits'],
    ['g::', 'not hexadecimal'],
    ['::\u0011', 'a control character'],
    ['::1.2.3', 'half an IPv4 tail'],
    ['1.2.3.4::', 'IPv4 in front of the gap'],
    ['::1.2.3.4:5', 'IPv4 before the end'],
    ['1:2:3:4:5:6:7:1.2.3.4', 'IPv4 tail with seven groups'],
    ['[::1]', 'brackets'],
    ['2001:db8::/64', 'a network'],
    ['%eth0', 'a zone index alone'],
    ['١.٢.٣.٤', 'digits of another script'],
    [`::1%${'x'.repeat(100)}`, 'longer than any address'],
  ];
  for (const [text, why] of bad) {
    it(`counts nothing under ${JSON.stringify(text)}: ${why}`, () =>
      expect(clientKey(text, 64, [])).to.equal(undefined));
  }

  it('takes for IPv4 what ipaddr.js takes for four decimal octets, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          nearly,
          octets.map((four) => four.join('.')),
          fc.string(),
        ),
        (text) => {
          const is = ipaddr.IPv4.isValidFourPartDecimal(text);
          expect(parseIPv4(text) >= 0).to.equal(is);
          if (is) expect(ipv4Text(parseIPv4(text))).to.equal(ipaddr.IPv4.parse(text).toString());
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('reads each form in which ipaddr.js or an administrator may write an IPv6 address', () => {
    const capitals = fc.boolean();
    fc.assert(
      fc.property(groups, capitals, (parts, isUpper) => {
        const address = new ipaddr.IPv6(parts);
        const forms = [address.toString(), long(parts), address.toNormalizedString(), dotted(parts)];
        for (const form of forms)
          expect(parseIPv6(isUpper ? form.toUpperCase() : form), form).to.deep.equal(parts);
      }),
    );
  });

  it('takes for IPv6 what node:net takes, and reads the same groups as ipaddr.js', () => {
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string()), (text) => {
        const bare = text.split('%', 1)[0] ?? '';
        const parsed = parseIPv6(text);
        expect(parsed !== undefined, text).to.equal(isIPv6(bare) && text.length <= 64);
        // With an IPv4 tail ipaddr.js also reads octal, and IPv4-compatible addresses as mapped.
        if (parsed !== undefined && !bare.includes('.'))
          expect(ipaddr.IPv6.parse(bare).parts).to.deep.equal(parsed);
      }),
      { numRuns: 5000 },
    );
  });

  it('writes the network of each prefix from 1 to 128 as RFC 5952 does', () => {
    fc.assert(
      fc.property(groups, fc.integer({ min: 1, max: 128 }), (parts, bits) => {
        const network = ipaddr.IPv6.networkAddressFromCIDR(
          `${new ipaddr.IPv6(parts)}/${bits}`,
        ).toRFC5952String();
        expect(networkText(parts, bits)).to.equal(bits === 128 ? network : `${network}/${bits}`);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives all addresses of one network one key, and those of two networks two', () => {
    fc.assert(
      fc.property(groups, groups, fc.integer({ min: 1, max: 128 }), (a, b, bits) => {
        const [one, two] = [new ipaddr.IPv6(a), new ipaddr.IPv6(b)];
        fc.pre(!one.isIPv4MappedAddress() && !two.isIPv4MappedAddress());
        const same = clientKey(one.toString(), bits, []) === clientKey(two.toString(), bits, []);
        expect(same).to.equal(one.match(two, bits));
      }),
    );
  });

  it('gives undefined for any text that is no address, and never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 80 }),
        fc.integer({ min: 1, max: 128 }),
        (text, bits) => {
          const bare = text.split('%', 1)[0] ?? '';
          const may = ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(bare);
          if (!may) expect(clientKey(text, bits, [])).to.equal(undefined);
        },
      ),
    );
  });
});

/** All digits of all groups. */
function long(parts: readonly number[]): string {
  return parts.map((part) => part.toString(16).padStart(4, '0')).join(':');
}

/** The last two groups as a dotted quad, nothing shortened. */
function dotted(parts: readonly number[]): string {
  const tail = parts.slice(6).flatMap((part) => [part >>> 8, part & 255]);
  const head = parts.slice(0, 6).map((part) => part.toString(16));
  return `${head.join(':')}:${tail.join('.')}`;
}
