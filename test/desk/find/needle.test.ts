// What find looks for: an address in any form, a network, or a part of a text.

import { expect } from 'chai';
import fc from 'fast-check';
import { excerpt, type Needle, needleOf } from '../../../src/desk/find/needle.ts';

function needle(text: string): Needle {
  const found = needleOf(text);
  if (found === undefined) throw new Error(`not a needle: ${text}`);
  return found;
}

describe('desk/find/needle', () => {
  const covered: readonly (readonly [text: string, key: string])[] = [
    ['192.0.2.1', '192.0.2.1'],
    ['unknown[192.0.2.1]:25', '192.0.2.1'],
    ['192.0.2.0/24', '192.0.2.255'],
    ['0.0.0.0/0', '203.0.113.9'],
    ['2001:db8:1:2::7', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['2001:db8::/32', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::/80', '2001:db8:1:2::/64'],
    ['192.0.2.', '192.0.2.77'],
    ['8:1:2', '2001:db8:1:2::/64'],
  ];
  for (const [text, key] of covered)
    it(`finds ${key} by ${text}`, () => expect(needle(text).coversKey(key)).to.equal(true));

  const others: readonly (readonly [text: string, key: string])[] = [
    ['192.0.2.1', '192.0.2.10'],
    ['192.0.2.0/24', '192.0.3.1'],
    ['192.0.2.0/24', '2001:db8::/64'],
    ['::/0', '192.0.2.1'],
    ['2001:db8::/32', '2001:db9::/64'],
    ['bob', '192.0.2.1'],
  ];
  for (const [text, key] of others)
    it(`does not find ${key} by ${text}`, () => expect(needle(text).coversKey(key)).to.equal(false));

  it('meets the networks that lie in it, and those that it lies in', () => {
    expect(needle('192.0.2.0/24').meets('192.0.2.128/25')).to.equal(true);
    expect(needle('192.0.2.7').meets('192.0.2.0/24')).to.equal(true);
    expect(needle('192.0.2.7').meets('0.0.0.0/0')).to.equal(true);
    expect(needle('2001:db8::1').meets('2001:db8::/32')).to.equal(true);
    expect(needle('192.0.2.0/24').meets('192.0.3.0/24')).to.equal(false);
    expect(needle('192.0.2.0/24').meets('::/0')).to.equal(false);
    expect(needle('192.0.2.0/24').meets('')).to.equal(false);
  });

  it('finds text in either case, in any alphabet', () => {
    expect(needle('BOB@customer').matchIn('Bob@Customer.example')).to.equal('Bob@Customer.example');
    expect(needle('жанна').matchIn('ЖАННА@example.net')).to.equal('ЖАННА@example.net');
    expect(needle('bob').matchIn('alice')).to.equal(undefined);
    expect(needle('bob').matchIn(undefined)).to.equal(undefined);
  });

  it('takes the characters of regular expressions and of JSON as they are', () => {
    for (const text of ['.*', '(a+)+$', '[a-z]{2,}', 'a"b\\c', '^bob', '\\d+', '$&$1']) {
      const wanted = text.padEnd(3, '!');
      expect(needle(wanted).matchIn(`x ${wanted} y`), text).to.equal(`x ${wanted} y`);
      expect(needle(wanted).matchIn('bob 1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'), text).to.equal(undefined);
    }
  });

  it('rules out no JSON in which the text stands', () => {
    const text = fc.string({ minLength: 3, maxLength: 20, unit: 'binary' });
    fc.assert(
      fc.property(text, fc.string(), fc.string(), (wanted, before, after) => {
        const found = needleOf(wanted);
        if (found === undefined || found.network !== undefined) return;
        const json = JSON.stringify({ sender: `${before}${wanted.trim()}${after}` });
        expect(found.mayBeIn(json)).to.equal(true);
      }),
    );
  });

  it('has a text of 3 to 256 characters', () => {
    for (const text of ['', '  ', 'ab', ' ab ', 'x'.repeat(257)]) expect(needleOf(text)).to.equal(undefined);
    for (const text of ['abc', 'x'.repeat(256), ' abc ']) expect(needle(text).sought).to.equal(text.trim());
  });

  it('shows a long text around the match, and no more than 200 characters of it', () => {
    const long = `${'a'.repeat(300)}bob${'z'.repeat(300)}`;
    const shown = needle('bob').matchIn(long) ?? '';
    expect(shown).to.match(/^…a{40}bobz+…$/);
    expect(shown.length).to.equal(202);
    expect(excerpt('short', 2)).to.equal('short');
    fc.assert(
      fc.property(
        fc.string({ maxLength: 500 }),
        fc.nat(500),
        (text, index) => excerpt(text, index).length <= 202,
      ),
    );
  });
});
