// Clients with a single event in arrays of numbers, compared with a list of them.

import { expect } from 'chai';
import fc from 'fast-check';
import { stampOf } from '../../../src/blocks/events/window.ts';
import { NO_SLOT, SingleEventClients } from '../../../src/blocks/table/single-event-clients.ts';
import { clientKey } from '../../../src/values/address.ts';
import { START } from '../blocks-fixture.ts';

interface Member {
  readonly key: string;
  readonly stamp: number;
  readonly saved: number;
}

/** All members in their order, as they are given out. */
function membersOf(clients: SingleEventClients): Member[] {
  const members: Member[] = [];
  for (let slot = clients.first; slot !== NO_SLOT; slot = clients.after(slot)) {
    const { key, events, saved } = clients.recordAt(slot);
    members.push({ key, stamp: events[0] ?? Number.NaN, saved });
  }
  return members;
}

const octet = fc.nat(255);
const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
const ipv4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'));
const ipv6 = fc
  .tuple(fc.array(group, { minLength: 8, maxLength: 8 }), fc.integer({ min: 1, max: 128 }))
  .map(([groups, bits]) => clientKey(groups.map((value) => value.toString(16)).join(':'), bits, []) ?? '');
const key = fc.oneof(ipv4, ipv6);
const stamp = fc.nat(1e9).map((time) => stampOf(START + time, 0));

describe('blocks/table/single-event-clients', () => {
  it('gives back each key as it was, IPv4 and IPv6 of every prefix, and its event to the bit', () => {
    fc.assert(
      fc.property(key, stamp, fc.nat(2 ** 32 - 1), (text, event, saved) => {
        const clients = new SingleEventClients();
        expect(clients.add(text, event, saved)).to.equal(true);
        expect(membersOf(clients)).to.deep.equal([{ key: text, stamp: event, saved }]);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives back the user of the event', () => {
    const clients = new SingleEventClients();
    for (const user of [0, 1, 2 ** 48 - 1, 2 ** 47 + 1]) {
      clients.add('192.0.2.1', stampOf(START, 1), 0, user);
      const slot = clients.find('192.0.2.1');
      expect(clients.recordAt(slot).failures).to.deep.equal(user === 0 ? undefined : [START, user]);
      clients.remove(slot);
    }
  });

  it('tells networks of one address and different prefixes apart', () => {
    const clients = new SingleEventClients();
    for (const text of ['2001:db8::/32', '2001:db8::/64', '2001:db8::', '0.0.0.0', '::', '::/96'])
      expect(clients.add(text, 8, 0), text).to.equal(true);
    expect(clients.size).to.equal(6);
    expect(clients.find('2001:db8::/48')).to.equal(NO_SLOT);
  });

  it('is a list by age, whoever comes and goes', () => {
    const clients = fc.array(fc.tuple(fc.nat(60), fc.constantFrom('add', 'add', 'remove'), stamp), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(clients, (actions) => {
        const clients = new SingleEventClients();
        let list: Member[] = [];
        for (const [client, what, event] of actions) {
          const text = client % 2 === 0 ? `192.0.2.${client}` : `2001:db8:${client}::/64`;
          const isHere = list.some((member) => member.key === text);
          const slot = clients.find(text);
          expect(slot !== NO_SLOT, text).to.equal(isHere);
          if (what === 'add') {
            expect(clients.add(text, event, client)).to.equal(!isHere);
            if (!isHere) list.push({ key: text, stamp: event, saved: client });
          } else if (slot !== NO_SLOT) {
            clients.remove(slot);
            list = list.filter((member) => member.key !== text);
          }
        }
        expect(membersOf(clients)).to.deep.equal(list);
        expect(clients.size).to.equal(list.length);
      }),
      { numRuns: 300 },
    );
  });

  it('finds each of very many, also after most of them have gone and others have come', () => {
    const clients = new SingleEventClients();
    const address = (n: number) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
    for (let n = 0; n < 100_000; n++) clients.add(address(n), stampOf(n, 0), 0);
    for (let n = 0; n < 100_000; n++) if (n % 10 !== 0) clients.remove(clients.find(address(n)));
    for (let n = 100_000; n < 150_000; n++) clients.add(address(n), stampOf(n, 0), 0);
    expect(clients.size).to.equal(60_000);
    for (let n = 0; n < 150_000; n++) {
      const slot = clients.find(address(n));
      expect(slot !== NO_SLOT, address(n)).to.equal(n % 10 === 0 || n >= 100_000);
      if (slot !== NO_SLOT) expect(clients.recordAt(slot).events).to.deep.equal([stampOf(n, 0)]);
    }
  });

  it('has no slot for what is no key', () => {
    const clients = new SingleEventClients();
    clients.add('192.0.2.1', 8, 0);
    for (const text of ['', 'unknown', '192.0.2', '192.0.2.1 ', 'x::/64']) {
      expect(clients.find(text), text).to.equal(NO_SLOT);
      expect(() => clients.add(text, 8, 0), text).to.throw('not a client key');
    }
  });
});
