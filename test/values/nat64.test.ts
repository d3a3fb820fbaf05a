// IPv4 clients behind a translator: counted, blocked, allowed and found by their IPv4 address.

import { expect } from 'chai';
import fc from 'fast-check';
import { parseRecord, recordLine } from '../../src/state/snapshot/client-line.ts';
import { clientKey, isClientKey } from '../../src/values/address.ts';
import { HOUR } from '../../src/values/duration.ts';
import { NAT64_LENGTHS, type Nat64Prefix, WELL_KNOWN_PREFIX } from '../../src/values/nat64.ts';
import { parseNetwork } from '../../src/values/network.ts';
import { BlocksFixture, START } from '../blocks/blocks-fixture.ts';

const HAND = { by: 'alice', why: 'ticket 4711' };

function prefixOf(text: string): Nat64Prefix {
  const network = parseNetwork(text);
  if (network?.family !== 6) throw new Error(`no prefix: ${text}`);
  return network;
}

/** The address of an IPv4 client under a prefix, by the table of RFC 6052 2.2. */
function embedded({ groups, bits }: Nat64Prefix, ipv4: string): string {
  const bytes = groups.flatMap((group) => [group >>> 8, group & 0xff]).slice(0, bits / 8);
  for (const octet of ipv4.split('.')) {
    if (bytes.length === 8) bytes.push(0);
    bytes.push(Number(octet));
  }
  while (bytes.length < 16) bytes.push(0);
  const pairs = Array.from({ length: 8 }, (_, i) => (bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0));
  return pairs.map((pair) => pair.toString(16)).join(':');
}

describe('values/nat64: the address inside an address', () => {
  /** RFC 6052 2.4 */
  const examples = [
    ['2001:db8::/32', '2001:db8:c000:221::'],
    ['2001:db8:100::/40', '2001:db8:1c0:2:21::'],
    ['2001:db8:122::/48', '2001:db8:122:c000:2:2100::'],
    ['2001:db8:122:300::/56', '2001:db8:122:3c0:0:221::'],
    ['2001:db8:122:344::/64', '2001:db8:122:344:c0:2:2100::'],
    ['2001:db8:122:344::/96', '2001:db8:122:344::192.0.2.33'],
    ['64:ff9b::/96', '64:ff9b::192.0.2.33'],
    ['64:ff9b:1:fffe::/96', '64:ff9b:1:fffe::c000:221'],
  ] as const;
  for (const [prefix, address] of examples)
    it(`of ${address} is 192.0.2.33, under ${prefix}`, () =>
      expect(clientKey(address, 64, [prefixOf(prefix)])).to.equal('192.0.2.33'));

  const others = [
    ['64:ff9b::/96', '64:ff9b:0:1::192.0.2.33', '64:ff9b:0:1::/64', 'another prefix'],
    ['64:ff9b::/96', '64:ff9b::1:192.0.2.33', '64:ff9b::/64', 'another prefix in its last group'],
    [
      '2001:db8:122:344::/64',
      '2001:db8:122:344:1c0:2:2100::',
      '2001:db8:122:344::/64',
      'octet 8 is not zero',
    ],
    ['64:ff9b::/96', '64:ff9b::127.0.0.1', '64:ff9b::/64', 'loopback'],
    ['64:ff9b::/96', '64:ff9b::0.1.2.3', '64:ff9b::/64', 'this network'],
    ['64:ff9b::/96', '64:ff9b::224.0.0.1', '64:ff9b::/64', 'multicast'],
    ['64:ff9b::/96', '64:ff9b::255.255.255.255', '64:ff9b::/64', 'broadcast'],
    ['64:ff9b::/96', '2002:c000:221::1', '2002:c000:221::/64', '6to4'],
    ['64:ff9b::/96', '2001:0:5ef5:79fd:0:0:3fff:fdde', '2001:0:5ef5:79fd::/64', 'Teredo'],
  ] as const;
  for (const [prefix, address, key, why] of others)
    it(`is none in ${address}: ${why}`, () =>
      expect(clientKey(address, 64, [prefixOf(prefix)])).to.equal(key));

  it('is found under any prefix, whatever stands behind it', () => {
    const byte = fc.nat(255);
    const prefix = fc
      .tuple(fc.constantFrom(...NAT64_LENGTHS), fc.array(byte, { minLength: 16, maxLength: 16 }))
      .map(([bits, bytes]) => {
        const kept = bytes.map((one, i) => (i >= bits / 8 || i === 8 ? 0 : one));
        return {
          bits,
          groups: Array.from({ length: 8 }, (_, i) => (kept[2 * i] ?? 0) * 256 + (kept[2 * i + 1] ?? 0)),
        };
      })
      // ::/96 and ::ffff:0:0/96 are no prefixes that anybody has.
      .filter(({ groups }) => groups[0] !== 0);
    const client = fc.tuple(
      fc.integer({ min: 1, max: 223 }).filter((first) => first !== 127),
      byte,
      byte,
      byte,
    );
    fc.assert(
      fc.property(prefix, client, fc.nat(0xff), (one, octets, rest) => {
        const ipv4 = octets.join('.');
        const address = embedded(one, ipv4);
        expect(clientKey(address, 64, [WELL_KNOWN_PREFIX, one])).to.equal(ipv4);
        // RFC 6052 2.2: translators ignore the suffix.
        const tail = one.bits < 96 ? address.replace(/0$/, rest.toString(16)) : address;
        expect(clientKey(tail, 64, [WELL_KNOWN_PREFIX, one])).to.equal(ipv4);
      }),
    );
  });

  it('makes no key of a snapshot invalid that an earlier policy counted by', () => {
    expect(isClientKey('64:ff9b::/64')).to.equal(true);
    expect(isClientKey('64:ff9b::c000:221')).to.equal(true);
  });
});

