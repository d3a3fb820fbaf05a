// The snapshot line of a good client: read as it was written, or refused as damaged.

import { expect } from 'chai';
import fc from 'fast-check';
import type { SavedGoodClient } from '../../../src/blocks/good/saved-good-client.ts';
import { textOf } from '../../../src/blocks/table/key-words.ts';
import { SnapshotDamage } from '../../../src/state/snapshot/damage.ts';
import {
  areCounterEntries,
  counterEntry,
  counterOf,
  parseGoodLine,
} from '../../../src/state/snapshot/good-line.ts';
import { HOUR } from '../../../src/values/duration.ts';
import { START } from '../../blocks/blocks-fixture.ts';
import { goodLine } from './line-text.ts';

const MAX = 2 ** 32 - 1;
const COUNTERS = 2;

const clients: fc.Arbitrary<SavedGoodClient> = fc
  .record({
    key: fc.constantFrom('192.0.2.1', '2001:db8::/64', '2001:db8::1', '255.255.255.255'),
    times: fc.tuple(fc.nat(MAX), fc.nat(MAX)),
    sums: fc.array(fc.nat(MAX), { minLength: 2 * COUNTERS, maxLength: 2 * COUNTERS }),
    users: fc.uniqueArray(fc.tuple(fc.maxSafeNat(), fc.maxSafeNat()), {
      maxLength: 256,
      selector: ([user]) => user % 2 ** 48,
    }),
  })
  .map(({ key, times, sums, users }) => ({
    key,
    latest: Math.max(...times),
    newest: Math.min(...times),
    sums,
    users: users.flatMap(([user, at]) => [user % 2 ** 48, Math.max(1, at % 2 ** 48)]),
  }));

/** What is read of a line that stands in the middle of a file. */
function read(line: string, counters = COUNTERS): SavedGoodClient & { readonly key: string } {
  const bytes = Buffer.from(`}}\n${line}\n"]]`);
  const client = parseGoodLine(bytes, 3, bytes.length - 4, counters, 1234);
  return { ...client, key: textOf(client.key) };
}

const LINE = '"192.0.2.1":[1772600767,1772600700,3,0,1,0,4294967296,1772600700123]';

describe('state/snapshot/good-line: the line of a good client', () => {
  it('gives back what was written, and is JSON', () => {
    fc.assert(
      fc.property(clients, fc.constantFrom('', ','), (client, comma) => {
        const line = goodLine(client);
        expect(read(line + comma)).to.deep.equal(client);
        const { key, latest, newest, sums, users } = client;
        expect(JSON.parse(`{${line}}`)).to.deep.equal({ [key]: [latest, newest, ...sums, ...users] });
      }),
    );
  });

  const bad: readonly [line: string, why: string][] = [
    ['', 'nothing'],
    [LINE.slice(1), 'no quote'],
    [LINE.slice(0, -1), 'no bracket at the end'],
    [`${LINE}]`, 'a bracket too many'],
    [`${LINE},,`, 'two commas'],
    [` ${LINE}`, 'a blank before'],
    [LINE.replace('192.0.2.1', '192.0.2.256'), 'no address'],
    [LINE.replace('192.0.2.1', '__proto__'), 'no address'],
    [LINE.replace('192.0.2.1', '2001:DB8::/64'), 'an address in another form'],
    [LINE.replace('1772600767,', ''), 'a number too few'],
    [LINE.replace('1772600767', '4294967296'), 'a time that cannot be kept'],
    [LINE.replace('1772600767', '-1'), 'a negative number'],
    [LINE.replace('1772600767', '1e9'), 'a number in another form'],
    [LINE.replace('1772600767', '01772600767'), 'a number that is no JSON'],
    [LINE.replace('1772600767', ''), 'no number'],
    [LINE.replace('1772600767', '1772600699'), 'mail that is newer than all'],
    [LINE.replace(',3,', ',4294967296,'), 'a sum that cannot be kept'],
    [LINE.replace('4294967296', '281474976710656'), 'a user that cannot be kept'],
    [LINE.replace(',1772600700123', ''), 'a user without a time'],
    [LINE.replace('1772600700123', '0'), 'a user that never logged in'],
    [LINE.replace(']', ',4294967296,1772600700124]'), 'a user twice'],
    ['"192.0.2.1":[]', 'no numbers'],
    ['"192.0.2.1":{}', 'an object'],
  ];
  for (const [line, why] of bad) {
    it(`names the line number for ${why}`, () => {
      expect(() => read(line)).to.throw(SnapshotDamage, /^line 1234: expected /);
    });
  }

  it('has two sums for each counter, and no more than 256 users', () => {
    expect(read(LINE, 2).users).to.deep.equal([4294967296, 1772600700123]);
    expect(() => read(LINE, 4)).to.throw(SnapshotDamage);
    const users = (count: number) => Array.from({ length: count }, (_, i) => `,${i},1`).join('');
    expect(read(LINE.replace(']', `${users(255)}]`)).users).to.have.lengthOf(512);
    expect(() => read(LINE.replace(']', `${users(256)}]`))).to.throw(SnapshotDamage);
  });

  it('is never read as another than JSON reads, whatever character was changed', () => {
    fc.assert(
      fc.property(fc.nat(LINE.length - 1), fc.constantFrom(...'0159.:-eE"[]{},\\ '), (place, character) => {
        const line = LINE.slice(0, place) + character + LINE.slice(place + 1);
        try {
          const { key, latest, newest, sums, users } = read(line);
          expect(JSON.parse(`{${line}}`)).to.deep.equal({ [key]: [latest, newest, ...sums, ...users] });
        } catch (error) {
          expect(error).to.be.instanceOf(SnapshotDamage);
        }
      }),
    );
  });
});

describe('state/snapshot/good-line: the counters in the head', () => {
  const counter = { sort: 'messages', within: HOUR } as const;

  it('give back what was written', () => {
    for (const one of [counter, { ...counter, until: START }]) {
      expect(counterOf(counterEntry(one))).to.deep.equal(one);
      expect(areCounterEntries([counterEntry(one)])).to.equal(true);
    }
    expect(counterEntry(counter)).to.deep.equal({ sort: 'messages', within: 3600 });
  });

  it('are of a known sort, with a time that makes sense, and each of them once', () => {
    const entry = counterEntry(counter);
    for (const entries of [
      {},
      [null],
      [{ ...entry, sort: 'logins' }],
      [{ ...entry, within: 0 }],
      [{ ...entry, within: 1.5 }],
      [{ ...entry, within: 1e300 }],
      [{ ...entry, within: '3600' }],
      [{ ...entry, until: 'x' }],
      [entry, { ...entry, until: '2025-03-04T05:06:07.890Z' }],
    ])
      expect(areCounterEntries(entries), JSON.stringify(entries)).to.equal(false);
  });
});
