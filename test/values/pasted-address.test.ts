// Addresses and networks as support pastes them.

import { expect } from 'chai';
import fc from 'fast-check';
import { clientKey } from '../../src/values/address.ts';
import { parseNetwork } from '../../src/values/network.ts';
import { pastedAddress } from '../../src/values/pasted-address.ts';

describe('values/pasted-address', () => {
  const forms: readonly (readonly [text: string, address: string])[] = [
    ['192.0.2.1', '192.0.2.1'],
    ['[192.0.2.1]', '192.0.2.1'],
    ['unknown[192.0.2.1]', '192.0.2.1'],
    ['unknown[192.0.2.1]:', '192.0.2.1'],
    ['client=mail.example.com[192.0.2.1],', '192.0.2.1'],
    ['mail.example.com[192.0.2.1]:25', '192.0.2.1'],
    ['mail-1_a.example.com[192.0.2.1]:49152:', '192.0.2.1'],
    ['192.0.2.1:25', '192.0.2.1'],
    ['192.0.2.1:', '192.0.2.1'],
    ['192.0.2.1,', '192.0.2.1'],
    ['[2001:db8::1]:25', '2001:db8::1'],
    ['unknown[2001:db8::1]', '2001:db8::1'],
    ['[IPv6:2001:db8::1]', '2001:db8::1'],
    ['IPv6:2001:db8::1', '2001:db8::1'],
    ['ipv6:2001:db8::1', '2001:db8::1'],
    ['2001:db8::', '2001:db8::'],
    ['2001:db8::1:25', '2001:db8::1:25'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['  192.0.2.1\t\n', '192.0.2.1'],
    [' unknown[192.0.2.1] ', '192.0.2.1'],
    ['192.0.2.0/24', '192.0.2.0/24'],
    ['[192.0.2.0]/24', '192.0.2.0/24'],
    ['[2001:db8::]/32', '2001:db8::/32'],
    ['2001:db8::/32', '2001:db8::/32'],
  ];
  for (const [text, address] of forms)
    it(`takes ${address} from ${JSON.stringify(text)}`, () => {
      expect(pastedAddress(text)).to.equal(address);
      expect(parseNetwork(address), address).not.to.equal(undefined);
    });

  const others: readonly string[] = [
    '',
    'bob@customer.example',
    'unknown[unknown]',
    'two[192.0.2.1] words[192.0.2.2]',
    'from unknown[192.0.2.1] to unknown[192.0.2.2]',
    '[192.0.2.1',
    '192.0.2.1]',
    '[[192.0.2.1]]',
    '192.0.2.1:25:25',
    '[192.0.2.1]x',
    '192.0.2.1/24',
    '\x1b[31m192.0.2.1',
  ];
  for (const text of others)
    it(`takes no address from ${JSON.stringify(text)}`, () =>
      expect(parseNetwork(pastedAddress(text))).to.equal(undefined));

  it('leaves every address and network as it is', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(address, fc.nat(32), (text, bits) => {
        expect(pastedAddress(text)).to.equal(text);
        expect(pastedAddress(`${text}/${bits}`)).to.equal(`${text}/${bits}`);
      }),
    );
  });

  it('takes the same address from each form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.domain(), fc.nat(65535), (address, name, port) => {
        const key = clientKey(address, 64, []);
        for (const form of [
          `[${address}]`,
          `${name}[${address}]`,
          `[${address}]:${port}`,
          ` [IPv6:${address}] `,
        ])
          expect(clientKey(pastedAddress(form), 64, []), form).to.equal(key);
      }),
    );
  });
});
