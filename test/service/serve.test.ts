// The whole service, from a line of the mail log to the 554.

import { expect } from 'chai';
import { HOUR } from '../../src/values/duration.ts';
import { endDaemons, PolicyClient, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { until } from '../harness/until.ts';
import {
  auditOf,
  authFailure,
  caughtUp,
  droppedConnection,
  rejectedMessage,
  rejectedRecipient,
  stamp,
  times,
} from './mail.ts';

const DUNNO = 'action=DUNNO';
const IP = '192.0.2.1';
const OTHER = '192.0.2.2';

interface Case {
  readonly rule: string;
  readonly event: (ip: string, at?: number) => string[];
  readonly hours: number;
  readonly message: string;
}

/** The four rules, whose texts and durations are promises. */
const RULES: readonly Case[] = [
  {
    rule: 'rejected-recipients',
    event: rejectedRecipient,
    hours: 48,
    message: 'Your IP is sending excessive rejected recipients. Please contact support.',
  },
  {
    rule: 'auth-failures',
    event: authFailure,
    hours: 24,
    message: 'Your IP is generating excessive authentication failures. Please contact support.',
  },
  {
    rule: 'connection-spam',
    event: droppedConnection,
    hours: 12,
    message: 'Your IP address is flooding our SMTP server with abusive requests, please contact support.',
  },
  {
    rule: 'rejected-after-data',
    event: rejectedMessage,
    hours: 24,
    message: 'Your IP is sending excessive rejected messages. Please contact support.',
  },
];

describe('service: from log line to 554', () => {
  afterEach(endDaemons);

  for (const { rule, event, hours, message } of RULES) {
    it(`rejects a client from the event on that reaches the limit of ${rule}, and no other client`, async () => {
      const daemon = await new TestDaemon().start();
      daemon.append(...times(2, () => event(IP)), ...times(2, () => event(OTHER)));
      await caughtUp(daemon);
      expect(await daemon.verdict(IP)).to.equal(DUNNO);
      const at = Date.now();
      daemon.append(...event(IP, at));
      await daemon.said(new RegExp(` block ip=${IP} rule=${rule} `));
      expect(await daemon.verdict(IP)).to.equal(`action=REJECT ${message}`);
      expect(await daemon.verdict(OTHER)).to.equal(DUNNO);
      const { ips } = await daemon.snapshot();
      expect(ips[IP]?.block).to.deep.include({
        rule,
        since: new Date(at).toISOString(),
        until: new Date(at + hours * HOUR).toISOString(),
        count: 3,
      });
      expect(ips[OTHER]?.block).to.equal(undefined);
    });
  }

  it('answers a connection that was open before the block began', async () => {
    const daemon = await new TestDaemon().start();
    const client = await PolicyClient.open(daemon.socket);
    const ask = () =>
      client.ask({ protocol_state: 'END-OF-MESSAGE', client_address: IP, client_name: 'unknown' });
    expect(await ask()).to.equal(DUNNO);
    daemon.append(...times(3, () => rejectedRecipient(IP)));
    await daemon.said(new RegExp(` block ip=${IP} `));
    expect(await ask()).to.match(/^action=REJECT /);
    client.close();
  });

  it('never counts requests: only the log counts', async () => {
    const daemon = await new TestDaemon().start();
    for (let i = 0; i < 20; i++) await daemon.verdict(IP);
    const { ips } = await daemon.snapshot();
    expect(ips).to.deep.equal({});
  });

  it('counts an IPv6 client by its /64', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(...[1, 2, 3].flatMap((host) => authFailure(`2001:db8:1:2::${host}`)));
    await daemon.said(/ block ip="?2001:db8:1:2::\/64"? /);
    expect(await daemon.verdict('2001:db8:1:2:ffff::9')).to.match(/^action=REJECT /);
    expect(await daemon.verdict('2001:db8:1:3::1')).to.equal(DUNNO);
  });

  it('neither counts nor refuses a client of the allow list', async () => {
    const daemon = new TestDaemon();
    daemon.writePolicy(SMALL_RULES, daemon.head(`allow: [${IP}, .example.com]\n`));
    await daemon.start();
    daemon.append(...times(9, () => rejectedRecipient(IP)));
    const named = rejectedRecipient(OTHER).map((text) => text.replace('unknown[', 'a.example.com['));
    daemon.append(...times(9, () => named));
    await caughtUp(daemon);
    expect(await daemon.verdict(IP)).to.equal(DUNNO);
    expect(await daemon.verdict(OTHER)).to.equal(DUNNO);
    const { ips } = await daemon.snapshot();
    expect(ips).not.to.have.any.keys(IP, OTHER);
  });

  it('only watches for a rule with enforce: false: it logs and shows the block, and answers DUNNO', async () => {
    const rules = SMALL_RULES.replace('counts: auth-failure', 'enforce: false, counts: auth-failure');
    const daemon = await new TestDaemon({ rules }).start();
    const at = Date.now();
    daemon.append(...times(5, () => authFailure(IP, at)));
    await daemon.said(new RegExp(` watched-block ip=${IP} rule=auth-failures .*count=3`));
    await caughtUp(daemon);
    expect(await daemon.verdict(IP)).to.equal(DUNNO);
    const text = JSON.stringify((await daemon.snapshot()).ips[IP]);
    expect(text).to.contain('"rule":"auth-failures"').and.to.contain('"watching"');
    expect(auditOf(daemon, IP)).to.deep.equal([`block ${new Date(at).toISOString()}`]);
    expect(daemon.audit().find(({ ip }) => ip === IP)).to.include({ enforced: false });
    expect(daemon.output).not.to.match(new RegExp(` block ip=${IP} `));
  });
});

