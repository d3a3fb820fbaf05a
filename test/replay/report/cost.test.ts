// The mails that a policy would have lost: those of a client at a hook of its block, and no others.

import { expect } from 'chai';
import fc from 'fast-check';
import type { CountingRule } from '../../../src/blocks/rules.ts';
import { Clients } from '../../../src/replay/report/clients.ts';
import { CostLedger } from '../../../src/replay/report/cost.ts';
import type { AcceptedMail } from '../../../src/replay/report/mails.ts';
import type { LostMail } from '../../../src/replay/report/report.ts';
import { HOUR, MINUTE } from '../../../src/values/duration.ts';
import { AUTH } from '../../blocks/blocks-fixture.ts';
import { scaled } from '../../harness/scale.ts';
import { line } from '../../maillog/log.ts';
import { delivery, failed, lostIds, mail, type Replayed, recordsOf, replayed, ruleOf } from '../small-log.ts';

const CLIENT = 'gw.office.example[192.0.2.7]';
/** Blocks CLIENT from second 10 to second 3610. */
const ABUSE = failed(CLIENT, 0, 5, 10);
const END = 3610;

function mailOf(lines: readonly string[]): LostMail {
  const [lost] = replayed([...ABUSE, ...lines]).report.cost.mails;
  if (lost === undefined) throw new Error('no mail was lost');
  return lost;
}

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

  it('shows each mail: when it was accepted, sender, recipients, and the rule that would have lost it', () => {
    const more = ', sasl_method=PLAIN, sasl_username=anna';
    const lines = [
      ...mail(CLIENT, 'ABC1234567', 20, 21, { more, recipients: 2 }),
      delivery('ABC1234567', 22),
    ];
    expect(mailOf(lines)).to.deep.equal({
      at: '2026-11-23T10:00:21.000Z',
      queueId: 'ABC1234567',
      ip: '192.0.2.7',
      name: 'gw.office.example',
      user: 'anna',
      rule: 'auth',
      sender: 'anna@office.example',
      recipients: [{ address: 'bert@example.org', status: 'sent' }],
      recipientCount: 2,
      outcome: 'partly',
    });
  });

  const outcomes: readonly (readonly [
    what: string,
    expected: string,
    recipients: number,
    lines: string[],
  ])[] = [
    ['sent', 'delivered', 1, [delivery('ABC12', 30)]],
    ['deferred and then sent', 'delivered', 1, [delivery('ABC12', 30, 'deferred'), delivery('ABC12', 31)]],
    ['bounced', 'not-delivered', 1, [delivery('ABC12', 30, 'bounced')]],
    [
      'sent to one and bounced for another',
      'partly',
      2,
      [delivery('ABC12', 30), delivery('ABC12', 31, 'bounced', 'c@d.e')],
    ],
    [
      'sent to one while another waits',
      'partly',
      2,
      [delivery('ABC12', 30), delivery('ABC12', 31, 'deferred', 'c@d.e')],
    ],
    ['sent to two', 'delivered', 2, [delivery('ABC12', 30), delivery('ABC12', 31, 'sent', 'c@d.e')]],
    [
      'sent to more than it was for, by an alias',
      'delivered',
      1,
      [delivery('ABC12', 30), delivery('ABC12', 31, 'sent', 'c@d.e')],
    ],
    ['deferred to the end of the log', 'unknown', 1, [delivery('ABC12', 30, 'deferred')]],
    ['not logged', 'unknown', 1, []],
    [
      'put off until it expired',
      'not-delivered',
      1,
      [
        delivery('ABC12', 30, 'deferred'),
        line('ABC12: from=<anna@office.example>, status=expired, returned to sender', 'qmgr', 5, 40),
        line('ABC12: removed', 'qmgr', 5, 41),
      ],
    ],
    [
      'sent after qmgr took it up again',
      'delivered',
      1,
      [
        delivery('ABC12', 30, 'deferred'),
        line('ABC12: from=<anna@office.example>, size=512, nrcpt=1 (queue active)', 'qmgr', 5, 40),
        delivery('ABC12', 41),
      ],
    ],
  ];
  for (const [what, expected, recipients, lines] of outcomes) {
    it(`shows a mail ${what} as ${expected}`, () => {
      const whole = [...mail(CLIENT, 'ABC12', 20, 21, { recipients }), ...lines];
      expect(mailOf(whole).outcome).to.equal(expected);
      const isDelivered = expected === 'delivered' || expected === 'partly';
      expect(replayed([...ABUSE, ...whole]).report.cost.delivered).to.equal(isDelivered ? 1 : 0);
    });
  }

  it('treats a reused queue ID as another mail', () => {
    const lines = [
      ...mail(CLIENT, 'ABC12', 20, 21),
      delivery('ABC12', 22, 'bounced'),
      line('ABC12: removed', 'qmgr', 5, 23),
      ...mail('mx.partner.example[192.0.2.8]', 'ABC12', 30, 31),
      delivery('ABC12', 32),
    ];
    expect(mailOf(lines)).to.include({ ip: '192.0.2.7', outcome: 'not-delivered' });
    expect(replayed([...ABUSE, ...lines]).report.cost).to.include({ accepted: 2, lost: 1, delivered: 0 });
    // The same without the line about its end.
    const gap = lines.filter((text) => !text.includes('removed'));
    expect(replayed([...ABUSE, ...gap]).report.cost).to.include({ accepted: 2, lost: 1, delivered: 0 });
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

  describe('its allow entries', () => {
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

  describe('its ledger', () => {
    const rule: CountingRule = { ...AUTH, mask: 2, sort: 'logins' };
    const accepted = (ip: string, i: number): AcceptedMail => {
      const arrival = { queueId: `ABC${i}`, address: ip, name: undefined, user: undefined, at: 0 };
      return { ...arrival, acceptedAt: i, sender: '', recipientCount: 1 };
    };

    /** `mails` of each of `ips` clients. */
    function ledgerOf(ips: number, mails: number) {
      const clients = new Clients([rule]);
      const ledger = new CostLedger();
      for (let i = 0; i < ips * mails; i++) {
        const ip = `192.0.${(i % ips) >> 8}.${(i % ips) & 255}`;
        ledger.lose(accepted(ip, i), clients.of(ip, undefined), 'auth', () => ({
          recipients: [],
          ended: 0,
          sent: 0,
        }));
      }
      return ledger.report(clients);
    }

    it('keeps the first mails of each client, and counts all', () => {
      const { lost, ips, mails, clients } = ledgerOf(2, 500);
      expect({ lost, ips, kept: mails.length }).to.deep.equal({ lost: 1000, ips: 2, kept: 20 });
      expect(clients.map((client) => client.lost)).to.deep.equal([500, 500]);
      expect(mails[0]?.queueId).to.equal('ABC0');
    });

    it('shows a limited number of clients and mails, and counts all', () => {
      const { lost, ips, mails, clients, allow } = ledgerOf(1000, 8);
      expect({ lost, ips }).to.deep.equal({ lost: 8000, ips: 1000 });
      expect([clients.length, allow.length]).to.deep.equal([50, 50]);
      expect(mails.length).to.equal(200);
    });
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
