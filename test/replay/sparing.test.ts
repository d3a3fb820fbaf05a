// What a replay reports of clients that a policy spares: how many, how often, and what would be lost without it.

import { expect } from 'chai';
import type { Rule } from '../../src/blocks/rules.ts';
import { DAY, HOUR } from '../../src/values/duration.ts';
import { AUTH } from '../blocks/blocks-fixture.ts';
import { line } from '../maillog/log.ts';
import { failed, mail, type Replayed, replayed, ruleOf } from './small-log.ts';

const RECIPIENTS: Rule = {
  name: 'recipients',
  counts: ['rejected-recipient'],
  limit: 100,
  within: HOUR,
  blockFor: 2 * DAY,
  message: 'No more recipients.',
  enforce: true,
  share: 0.1,
};
const BIG = 'mx.big.example[192.0.2.50]';

function unknownRecipient(client: string, second: number): string {
  const text = `NOQUEUE: reject: RCPT from ${client}: 550 5.1.1 <x@example.org>: Recipient address rejected`;
  return line(
    `${text}: User unknown; from=<a@b> to=<x@example.org> proto=ESMTP helo=<x>`,
    'smtpd',
    9,
    second,
  );
}

/** So many mails of one recipient, and so many unknown recipients, within one hour. */
function hour(client: string, mails: number, unknown: number, start = 0): string[] {
  const spread = (count: number, i: number) => start + Math.floor((i * 3600) / count);
  return [
    ...Array.from({ length: mails }, (_, i) =>
      mail(client, `ABC${(start * 10 + i).toString(16).toUpperCase().padStart(6, '0')}`, spread(mails, i)),
    ).flat(),
    ...Array.from({ length: unknown }, (_, i) => unknownRecipient(client, spread(unknown, i))),
  ];
}

function typesOf({ changes }: Replayed): string[] {
  return changes.map(({ type }) => type);
}

