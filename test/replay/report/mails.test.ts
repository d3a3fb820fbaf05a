// Mails on their way through Postfix: bounded, whatever clients and logs do, and never those of another client.

import { expect } from 'chai';
import fc from 'fast-check';
import { smtpdFact } from '../../../src/maillog/postfix/smtpd.ts';
import type { LogRecord } from '../../../src/maillog/syslog/record.ts';
import {
  type AcceptedMail,
  type Arrival,
  acceptedMail,
  Mails,
  outcomeOf,
} from '../../../src/replay/report/mails.ts';
import { scaled } from '../../harness/scale.ts';
import { clientText } from '../../maillog/arbitraries.ts';

function record(program: LogRecord['program'], message: string, at = 0): LogRecord {
  return { at, program, process: `mx postfix/${program}[1`, message };
}

function arrive(mails: Mails, message: string): Arrival | undefined {
  const fact = smtpdFact(message);
  if (fact?.type !== 'message' || fact.queueId === undefined) throw new Error(`no arrival: ${message}`);
  return mails.arrive(record('smtpd', message), fact.queueId, fact);
}

function accept(mails: Mails, id: string, sender = 'a@b.c'): AcceptedMail | undefined {
  const line = record('qmgr', `${id}: from=<${sender}>, size=1, nrcpt=1 (queue active)`);
  const arrival = mails.follow(line);
  return arrival && acceptedMail(arrival, line);
}

function awaited(mails: Mails, id: string) {
  arrive(mails, `${id}: client=a.example[192.0.2.1]`);
  const mail = accept(mails, id);
  if (mail === undefined) throw new Error(`not accepted: ${id}`);
  let delivered = 0;
  const delivery = mails.await(mail, () => delivered++);
  return { delivery, times: () => delivered };
}

const idOf = (i: number) => (0xa0_0000 + i).toString(16).toUpperCase();

describe('replay/report/mails: a mail', () => {
  it('is accepted once, with the client that smtpd named', () => {
    const mails = new Mails();
    arrive(mails, 'ABC01: client=a.example[192.0.2.1], sasl_method=PLAIN, sasl_username=anna');
    expect(accept(mails, 'ABC01', 'x@y.z')).to.deep.include({
      queueId: 'ABC01',
      address: '192.0.2.1',
      name: 'a.example',
      user: 'anna',
      sender: 'x@y.z',
    });
    expect(accept(mails, 'ABC01')).to.equal(undefined);
    expect(accept(mails, 'ABC02')).to.equal(undefined);
  });

  it('may have a long queue ID, a client port or no name', () => {
    const mails = new Mails();
    arrive(mails, '4cXyZ12Qk3z9vN: client=unknown[2001:db8::1]:40000');
    expect(accept(mails, '4cXyZ12Qk3z9vN')).to.include({ address: '2001:db8::1', name: undefined });
  });

  it('has the whole sender, whatever it contains', () => {
    fc.assert(
      fc.property(clientText, (text) => {
        const mails = new Mails();
        arrive(mails, 'ABC01: client=a.example[192.0.2.1]');
        const mail = accept(mails, 'ABC01', text);
        expect(mail).to.include({ queueId: 'ABC01', address: '192.0.2.1', recipientCount: 1 });
        expect(mail?.sender.slice(0, 150)).to.equal(text.slice(0, 150));
      }),
      { numRuns: scaled(200) },
    );
  });

  it('has ten recipients at most, and counts all', () => {
    const mails = new Mails();
    const { delivery, times } = awaited(mails, 'ABC01');
    for (let i = 0; i < 100; i++)
      mails.follow(
        record(
          'smtp',
          `ABC01: to=<u${i}@b.c>, orig_to=<x@y.z>, relay=m, delay=1, dsn=2.0.0, status=sent (ok)`,
        ),
      );
    expect(delivery.recipients.length).to.equal(10);
    expect(delivery.recipients[1]).to.deep.equal({ address: 'u1@b.c', status: 'sent' });
    expect([delivery.ended, delivery.sent, times()]).to.deep.equal([100, 100, 1]);
    expect(outcomeOf(delivery, 100)).to.equal('delivered');
  });

  it('is no longer followed after its removal, and ignores other mails', () => {
    const mails = new Mails();
    const { delivery } = awaited(mails, 'ABC01');
    mails.follow(record('smtp', 'ABC012: to=<u@b.c>, relay=m, dsn=2.0.0, status=sent (ok)'));
    mails.follow(record('qmgr', 'ABC01: removed'));
    mails.follow(record('smtp', 'ABC01: to=<u@b.c>, relay=m, dsn=2.0.0, status=sent (ok)'));
    expect(delivery.ended).to.equal(0);
  });

  it('that was not accepted is evicted for newer ones, the oldest thousand at once', () => {
    const mails = new Mails();
    for (let i = 0; i <= 20_000; i++) arrive(mails, `${idOf(i)}: client=a.example[192.0.2.1]`);
    for (const i of [0, 999]) expect(accept(mails, idOf(i))).to.equal(undefined);
    for (const i of [1000, 20_000]) expect(accept(mails, idOf(i))?.queueId).to.equal(idOf(i));
  });

  it('whose delivery is not logged is evicted for newer ones, the oldest thousand at once', () => {
    const mails = new Mails();
    const all = Array.from({ length: 20_001 }, (_, i) => awaited(mails, idOf(i)));
    for (const i of [0, 999, 1000, 20_000])
      mails.follow(record('lmtp', `${idOf(i)}: to=<u@b.c>, relay=m, dsn=2.0.0, status=sent (ok)`));
    expect([0, 999, 1000, 20_000].map((i) => all[i]?.times())).to.deep.equal([0, 0, 1, 1]);
  });

  it('has one entry for each queue ID, however often it arrives', () => {
    const mails = new Mails();
    arrive(mails, 'ABC01: client=a.example[192.0.2.1]');
    for (let i = 0; i < 30_000; i++) arrive(mails, 'ABC02: client=a.example[192.0.2.1]');
    expect(accept(mails, 'ABC01')?.queueId).to.equal('ABC01');
  });
});
