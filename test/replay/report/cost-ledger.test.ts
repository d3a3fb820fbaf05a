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

  function emptyLedger() {
    const clients = new Clients([rule]);
    const ledger = new CostLedger();
    const lose = (ip: string, i: number) => {
      const client = clients.of(ip, undefined);
      ledger.lose(accepted(ip, i), client, 'auth', () => ({ recipients: [], ended: 0, sent: 0 }));
    };
    return { ledger, clients, lose };
  }

  /** `mails` of each of `ips` clients. */
  function ledgerOf(ips: number, mails: number) {
    const { ledger, clients, lose } = emptyLedger();
    for (let i = 0; i < ips * mails; i++) lose(`192.0.${(i % ips) >> 8}.${(i % ips) & 255}`, i);
    return ledger.report(clients);
  }

  /** How many mails of each client are shown. */
  const shownOf = ({ mails, clients }: ReturnType<typeof ledgerOf>) =>
    clients.map(({ ip }) => mails.filter((mail) => mail.ip === ip).length);

  it('keeps the first mails of each client, and counts all', () => {
    const { lost, ips, mails, clients } = ledgerOf(2, 500);
    expect({ lost, ips, kept: mails.length }).to.deep.equal({ lost: 1000, ips: 2, kept: 200 });
    expect(clients.map((client) => client.lost)).to.deep.equal([500, 500]);
    expect(mails[0]?.queueId).to.equal('ABC0');
  });

  it('shows a limited number of clients and mails, and counts all', () => {
    const { lost, ips, mails, clients, allow } = ledgerOf(1000, 8);
    expect({ lost, ips }).to.deep.equal({ lost: 8000, ips: 1000 });
    expect([clients.length, allow.length]).to.deep.equal([50, 50]);
    expect(mails.length).to.equal(200);
  });

  it('shows all mails where there are at most 200', () => {
    expect(shownOf(ledgerOf(1, 200))).to.deep.equal([200]);
    expect(shownOf(ledgerOf(50, 4))).to.deep.equal(Array(50).fill(4));
  });

  it('shows as many of each client where there are more', () => {
    expect(shownOf(ledgerOf(3, 100))).to.deep.equal([66, 66, 66]);
    expect(shownOf(ledgerOf(50, 100))).to.deep.equal(Array(50).fill(4));
  });

  it('still keeps mails of clients that lose their first mail after many others', () => {
    const { ledger, clients, lose } = emptyLedger();
    for (let i = 0; i < 40 * 200; i++) lose(`192.0.2.${i % 40}`, i);
    for (let i = 0; i < 300; i++) lose('198.51.100.1', 8000 + i);
    const report = ledger.report(clients);
    expect(report.lost).to.equal(8300);
    expect(report.clients[0]).to.include({ ip: '198.51.100.1', lost: 300 });
    expect(
      report.mails.filter(({ ip }) => ip === '198.51.100.1').map(({ queueId }) => queueId),
    ).to.deep.equal(['ABC8000', 'ABC8001', 'ABC8002', 'ABC8003']);
  });
});