describe('replay/sparing', () => {
  it('spares a big sender with 2 % of unknown recipients, and reports what an absolute limit would have cost', () => {
    const found = replayed(hour(BIG, 6000, 120), { rules: [RECIPIENTS] });
    expect(typesOf(found)).to.deep.equal(['spared']);
    expect(found.report.total).to.include({ blocks: 0, stopped: 0 });
    expect(found.report.cost).to.include({ accepted: 6000, lost: 0 });
    // The hundredth of 120 comes after 49.5 minutes.
    const lost = 6000 * (1 - 49.5 / 60);
    expect(found.report.sparing?.without).to.include({ blocks: 1, stopped: 20 });
    expect(found.report.sparing?.without.lost).to.be.closeTo(lost, 2);
    const [client] = found.report.sparing?.clients ?? [];
    expect(client).to.include({ ip: '192.0.2.50', name: 'mx.big.example', reason: 'share', accepted: 6000 });
    expect(client).to.include({ times: 1, bad: 100, lostWithout: found.report.sparing?.without.lost });
    expect(client?.good).to.be.closeTo(4950, 10);
    expect(ruleOf(found, 'recipients')).to.include({ share: 0.1, blocks: 0, spared: 1, sparedIps: 1 });
    expect(ruleOf(found, 'recipients').without).to.include({ blocks: 1, ips: 1, stopped: 20 });
  });

  it('reports a client that is spared for hours once in each time of the rule', () => {
    const lines = [0, 1, 2, 3].flatMap((i) => hour(BIG, 2400, 240, 3600 * i));
    const found = replayed(lines, { rules: [{ ...RECIPIENTS, share: 0.5 }] });
    expect(new Set(typesOf(found))).to.deep.equal(new Set(['spared']));
    expect(ruleOf(found, 'recipients')).to.include({ spared: 4, sparedIps: 1 });
    expect(found.report.sparing?.clients[0]).to.include({ times: 4 });
  });

  it('blocks a sender of which 30 % of the recipients are unknown', () => {
    const found = replayed(hour(BIG, 280, 120), { rules: [RECIPIENTS] });
    expect(typesOf(found)).to.deep.equal(['block']);
    expect(found.report.sparing?.clients).to.deep.equal([]);
    expect(found.report.sparing?.without).to.deep.equal({
      blocks: 1,
      stopped: 20,
      lost: found.report.cost.lost,
    });
  });

  it('loses no mail of clients that have logged in to a rule that lets them pass', () => {
    const client = 'gw.office.example[192.0.2.7]';
    const more = ', sasl_method=PLAIN, sasl_username=anna';
    const lines = [
      ...failed(client, 0, 1, 2),
      ...mail(client, 'ABC01', 10, 11, { more }),
      ...mail(client, 'ABC02', 20),
    ];
    const passing = replayed(lines, { rules: [{ ...AUTH, passes: 'authenticated' }] });
    expect(passing.report.cost.mails.map(({ queueId }) => queueId)).to.deep.equal(['ABC02']);
    expect(passing.report.cost).to.include({ lost: 1, passed: 1 });
    expect(ruleOf(passing)).to.include({ lost: 1 });
    expect(passing.report.sparing?.without).to.include({ blocks: 1, lost: 2 });
  });

  it('names a gateway that would have been blocked if it were not private, and counts nothing of it', () => {
    const allow = [{ keyword: 'private', networks: ['172.16.0.0/12'] } as const, '172.16.9.9'];
    const lines = ['172.18.0.1', '172.16.9.9'].flatMap((ip) => failed(`unknown[${ip}]`, 0, 1, 2, 3));
    const found = replayed(lines, { allow });
    expect(found.changes).to.deep.equal([]);
    expect(found.report.notes.join())
      .to.contain('172.18.0.1 would have been blocked by auth if')
      .and.not.contain('172.16');
    expect(found.report.offenders).to.deep.equal([]);
  });

  it('reports when the breaker was open, and whom it spared', () => {
    const customers = Array.from({ length: 12 }, (_, i) => `c${i}.example[192.0.2.${i + 1}]`);
    const lines = [
      ...customers.flatMap((client, i) => mail(client, `ABC${10 + i}`, i)),
      ...customers.flatMap((client, i) => failed(client, 100 + i, 110 + i, 120 + i)),
      ...failed('unknown[203.0.113.9]', 130, 131, 132),
      ...failed('unknown[203.0.113.9]', 9000),
    ];
    const breaker = { clients: 5, share: 0.01, within: HOUR };
    const { report } = replayed(lines, { breaker });
    expect(report.total.blocks).to.equal(6);
    expect(report.sparing?.without).to.include({ blocks: 13 });
    expect(report.sparing?.breaker).to.deep.equal([
      {
        at: '2026-11-23T10:02:05.000Z',
        closed: '2026-11-23T11:02:11.000Z',
        ip: '192.0.2.6',
        blocked: 6,
        standing: 12,
      },
    ]);
    expect(report.sparing?.clients.map(({ reason }) => reason)).to.deep.equal(Array(7).fill('breaker'));
  });

  it('shows in the shares of a rule where its clients lie, also where it has none and the reader asks for them', () => {
    const lines = hour(BIG, 6000, 120);
    const absolute = { rules: [{ ...RECIPIENTS, share: 0 }] };
    expect(replayed(lines, absolute).report.shares).to.deep.equal([]);
    const [spread] = replayed(lines, absolute, { wantsShares: true }).report.shares;
    expect(spread).to.include({ rule: 'recipients', sort: 'recipients', share: 0, clients: 1 });
    expect(spread?.outstanding[0]).to.include({ name: 'mx.big.example', isBlocked: true });
    expect(spread?.outstanding[0]?.events).to.be.within(108, 120);
    expect(spread?.points[0]?.part).to.be.closeTo(0.02, 0.002);
    const [spared] = replayed(lines, { rules: [RECIPIENTS] }, { wantsShares: true }).report.shares;
    expect(spared?.points[0]).to.include({ isBlocked: false });
  });

  it('reports nothing about sparing for a policy that spares nobody', () => {
    const found = replayed(failed(BIG, 0, 1, 2));
    expect(found.report.sparing).to.equal(null);
    expect(ruleOf(found)).to.include({ share: 0, spared: 0, without: null });
  });
});
