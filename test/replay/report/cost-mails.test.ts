// What the report shows of a lost mail: who sent it to whom, and whether it was delivered.

import { expect } from 'chai';
import { line } from '../../maillog/log.ts';
import { delivery, mail, replayed } from '../small-log.ts';
import { ABUSE, CLIENT, mailOf } from './cost-fixture.ts';

describe('replay/report/cost-mails', () => {
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
});
