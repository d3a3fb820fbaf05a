// mynetworks of Postfix: its patterns as networks, and what cannot be told in networks.

import { expect } from 'chai';
import fc from 'fast-check';
import { AllowList } from '../../src/blocks/allow.ts';
import { networksOf, PatternError, patternsIn, withoutComments } from '../../src/config/mynetworks.ts';
import { ipv4Text } from '../../src/values/address.ts';

const read = (text: string, coversBelow = true) => networksOf(patternsIn(text), coversBelow);

describe('config/mynetworks', () => {
  const good: readonly (readonly [text: string, networks: readonly string[], why: string])[] = [
    ['', [], 'nothing'],
    ['127.0.0.0/8 192.0.2.7', ['127.0.0.0/8', '192.0.2.7'], 'addresses and networks'],
    ['127.0.0.0/8,192.0.2.7\t,\n192.0.2.8', ['127.0.0.0/8', '192.0.2.7', '192.0.2.8'], 'every separator'],
    ['[::1]/128 [2001:db8::]/32', ['::1/128', '2001:db8::/32'], 'brackets around the address'],
    ['[2001:db8::/32] [::1]', ['2001:db8::/32', '::1'], 'brackets around all'],
    ['[192.0.2.0]/24', ['192.0.2.0/24'], 'brackets around IPv4'],
    ['192.0.2.7 192.0.2.7', ['192.0.2.7'], 'one twice'],
    ['!!192.0.2.7', ['192.0.2.7'], 'a negation that is negated'],
    ['192.168 10.', [], 'numbers that Postfix ignores too'],
    ['!192.0.2.0/25 192.0.2.0/24', ['192.0.2.128/25'], 'an exclusion in front'],
    ['192.0.2.0/24 !192.0.2.0/25', ['192.0.2.0/24'], 'an exclusion behind, which never decides'],
    ['!192.0.2.0/24 192.0.2.0/25', [], 'an exclusion of all'],
    ['!192.0.2.9 192.0.2.8/30', ['192.0.2.8/32', '192.0.2.10/31'], 'an exclusion within'],
    ['![2001:db8::]/33 [2001:db8::]/32', ['2001:db8:8000::/33'], 'an exclusion of IPv6'],
    ['![2001:db8::]/32 192.0.2.0/24', ['192.0.2.0/24'], 'an exclusion of the other family'],
    ['mail.example.com', ['mail.example.com', '.mail.example.com'], 'a name with those below it'],
    ['.Example.com', ['.example.com'], 'the names below a domain, in any case'],
  ];
  for (const [text, networks, why] of good) {
    it(`understands ${JSON.stringify(text)}: ${why}`, () => expect(read(text)).to.deep.equal(networks));
  }

  it('takes a name for itself alone where Postfix does', () => {
    expect(read('mail.example.com', false)).to.deep.equal(['mail.example.com']);
  });

  const bad: readonly (readonly [text: string, holds: string, why: string])[] = [
    ['hash:/etc/postfix/network', 'holds the lookup table "hash:/etc/postfix/network"', 'a table'],
    ['!cidr:/etc/postfix/network', 'holds the lookup table "cidr:/etc/postfix/network"', 'a table excluded'],
    ['::1', 'holds the lookup table "::1"', 'IPv6 without brackets, as Postfix reads it'],
    ['192.0.2.0/255.255.255.0', 'holds "192.0.2.0/255.255.255.0", which is not a valid network', 'a mask'],
    ['192.0.2.1/24', 'holds "192.0.2.1/24", which is not a valid network', 'bits behind the prefix'],
    ['[::1', 'holds "[::1", which is not a valid network', 'a bracket that is not closed'],
    ['192.0.2.1 !', 'holds "!" without a pattern', 'an exclusion of nothing'],
    ['!a.example.com 192.0.2.0/24', 'holds the client name "a.example.com" together with "!"', 'a name'],
    ['!192.0.2.1 example.com', 'holds the client name "example.com" together with "!"', 'a name behind one'],
  ];
  for (const [text, holds, why] of bad) {
    it(`does not understand ${JSON.stringify(text)}: ${why}`, () =>
      expect(() => read(text)).to.throw(PatternError, holds));
  }

  it('reads a file without its comments', () => {
    expect(withoutComments('# ours\n192.0.2.1\n  # theirs\n192.0.2.2 #x\n').split('\n')).to.deep.equal([
      '',
      '192.0.2.1',
      '',
      '192.0.2.2 #x',
      '',
    ]);
  });

  it('has an end, however much there is', () => {
    const many = (mark: string, count: number) =>
      Array.from({ length: count }, (_, i) => `${mark}${ipv4Text(i * 2)}`).join(' ');
    expect(() => read(many('', 10_001))).to.throw(PatternError, 'more than 10000 networks');
    expect(() => read(many('!', 1001))).to.throw(PatternError, 'more than 1000 exclusions');
    expect(read(`${many('!', 500)} 0.0.0.0/0`)).to.have.lengthOf.below(10_000);
  });

  it('covers exactly what the first pattern that matches lets in', () => {
    const network = fc.tuple(fc.nat(15), fc.integer({ min: 28, max: 32 })).map(([low, bits]) => {
      const first = low & (0xff << (32 - bits));
      return { first, bits };
    });
    const patterns = fc.array(fc.tuple(fc.boolean(), network), { maxLength: 8 });
    fc.assert(
      fc.property(patterns, (list) => {
        const text = list.map(([not, { first, bits }]) => `${not ? '!' : ''}192.0.2.${first}/${bits}`);
        const allow = new AllowList(read(text.join(' ')));
        for (let last = 0; last < 16; last++) {
          const decides = list.find(([, { first, bits }]) => (last ^ first) >> (32 - bits) === 0);
          const isIn = decides !== undefined && !decides[0];
          expect(allow.covers(`192.0.2.${last}`, undefined), `${text} ${last}`).to.equal(isIn);
        }
      }),
      { numRuns: 300 },
    );
  });
});