describe('values/nat64: clients behind a translator', () => {
  const [IPV4, IPV6] = ['192.0.2.33', '64:ff9b::c000:221'];
  const OWN = prefixOf('2001:db8:64::/96');

  it('are counted together with what they do by IPv4, and nobody else behind it is', () => {
    const fixture = new BlocksFixture().take(IPV4, [0]).take(IPV6, [1]).take('64:ff9b::192.0.2.33', [2]);
    expect(fixture.reported).to.deep.equal([`block ${IPV4} auth 2`]);
    for (const address of [IPV4, IPV6, '64:FF9B:0:0:0:0:C000:221'])
      expect(fixture.refusing(address, 3), address).to.equal('auth');
    expect(fixture.refusing('64:ff9b::c000:222', 3)).to.equal(undefined);
    fixture.take('64:ff9b::c000:222', [3, 4]);
    expect(fixture.counted('192.0.2.34')).to.equal(2);
    fixture.refusal(IPV6, 5).expire(HOUR + 2);
    expect(fixture.changes.at(-1)).to.include({ ip: IPV4, refused: 1 });
  });

  it('are on the allow list by either address', () => {
    for (const allow of ['192.0.2.0/24', IPV6, '64:ff9b::c000:200/120', '64:ff9b::/96']) {
      const fixture = new BlocksFixture({ allow: [allow] }).take(IPV6, [0, 1, 2]);
      expect(fixture.reported, allow).to.deep.equal([]);
      const blocked = new BlocksFixture().take(IPV4, [0, 1, 2]).adopt({ allow: [allow] }, 3);
      expect(blocked.refusing(IPV6, 4), allow).to.equal(undefined);
    }
  });

  it('that are allowed as a network of the translator are allowed by no other way', () => {
    const fixture = new BlocksFixture({ allow: ['64:ff9b::/96'] }).take(IPV4, [0, 1, 2]);
    expect(fixture.refusing(IPV4, 3)).to.equal('auth');
  });

  it('are allowed by hand by either address, too', () => {
    for (const entry of ['192.0.2.0/24', '64:ff9b::c000:200/120']) {
      const fixture = new BlocksFixture();
      fixture.blocks.allow({ entry, at: START, until: START + HOUR, hand: HAND });
      expect(fixture.take(IPV6, [0, 1, 2]).reported, entry).to.deep.equal([]);
      expect(fixture.blocks.allowEntries.covering(IPV6)?.entry).to.equal(entry);
    }
  });

  it('are blocked and unblocked by hand by either address', () => {
    const fixture = new BlocksFixture();
    expect(fixture.blocks.impose(IPV6, 'auth', START, START + HOUR, HAND)).to.equal(true);
    expect(fixture.blocks.impose(IPV4, 'auth', START, START + HOUR, HAND)).to.equal(false);
    expect(fixture.refusing(IPV4, 1)).to.equal('auth');
    expect(fixture.blocks.lift(IPV6, START + 2, HAND, undefined)).to.have.lengthOf(1);
    expect(fixture.refusing(IPV4, 3)).to.equal(undefined);
  });

  it('are clients of their own from the moment on at which a policy names the prefix', () => {
    const fixture = new BlocksFixture()
      .take('2001:db8:64::c000:221', [0, 0])
      .take('2001:db8:64::c000:222', [0]);
    expect(fixture.reported).to.deep.equal(['block 2001:db8:64::/64 auth 0']);
    fixture.adopt({ nat64: [WELL_KNOWN_PREFIX, OWN] }, 1);
    expect(fixture.refusing('2001:db8:64::c000:223', 2), 'the block of all of them refuses nobody').to.equal(
      undefined,
    );
    fixture.take('2001:db8:64::c000:221', [2, 2, 2]);
    expect(fixture.refusing(IPV4, 3)).to.equal('auth');
    // By its network it is found, and lifted, all the same.
    expect(fixture.blocks.lift('2001:db8:64::', START + 4, HAND, undefined)).to.have.lengthOf(1);
  });

  it('come back from the snapshot of a policy that did not name the prefix', () => {
    const before = new BlocksFixture({ nat64: [] }).take(IPV6, [0, 0, 0]);
    const after = new BlocksFixture();
    const walk = before.blocks.table.walk((record) => {
      const { key, state } = parseRecord(recordLine(record), 1);
      expect(key).to.equal('64:ff9b::/64');
      after.blocks.loading.client(key, state);
    });
    while (walk.step(10));
    expect(after.blocks.table.pinned).to.equal(1);
    expect(after.refusing(IPV6, 1)).to.equal(undefined);
    expect(after.take(IPV6, [1, 1, 1]).refusing(IPV4, 2)).to.equal('auth');
  });
});
