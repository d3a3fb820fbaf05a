// The allow entries that would have saved lost mails.

import { expect } from 'chai';
import fc from 'fast-check';
import { AUTH } from '../../blocks/blocks-fixture.ts';
import { scaled } from '../../harness/scale.ts';
import { failed, lostIds, mail, type Replayed, replayed } from '../small-log.ts';

describe('replay/report/cost-allow', () => {
  const savedBy = ({ report }: Replayed) => report.cost.allow.map(({ entry }) => entry);

  const clients: readonly (readonly [what: string, clients: string[], entry: string])[] = [
    ['a verified name', ['GW.Office.Example[192.0.2.7]'], 'gw.office.example'],
    ['no name', ['unknown[192.0.2.7]'], '192.0.2.7'],
    ['a name that spells the address', ['host-192-0-2-7.dialup.example[192.0.2.7]'], '192.0.2.7'],
    ['several names', ['a.example[192.0.2.7]', 'b.example[192.0.2.7]'], '192.0.2.7'],
    ['a name only at times', ['a.example[192.0.2.7]', 'unknown[192.0.2.7]'], '192.0.2.7'],
    ['a name only in the end', ['unknown[192.0.2.7]', 'a.example[192.0.2.7]'], '192.0.2.7'],
    ['several addresses without a name', ['unknown[2001:db8::1]', 'unknown[2001:db8::2]'], '2001:db8::/64'],
  ];
  for (const [what, names, entry] of clients) {
    it(`contain ${entry} for a client with ${what}`, () => {
      const [first = ''] = names;
      const mails = names.flatMap((client, i) => mail(client, `ABC${i}0`, 20 + i));
      expect(savedBy(replayed([...failed(first, 0, 1, 2), ...mails]))).to.deep.equal([entry]);
    });
  }

  it('save every mail that the policy would have lost', () => {
    const client = fc.constantFrom(
      'a.example[192.0.2.1]',
      'unknown[192.0.2.1]',
      'b.example[192.0.2.1]',
      'a.example[192.0.2.2]',
      'h2-0-2.example[192.0.2.2]',
      'c.example[2001:db8::1]',
      'unknown[2001:db8::2]',
    );
    const step = fc.record({ client, isMail: fc.boolean(), gap: fc.constantFrom(0, 1, 60, 1800) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let at = 0;
        const lines = steps.flatMap(({ client, isMail, gap }, i) => {
          at += gap;
          return isMail ? mail(client, `ABC${1000 + i}`, at) : failed(client, at);
        });
        const policy = { rules: [{ ...AUTH, limit: 1 }] };
        const found = replayed(lines, policy);
        const saved = lostIds(replayed(lines, { ...policy, allow: savedBy(found) }));
        // Where an entry by name prevents a block, a later block may cost another mail.
        expect(saved.filter((id) => lostIds(found).includes(id))).to.deep.equal([]);
      }),
      { numRuns: scaled(200) },
    );
  });
});
