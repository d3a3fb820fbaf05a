// The troubles about good senders: an open breaker, and a suspected proxy.

import { expect } from 'chai';
import type { Change, ClientSpared, ProxySuspected } from '../../src/blocks/changes.ts';
import { GoodSenders } from '../../src/health/good-senders.ts';
import { Troubles } from '../../src/health/troubles.ts';
import { DAY, HOUR, MINUTE } from '../../src/values/duration.ts';

const START = Date.UTC(2026, 10, 23, 10);
const OPENING = { at: START, blocked: 6, standing: 212 };

/** The troubles, the minutes after START at which each was reported, and how. */
class Ward {
  readonly reports: string[] = [];
  readonly troubles = new Troubles((stage, { what, since }) =>
    this.reports.push(`${stage} ${what} ${(Date.parse(since) - START) / MINUTE}`),
  );
  readonly senders = new GoodSenders(this.troubles);

  look(at: number, open: typeof OPENING | undefined = undefined): this {
    const breaker = { clients: 5, share: 0.01, within: 10 * MINUTE };
    this.senders.look({ breaker: { opening: open }, terms: { breaker } }, START + at);
    this.troubles.remind(START + at);
    return this;
  }

  changed(change: Change): this {
    this.senders.changed(change);
    return this;
  }
}

function spared(rule: string, reason: ClientSpared['reason'] = 'breaker'): ClientSpared {
  const figures = { bad: 30, good: 0, share: 0.5, enforced: true };
  return { type: 'spared', ip: '192.0.2.1', rule, at: START, reason, ...figures };
}

function suspected(ip: string, at = 0): ProxySuspected {
  return { type: 'proxy-suspected', ip, rule: 'auth-failures', at: START + at };
}

describe('health/good-senders: the breaker', () => {
  it('is a trouble while it is open, since it opened, also after a restart', () => {
    const ward = new Ward()
      .look(2 * HOUR, OPENING)
      .look(2 * HOUR + 1000, OPENING)
      .look(2 * HOUR + 2000);
    expect(ward.reports).to.deep.equal(['began breaker-open 0', 'over breaker-open 0']);
  });

  it('names how many customers reached a limit, the rules, what to check and what closes it', () => {
    const ward = new Ward().changed(spared('auth-failures')).changed(spared('share-rule', 'share'));
    const reason = ward.look(0, OPENING).troubles.reasonOf('breaker-open');
    expect(reason).to.contain('6 of 212 reached the limit of auth-failures within 10m');
    for (const part of ['certificate', 'user database', 'proxy', 'postblock resume'])
      expect(reason).to.contain(part);
    expect(reason).not.to.contain('share-rule');
  });

  it('forgets the rules when it closes', () => {
    const ward = new Ward().changed(spared('a')).look(0, OPENING).look(1000).changed(spared('b'));
    expect(ward.look(2000, OPENING).troubles.reasonOf('breaker-open')).to.contain('the limit of b within');
  });

  it('names no more rules than a line holds', () => {
    const ward = new Ward();
    for (let i = 0; i < 100; i++) ward.changed(spared(`r${i}`));
    expect(ward.look(0, OPENING).troubles.reasonOf('breaker-open')).to.match(/limit of (r\d, ){7}r7 within/);
  });

  it('knows who closed it', () => {
    const hand = { by: 'alice', why: 'new certificate' };
    const turn = { type: 'breaker', ip: '', at: START, state: 'closed', blocked: 0, standing: 9 } as const;
    expect(new Ward().changed({ ...turn, hand }).senders.closedBy).to.deep.equal(hand);
    expect(new Ward().changed({ ...turn, hand }).changed(turn).senders.closedBy).to.equal(undefined);
  });
});

describe('health/good-senders: a suspected proxy', () => {
  it('is a trouble until a day after the last sign of it', () => {
    const ward = new Ward().changed(suspected('172.18.0.1')).look(0);
    ward
      .changed(suspected('172.18.0.1', 5 * HOUR))
      .look(DAY)
      .look(DAY + 5 * HOUR);
    expect(ward.reports).to.deep.equal([
      'began proxy-suspected 0',
      'lasts proxy-suspected 0',
      'over proxy-suspected 0',
    ]);
  });

  it('names each address with its rule, the newest three', () => {
    const ward = new Ward();
    for (const ip of ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.2', '10.0.0.4'])
      ward.changed(suspected(ip));
    const reason = ward.look(0).troubles.reasonOf('proxy-suspected');
    expect(reason).to.contain(
      ': 10.0.0.3 (auth-failures), 10.0.0.2 (auth-failures), 10.0.0.4 (auth-failures);',
    );
    expect(reason).not.to.contain('10.0.0.1');
  });

  it('is none where the sign is a day old, as in a log that is read late', () => {
    expect(new Ward().changed(suspected('10.0.0.1', -DAY)).look(0).reports).to.deep.equal([]);
  });
});
