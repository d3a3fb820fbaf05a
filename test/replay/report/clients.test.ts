// The tallies of a replay's clients: bounded, ranked, with the distribution of their events.

import { expect } from 'chai';
import fc from 'fast-check';
import { codeNamed } from '../../../src/blocks/events/codes.ts';
import { RuleSet } from '../../../src/blocks/rules.ts';
import { eventsOf } from '../../../src/replay/report/client-tally.ts';
import { Clients } from '../../../src/replay/report/clients.ts';
import { MINUTE } from '../../../src/values/duration.ts';
import { AUTH } from '../../blocks/blocks-fixture.ts';
import { scaled } from '../../harness/scale.ts';

const FAILURE = codeNamed('auth-failure');
const REJECTION = codeNamed('unknown-recipient');
const { rules } = new RuleSet([
  AUTH,
  { ...AUTH, name: 'rcpt', counts: ['rejected-recipient'], within: MINUTE },
]);

function clientsWith(counts: Readonly<Record<string, number>>, most?: number): Clients {
  const clients = new Clients(rules, most);
  for (const [ip, count] of Object.entries(counts))
    for (let i = 0; i < count; i++) clients.abuse(clients.of(ip, undefined), FAILURE, 1000 + i);
  return clients;
}

describe('replay/report/clients', () => {
  it('are shown with the most events first, equals in the order of their addresses', () => {
    const clients = clientsWith({ '192.0.2.3': 2, '192.0.2.1': 5, '192.0.2.2': 2, '192.0.2.4': 0 });
    expect(clients.offenders.map(({ ip }) => ip)).to.deep.equal(['192.0.2.1', '192.0.2.2', '192.0.2.3']);
  });

  it('are shown up to the twentieth', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 20, maxLength: 400 }), (numbers) => {
        const counts = Object.fromEntries(numbers.map((count, i) => [`192.0.${i >> 8}.${i & 255}`, count]));
        const shown = clientsWith(counts).offenders.map(({ events }) => events['auth-failure']);
        expect(shown).to.deep.equal([...numbers].sort((a, b) => b - a).slice(0, 20));
      }),
      { numRuns: scaled(30) },
    );
  });

  it('count events and IPs of each kind', () => {
    const clients = clientsWith({ '192.0.2.1': 2, '192.0.2.2': 1 });
    clients.abuse(clients.of('192.0.2.1', undefined), REJECTION, 0);
    const known = clients.kinds.filter(({ count }) => count > 0);
    expect(known).to.deep.equal([
      {
        kind: 'rejected-recipient',
        count: 1,
        ips: 1,
        classes: [{ class: 'unknown-recipient', count: 1, ips: 1 }],
      },
      { kind: 'auth-failure', count: 3, ips: 2, classes: [] },
    ]);
    expect(eventsOf(clients.of('192.0.2.1', undefined))).to.deep.equal({
      'rejected-recipient': 1,
      'auth-failure': 2,
    });
  });

  it('have the last name that Postfix verified', () => {
    const clients = new Clients(rules);
    for (const name of ['a.example', undefined, 'b.example', undefined]) clients.of('192.0.2.1', name);
    expect(clients.known('192.0.2.1')).to.include({ name: 'b.example', hasNames: true });
    expect(clients.known('192.0.2.2')).to.equal(undefined);
  });

  it('are bounded: those with the fewest events are evicted and counted', () => {
    const counts = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`client-${i}`, 1 + (i % 7)]));
    const clients = clientsWith(counts, 40);
    const left = Object.keys(counts).filter((ip) => clients.known(ip) !== undefined);
    expect(left.length).to.be.at.most(40);
    expect(left.length + clients.evicted).to.equal(500);
  });

  it('are not evicted where they were blocked or lost mail', () => {
    const clients = new Clients(rules, 40);
    clients.of('blocked', undefined).blocks = 1;
    clients.of('lost', undefined).lost = 1;
    for (let i = 0; i < 1000; i++)
      for (let n = 0; n < 3; n++) clients.abuse(clients.of(`client-${i}`, undefined), FAILURE, n);
    expect(clients.known('blocked')).to.not.equal(undefined);
    expect(clients.known('lost')).to.not.equal(undefined);
    expect(clients.losing.map(({ ip }) => ip)).to.deep.equal(['lost']);
    expect(clients.losingCount).to.equal(1);
  });

  it('are in the distribution, evicted ones too', () => {
    const counts = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`client-${i}`, 3]));
    const [auth] = clientsWith(counts, 20).finish();
    expect(auth?.bins.at(-1)).to.deep.equal({ from: 3, to: 3, count: 300 });
  });

  it('are counted by the period of each rule, of the kinds that it counts', () => {
    const clients = new Clients(rules);
    const client = clients.of('192.0.2.1', undefined);
    for (const minute of [0, 1, 9, 10, 20]) clients.abuse(client, FAILURE, minute * MINUTE);
    for (const minute of [0, 0, 0, 1]) clients.abuse(client, REJECTION, minute * MINUTE);
    const binsOf = (counts: readonly number[]) =>
      counts.map((count, i) => ({ from: i + 1, to: i + 1, count }));
    expect(clients.finish()).to.deep.equal([
      { rule: 'auth', limit: 3, within: 600, bins: binsOf([2, 0, 1]) },
      { rule: 'rcpt', limit: 3, within: 60, bins: binsOf([1, 0, 1]) },
    ]);
  });
});
