// The allow list: networks and verified names, and which clients and keys they cover.

import { expect } from 'chai';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { AllowList, isClientName } from '../../src/blocks/allow.ts';
import { USUAL_PREFIXES } from '../../src/values/nat64.ts';
import { parseNetwork } from '../../src/values/network.ts';

describe('blocks/allow: allow list', () => {
  const covered: readonly [entry: string, address: string, name: string | undefined, why: string][] = [
    ['192.0.2.1', '192.0.2.1', undefined, 'an address'],
    ['192.0.2.0/24', '192.0.2.255', undefined, 'a network'],
    ['0.0.0.0/0', '203.0.113.7', undefined, 'all of IPv4'],
    ['255.255.255.255', '255.255.255.255', undefined, 'the last address'],
    ['128.0.0.0/1', '192.0.2.1', undefined, 'the upper half'],
    ['192.0.2.0/24', '::ffff:192.0.2.9', undefined, 'a mapped client is IPv4'],
    ['192.0.2.0/24', '::ffff:c000:209', undefined, 'a mapped client is IPv4, in hexadecimal too'],
    ['::ffff:192.0.2.1', '192.0.2.1', undefined, 'a mapped entry is IPv4'],
    ['::ffff:192.0.2.0/120', '192.0.2.9', undefined, 'a mapped network is IPv4'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1', undefined, 'a mapped entry covers the mapped client'],
    ['::1', '::1', undefined, 'an IPv6 address'],
    ['::1', '0:0:0:0:0:0:0:1', undefined, 'in each of its forms'],
    ['2001:db8:1::/48', '2001:db8:1:ffff::1', undefined, 'an IPv6 network'],
    ['2001:DB8:1::/48', '2001:db8:1::1', undefined, 'an IPv6 network in capitals'],
    ['fe80::/10', 'fe80::1%eth0', undefined, 'a client with a zone index'],
    ['mail.example.com', '192.0.2.1', 'mail.example.com', 'a name'],
    ['mail.example.com', '192.0.2.1', 'MAIL.Example.COM', 'a name in any case'],
    ['Mail.Example.com', '192.0.2.1', 'mail.example.com', 'an entry in any case'],
    ['.example.com', '192.0.2.1', 'mail.example.com', 'a name below a domain'],
    ['.example.com', '192.0.2.1', 'a.b.c.example.com', 'a name far below a domain'],
  ];
  for (const [entry, address, name, why] of covered) {
    it(`covers ${name ?? ''}[${address}] with ${entry}: ${why}`, () =>
      expect(new AllowList([entry]).covers(address, name)).to.equal(true));
  }

  const uncovered: readonly [entry: string, address: string, name: string | undefined, why: string][] = [
    ['192.0.2.1', '192.0.2.2', undefined, 'another address'],
    ['192.0.2.0/25', '192.0.2.128', undefined, 'the first one behind the network'],
    ['0.0.0.0/0', '2001:db8::1', undefined, 'IPv6'],
    ['::/0', '192.0.2.1', undefined, 'IPv4'],
    ['::/0', '::ffff:192.0.2.1', undefined, 'IPv4, as mapped'],
    ['2001:db8:1::/48', '2001:db8:2::1', undefined, 'another network'],
    ['192.0.2.0/24', 'unknown', undefined, 'no address'],
    ['mail.example.com', '192.0.2.1', undefined, 'a client without a verified name'],
    ['mail.example.com', '192.0.2.1', 'a.mail.example.com', 'a bare name covers only itself'],
    ['.example.com', '192.0.2.1', 'example.com', 'a domain covers only what is below it'],
    ['.example.com', '192.0.2.1', 'badexample.com', 'no dot between'],
    ['.example.com', '192.0.2.1', 'mail.example.com.evil.test', 'the domain in front'],
    ['unknown', '192.0.2.1', 'unknown', 'unknown is no name: Postfix verified nothing'],
  ];
  for (const [entry, address, name, why] of uncovered) {
    it(`does not cover ${name ?? ''}[${address}] with ${entry}: ${why}`, () =>
      expect(new AllowList([entry]).covers(address, name)).to.equal(false));
  }

  it('covers nobody when it is empty', () => {
    expect(new AllowList([]).covers('127.0.0.1', 'localhost')).to.equal(false);
  });

  const keys: readonly [entry: string, key: string, is: boolean, why: string][] = [
    ['192.0.2.0/24', '192.0.2.1', true, 'an IPv4 client in the network'],
    ['192.0.2.0/24', '192.0.3.1', false, 'an IPv4 client outside'],
    ['2001:db8:1::/48', '2001:db8:1:2::/64', true, 'the whole key lies in the network'],
    ['2001:db8:1:2::/64', '2001:db8:1:2::/64', true, 'the network is the key'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64', false, 'only one address of the key is allowed'],
    ['2001:db8:1:2:8000::/65', '2001:db8:1:2::/64', false, 'only half of the key is allowed'],
    ['2001:db8:1::/48', '2001:db8:2:2::/64', false, 'another network'],
    ['2001:db8::1', '2001:db8::1', true, 'a key of 128 bits'],
    ['.example.com', '192.0.2.1', false, 'a key has no name'],
  ];
  for (const [entry, key, is, why] of keys) {
    it(`${is ? 'covers' : 'does not cover'} the key ${key} with ${entry}: ${why}`, () =>
      expect(new AllowList([entry]).coversKey(key)).to.equal(is));
  }

  const badNetworks: readonly [text: string, why: string][] = [
    ['192.0.2.1/24', 'bits set behind the prefix'],
    ['192.0.2.0/33', 'a prefix over 32'],
    ['192.0.2.0/', 'no prefix'],
    ['192.0.2.0/-1', 'a sign'],
    ['192.0.2.0/24/24', 'two prefixes'],
    ['192.0.2.0/255.255.255.0', 'a netmask'],
    ['192.0.2', 'three octets'],
    ['2001:db8::1/64', 'bits set behind the prefix'],
    ['2001:db8::/129', 'a prefix over 128'],
    ['fe80::1%eth0', 'a zone index'],
    ['mail.example.com', 'a name'],
    ['', 'empty'],
  ];
  for (const [text, why] of badNetworks) {
    it(`takes ${JSON.stringify(text)} for no network: ${why}`, () =>
      expect(parseNetwork(text)).to.equal(undefined));
  }

  const names: readonly [text: string, is: boolean, why: string][] = [
    ['mail.example.com', true, 'a name'],
    ['.mail.example.com', true, 'the names below a domain'],
    ['localhost', true, 'one label'],
    ['a-b_c.example', true, 'dashes and underscores within'],
    ['xn--mnchen-3ya.de', true, 'an encoded name'],
    ['example.com.', false, 'a dot behind'],
    ['..example.com', false, 'two dots in front'],
    ['a..b', false, 'an empty label'],
    ['-a.example', false, 'a dash in front'],
    ['*.example.com', false, 'a star'],
    ['mail example', false, 'a blank'],
    ['192.0.2', false, 'digits only: a mistyped address'],
    ['192.0.2.0/33', false, 'a mistyped network'],
    [`${'a'.repeat(64)}.example`, false, 'a label of 64 characters'],
    [`${'a.'.repeat(127)}a`, false, 'longer than any name'],
    ['.', false, 'a dot'],
    ['', false, 'empty'],
  ];
  for (const [text, is, why] of names) {
    it(`${is ? 'takes' : 'does not take'} ${JSON.stringify(text)} for a name: ${why}`, () =>
      expect(isClientName(text)).to.equal(is));
  }

  describe('with keywords', () => {
    const PRIVATE = { keyword: 'private', networks: ['10.0.0.0/8', 'fc00::/7'] } as const;
    const OWN = { keyword: 'own', networks: ['10.1.2.3', '192.0.2.1'] } as const;

    it('covers the networks of each', () => {
      const list = new AllowList([PRIVATE, OWN], USUAL_PREFIXES);
      for (const address of ['10.9.9.9', '::ffff:10.9.9.9', 'fd00::1', '192.0.2.1', '64:ff9b::a09:909'])
        expect(list.covers(address, undefined), address).to.equal(true);
      for (const address of ['11.0.0.1', '2001:db8::1', 'unknown'])
        expect(list.covers(address, undefined), address).to.equal(false);
      expect(list.coversKey('fd00:1:2:3::/64')).to.equal(true);
      expect(list.coversKey('10.0.0.1')).to.equal(true);
    });

    it('names the keyword as the entry that covers a client, the first of several', () => {
      const list = new AllowList([PRIVATE, OWN]);
      expect(list.entryFor('10.1.2.3')).to.equal('private');
      expect(list.entryFor('192.0.2.1')).to.equal('own');
      expect(list.entryFor('192.0.2.2')).to.equal(undefined);
    });

    it('knows who is covered by private alone', () => {
      const list = new AllowList([PRIVATE, OWN, '10.2.0.0/16', '.example.com']);
      expect(list.coversOnlyByPrivate('10.9.9.9', undefined)).to.equal(true);
      expect(list.coversOnlyByPrivate('::ffff:10.9.9.9', 'host.other.example')).to.equal(true);
      expect(list.coversOnlyByPrivate('fd00::1', undefined)).to.equal(true);
      expect(list.coversOnlyByPrivate('10.1.2.3', undefined), 'own too').to.equal(false);
      expect(list.coversOnlyByPrivate('10.2.0.1', undefined), 'a network too').to.equal(false);
      expect(list.coversOnlyByPrivate('10.9.9.9', 'a.example.com'), 'a name too').to.equal(false);
      expect(list.coversOnlyByPrivate('192.0.2.2', undefined), 'not at all').to.equal(false);
      expect(new AllowList(['10.0.0.0/8']).coversOnlyByPrivate('10.9.9.9', undefined)).to.equal(false);
    });
  });

  it('covers exactly the addresses that ipaddr.js finds in its networks', () => {
    const address = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    );
    const near = (bytes: Uint8Array) => fc.nat(bytes.length * 8 - 1).map((bit) => flipped(bytes, bit));
    const case_ = address.chain((bytes) =>
      fc.tuple(fc.constant(bytes), fc.nat(bytes.length * 8), near(bytes)),
    );
    fc.assert(
      fc.property(case_, ([bytes, bits, client]) => {
        const network = networkOf(bytes, bits);
        const other = ipaddr.fromByteArray([...client]);
        const isIn = other.match(network, bits);
        expect(new AllowList([`${network}/${bits}`]).covers(other.toString(), undefined)).to.equal(isIn);
      }),
      { numRuns: 1000 },
    );
  });
});

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (128 >> (bit & 7)) : byte));
}

function networkOf(bytes: Uint8Array, bits: number): ipaddr.IPv4 | ipaddr.IPv6 {
  return ipaddr.fromByteArray(
    [...bytes].map((byte, i) => byte & (0xff00 >> Math.max(0, Math.min(8, bits - i * 8)))),
  );
}
