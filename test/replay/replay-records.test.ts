// The records of a replay: which it counts, for which client, and that nothing else changes its report.

import { expect } from 'chai';
import fc from 'fast-check';
import { LogReader } from '../../src/maillog/reader.ts';
import { MAIL_PROCESSES } from '../../src/maillog/syslog/process.ts';
import { StampReader } from '../../src/maillog/syslog/stamp.ts';
import { Replay } from '../../src/replay/replay.ts';
import { clientKey } from '../../src/values/address.ts';
import { HOUR } from '../../src/values/duration.ts';
import { month } from '../bench/month.ts';
import { termsOf } from '../blocks/blocks-fixture.ts';
import { scaled } from '../harness/scale.ts';
import { START } from '../maillog/log.ts';
import { parseLine } from '../maillog/parse-line.ts';
import { EVERYTHING } from './as-the-daemon.ts';
import { lines, rules } from './cases.ts';
import { failed, replayed } from './small-log.ts';

describe('replay/replay-records', () => {
  for (const seed of [1, 2]) {
    it(`accepts the mails that the log reader credits to clients, seed ${seed}`, () => {
      const stamps = new StampReader();
      const text = [...month(scaled(4000), { seed, span: 24 * HOUR, from: START })].join('');
      const records = text.split('\n').flatMap((one) => parseLine(one, stamps, START, MAIL_PROCESSES) ?? []);
      const reader = new LogReader();
      reader.readsGood = true;
      const replay = new Replay({ ...EVERYTHING, terms: termsOf() });
      let accepted = 0;
      for (const record of records) {
        reader.read(record, ({ kind }) => {
          if (kind === 'accepted-message') accepted++;
        });
        replay.take(record);
      }
      expect(accepted).to.be.above(100);
      expect(replay.report().cost.accepted).to.equal(accepted);
    });
  }

  it('reads no clock: the same log always gives the same report', () => {
    fc.assert(
      fc.property(rules, lines, (list, texts) => {
        const [one, other] = [1, 2].map(() => replayed(texts, { rules: list }));
        expect(one).to.deep.equal(other);
      }),
      { numRuns: scaled(50) },
    );
  });

  it('leaves out what is before --since, and from --until on', () => {
    const texts = failed('a[192.0.2.1]', 0, 10, 20, 30, 40);
    const plan = { since: START + 10_000, until: START + 40_000 };
    const { report } = replayed(texts, {}, plan);
    expect(report.read).to.deep.equal({
      records: 3,
      from: '2026-11-23T10:00:10.000Z',
      to: '2026-11-23T10:00:30.000Z',
      leftOut: 2,
      first: '2026-11-23T10:00:00.000Z',
      last: '2026-11-23T10:00:40.000Z',
      hosts: ['mx'],
    });
    expect(report.rules[0]).to.include({ events: 3, first: '2026-11-23T10:00:30.000Z' });
  });

  it('gives each client the same key as the daemon', () => {
    const { report } = replayed(failed('a[::ffff:192.0.2.1]', 0, 1, 2));
    expect(report.offenders[0]?.ip).to.equal(clientKey('192.0.2.1', 64, []));
    const translated = replayed(failed('a[64:ff9b::192.0.2.1]', 0, 1, 2)).report;
    expect(translated.offenders.map(({ ip, blocks }) => [ip, blocks])).to.deep.equal([['192.0.2.1', 1]]);
    const allowed = replayed(failed('a[64:ff9b::192.0.2.1]', 0, 1, 2), { allow: ['192.0.2.0/24'] }).report;
    expect(allowed.offenders).to.deep.equal([]);
  });
});
