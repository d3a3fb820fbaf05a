// The ledger of lost mails: what it keeps of very many, and what it only counts.

import { expect } from 'chai';
import type { CountingRule } from '../../../src/blocks/rules.ts';
import { Clients } from '../../../src/replay/report/clients.ts';
import { CostLedger } from '../../../src/replay/report/cost.ts';
import type { AcceptedMail } from '../../../src/replay/report/mails.ts';
import { AUTH } from '../../blocks/blocks-fixture.ts';

describe('replay/report/cost-ledger', () => {
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