describe('service: the end of a block', () => {
  afterEach(endDaemons);

  const rules = `
  auth-failures: {counts: auth-failure, limit: 3, within: 1h, block-for: 2s, message: Too many failures.}
  rejected-recipients: {counts: rejected-recipient, limit: 3, within: 1h, block-for: 48h, message: Too many.}
`;

  it('comes by itself, and the client starts from zero: what it did before never counts again', async () => {
    const daemon = await new TestDaemon({ rules }).start();
    const at = Date.now();
    daemon.append(...times(3, () => authFailure(IP, at)));
    await daemon.said(new RegExp(` block ip=${IP} rule=auth-failures `));
    daemon.append(
      ...times(20, () => authFailure(IP, at + 500)),
      ...times(20, () => rejectedRecipient(IP, at + 500)),
    );
    const [end] = await daemon.said(new RegExp(`.* block-end ip=${IP} .*`));
    expect(end).to.contain(`since=${new Date(at).toISOString()}`);
    expect(end).to.contain(`at=${new Date(at + 2000).toISOString()}`);
    expect(end).to.contain('reason=expired');
    expect(await daemon.verdict(IP)).to.equal(DUNNO);
    expect((await daemon.snapshot()).ips[IP]?.events).to.equal(undefined);
    // Late lines from the time of the block, and one event too few since.
    daemon.append(...times(20, () => authFailure(IP, at + 1999)), ...times(2, () => authFailure(IP)));
    await caughtUp(daemon);
    expect(await daemon.verdict(IP)).to.equal(DUNNO);
    const again = Date.now();
    daemon.append(...authFailure(IP, again));
    await daemon.said(
      new RegExp(` block ip=${IP} rule=auth-failures since=${new Date(again).toISOString()}`),
    );
    await daemon.stop();
    expect(auditOf(daemon, IP).slice(0, 3)).to.deep.equal([
      `block ${new Date(at).toISOString()}`,
      `end ${new Date(at).toISOString()}`,
      `block ${new Date(again).toISOString()}`,
    ]);
  });

  it('comes although the daemon was down when the block expired', async () => {
    const daemon = await new TestDaemon({ rules }).start();
    const at = Date.now() - 1800;
    daemon.append(...times(3, () => authFailure(IP, at)));
    await daemon.said(new RegExp(` block ip=${IP} `));
    await daemon.stop();
    await daemon.start();
    await until('the end in the trail', () => auditOf(daemon, IP).length === 2);
    expect(daemon.audit().find(({ event }) => event === 'end')).to.include({
      at: new Date(at + 2000).toISOString(),
      since: new Date(at).toISOString(),
      reason: 'expired',
    });
    expect(await daemon.verdict(IP)).to.equal(DUNNO);
  });

  it('logs how often the client was refused, as Postfix logged it', async () => {
    const daemon = await new TestDaemon({ rules }).start();
    const at = Date.now();
    const refused = `${stamp(at)} mx1 postfix/smtpd[2101]: NOQUEUE: reject: RCPT from unknown[${IP}]: 554 5.7.1 <unknown[${IP}]>: Client host rejected: Too many failures.; from=<a@example.org> to=<b@example.net> proto=ESMTP helo=<x>`;
    daemon.append(...times(3, () => authFailure(IP, at)), refused, refused);
    await daemon.said(new RegExp(` block-end ip=${IP} .*refused=2`));
  });
});
