// The mails that a policy would have lost: those of a client at a hook of its block, and no others.

import { expect } from 'chai';
import fc from 'fast-check';
import { HOUR, MINUTE } from '../../../src/values/duration.ts';
import { AUTH } from '../../blocks/blocks-fixture.ts';
import { scaled } from '../../harness/scale.ts';
import { line } from '../../maillog/log.ts';
import { failed, lostIds, mail, recordsOf, replayed, ruleOf } from '../small-log.ts';
import { ABUSE, CLIENT, END } from './cost-fixture.ts';

describe('replay/report/cost', () => {
  const cases: readonly (readonly [what: string, at: number, accepted: number, isLost: boolean])[] = [
    ['before the block', 8, 9, false],
    ['whose first recipient came before the block, and its end within', 8, 12, true],
    ['within the block', 20, 25, true],
    ['at the moment at which the block began', 10, 10, true],
    ['whose first recipient came within the block, and its end behind', END - 1, END + 1, true],
    ['from the moment on at which the block ended', END, END, false],
    ['behind the block', END + 5, END + 9, false],
    ['that took longer than the block', 8, END + 9, false],
  ];
  for (const [what, at, accepted, isLost] of cases) {
    it(`${isLost ? 'includes' : 'does not include'} a mail ${what}`, () => {
      // It ends only if there are lines while it runs and after it.
      const tick = [20, END - 0.5, END + 20].map((second) =>
        line('connect from x[192.0.2.99]', 'smtpd', 9, second),
      );
      const { report } = replayed([...ABUSE, ...mail(CLIENT, 'ABC1234567', at, accepted), ...tick]);
      expect(report.cost).to.include({ isKnown: true, accepted: 1, lost: isLost ? 1 : 0 });
      expect(report.cost.ips).to.equal(isLost ? 1 : 0);
      expect(report.offenders[0]).to.include({ accepted: 1, lost: isLost ? 1 : 0 });
      expect(report.timeline.lost.reduce((sum, count) => sum + count, 0)).to.equal(isLost ? 1 : 0);
    });
  }

  it('does not include mails of other clients, nor those that Postfix did not accept', () => {
    const lines = [
      ...ABUSE,
      ...mail('mx.partner.example[192.0.2.8]', 'ABC01', 20),
      line(`ABC02: client=${CLIENT}`, 'smtpd', 8, 20),
      line(
        `ABC02: reject: header Subject: x from ${CLIENT}; from=<a@b.c> to=<d@e.f>: 5.7.1 no`,
        'cleanup',
        4,
        21,
      ),
      line('ABC02: from=<x@y.z>, status=expired, returned to sender', 'local', 4, 22),
    ];
    expect(replayed(lines).report.cost).to.include({ accepted: 1, lost: 0 });
  });

  describe('with a content filter', () => {
    const LOCAL = 'localhost[127.0.0.1]';

    it('counts a mail that returns by loopback once', () => {
      const lines = [...ABUSE, ...mail(CLIENT, 'ABC01', 20), ...mail(LOCAL, 'ABC02', 22)];
      const found = replayed(lines);
      expect(found.report.cost).to.include({ accepted: 1, lost: 1 });
      expect(lostIds(found)).to.deep.equal(['ABC01']);
    });

    it('counts a mail that returns with the client of the first queue ID once', () => {
      const more = `, orig_queue_id=ABC01, orig_client=${CLIENT}`;
      const lines = [...ABUSE, ...mail(CLIENT, 'ABC01', 20), ...mail(LOCAL, 'ABC02', 22, 22, { more })];
      expect(replayed(lines).report.cost).to.include({ accepted: 1, lost: 1 });
    });

    it('takes the original client where a filter has no queue of its own', () => {
      const lines = [...ABUSE, ...mail(LOCAL, 'ABC02', 22, 22, { more: `, orig_client=${CLIENT}` })];
      expect(replayed(lines).report.cost).to.include({ accepted: 1, lost: 1 });
    });

    it('never takes a client from the name of a SASL user', () => {
      const more = `, sasl_method=PLAIN, sasl_username=x, orig_queue_id=ABC01, orig_client=${CLIENT}`;
      const lines = [...ABUSE, ...mail('a.example[192.0.2.9]', 'ABC02', 22, 22, { more })];
      const { report } = replayed(lines);
      expect(report.cost).to.include({ accepted: 1, lost: 0 });
    });

    it('distinguishes a mail that returns from one that was rejected under the same queue ID', () => {
      const more = `, orig_queue_id=ABC09, orig_client=mx.partner.example[192.0.2.8]`;
      const lines = [
        line(`ABC02: client=${CLIENT}`, 'smtpd', 8, 21),
        ...mail(LOCAL, 'ABC02', 22, 22, { more }),
      ];
      expect(replayed([...ABUSE, ...lines]).report.cost).to.include({ accepted: 0, lost: 0 });
    });
  });

  it('is zero for clients on the allow list, by address or by verified name', () => {
    const lines = [...ABUSE, ...mail(CLIENT, 'ABC01', 20)];
    for (const entry of ['192.0.2.7', '192.0.2.0/24', 'gw.office.example', '.office.example']) {
      const found = replayed(lines, { allow: [entry] });
      expect(found.report.cost, entry).to.include({ accepted: 1, lost: 0 });
      expect(ruleOf(found), entry).to.include({ events: 0, blocks: 0, lost: 0 });
    }
  });

  it('is zero for a mail whose client had an allowed name, although it was blocked without a name', () => {
    const lines = [
      ...failed('unknown[192.0.2.7]', 0, 5, 10),
      ...mail(CLIENT, 'ABC01', 20),
      ...mail('unknown[192.0.2.7]', 'ABC02', 21),
    ];
    const found = replayed(lines, { allow: ['gw.office.example'] });
    expect(lostIds(found)).to.deep.equal(['ABC02']);
  });

  it('of a rule that only watches is in its own row, and in no total', () => {
    const found = replayed([...ABUSE, ...mail(CLIENT, 'ABC01', 20)], {
      rules: [{ ...AUTH, enforce: false }],
    });
    expect(ruleOf(found)).to.include({ enforced: false, blocks: 1, lost: 1 });
    expect(found.report.cost).to.deep.include({
      accepted: 1,
      lost: 0,
      ips: 0,
      clients: [],
      mails: [],
      allow: [],
    });
    expect(found.report.offenders[0]).to.include({ blocks: 1, lost: 0, stopped: 0 });
  });

  it('of a watched and an enforced rule counts once in the total, under the enforced rule', () => {
    const watch = { ...AUTH, name: 'watch', limit: 2, enforce: false };
    const found = replayed([...ABUSE, ...mail(CLIENT, 'ABC01', 20)], { rules: [watch, AUTH] });
    expect(found.report.cost).to.include({ lost: 1 });
    expect(found.report.cost.mails[0]?.rule).to.equal('auth');
    expect([ruleOf(found, 'watch').lost, ruleOf(found).lost]).to.deep.equal([1, 1]);
  });

  it('includes mails of any address of a blocked IPv6 network', () => {
    const lines = [...failed('a[2001:db8::1]', 0, 5), ...failed('b[2001:db8::2]', 10)];
    const found = replayed([
      ...lines,
      ...mail('c[2001:db8::3]', 'ABC01', 20),
      ...mail('c[2001:db8:0:1::3]', 'ABC02', 20),
    ]);
    expect(lostIds(found)).to.deep.equal(['ABC01']);
    expect(found.report.cost.clients[0]?.ip).to.equal('2001:db8::/64');
  });

  it('is not known where the log has no lines of qmgr', () => {
    const { report } = replayed([...ABUSE, line(`ABC01: client=${CLIENT}`, 'smtpd', 8, 20)]);
    expect(report.cost).to.include({ isKnown: false, accepted: 0, lost: 0 });
    expect(report.notes.join()).to.contain('qmgr');
  });

  it('notes that own refusals in the log hide abuse and mail', () => {
    const refusal = `NOQUEUE: reject: RCPT from ${CLIENT}: 554 5.7.1 <${CLIENT}>: Client host rejected: No more logins.; from=<a@b.c> to=<d@e.f> proto=ESMTP helo=<x>`;
    const { report, changes } = replayed([...ABUSE, line(refusal, 'smtpd', 8, 20), ...failed(CLIENT, 5000)]);
    expect(report.notes.join()).to.contain('rejected 1 command');
    expect(changes.map((change) => (change.type === 'end' ? change.refused : change.type))).to.deep.equal([
      'block',
      1,
    ]);
    expect(report.blindSpots.uncounted).to.deep.equal([]);
  });

  it('counts each mail once, for any order of the lines of several mails', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 7200 }), fc.integer({ min: 0, max: 60 })), {
          maxLength: 12,
        }),
        (times) => {
          const lines = times.flatMap(([at, took], i) => mail(CLIENT, `ABC${10 + i}`, at, at + took));
          // Independent of the replay: a block from second 10 to END covers one of its two hooks.
          const holds = (second: number) => second >= 10 && second < END;
          const lost = times.filter(([at, took]) => holds(at) || holds(at + took));
          const rest = { rules: [{ ...AUTH, within: 10 * MINUTE, blockFor: HOUR }] };
          const found = replayed([...ABUSE, ...lines], rest);
          expect(recordsOf(lines).length).to.equal(2 * times.length);
          expect(found.report.cost).to.include({ accepted: times.length, lost: lost.length });
        },
      ),
      { numRuns: scaled(100) },
    );
  });
});
