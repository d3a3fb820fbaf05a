// Millions of addresses, and sessions that no line closes: memory is bounded, it is logged once, and it ends.

import { expect } from 'chai';
import type { AbuseEvent, LogEvent } from '../../src/blocks/events/event.ts';
import { LogReader } from '../../src/maillog/reader.ts';
import { MAX_SESSIONS } from '../../src/maillog/session-table.ts';
import type { LogRecord } from '../../src/maillog/syslog/record.ts';
import { HOUR } from '../../src/values/duration.ts';
import { BlocksFixture, START } from '../blocks/blocks-fixture.ts';
import { endDaemons, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { figure, scaled } from '../harness/scale.ts';
import {
  authFailure,
  caughtUp,
  droppedConnection,
  refusedByUs,
  rejectedRecipient,
  stamp,
  times,
} from '../service/mail.ts';

/** Ten million with POSTBLOCK_TEST_SCALE=100. */
const CLIENTS = scaled(100_000);
const MAX_TRACKED = CLIENTS / 10;
const SESSIONS = scaled(40_000);
const DUNNO = 'action=DUNNO';

function ipv4(i: number): string {
  return `${10 + (i >>> 24)}.${(i >>> 16) & 255}.${(i >>> 8) & 255}.${i & 255}`;
}

/** Every address in a /64 of its own. */
function ipv6(i: number): string {
  return `2001:db8:${(i >>> 16).toString(16)}:${(i & 0xffff).toString(16)}::${(i % 9) + 1}`;
}

function failure(address: string, time: number): AbuseEvent {
  return { kind: 'auth-failure', at: START + time, address };
}

describe('faults: millions of addresses', () => {
  afterEach(endDaemons);

  for (const [what, address] of [
    ['IPv4 addresses', ipv4],
    ['IPv6 networks', ipv6],
  ] as const) {
    it(`${CLIENTS} ${what}: the table stays within its bound, blocks stay, and the busiest is blocked`, function () {
      this.timeout(30_000 + CLIENTS);
      const fixture = new BlocksFixture({ maxTracked: MAX_TRACKED });
      fixture.take('203.0.113.1', [0, 0, 0]);
      // Two of three events: it is evicted after clients with one event.
      fixture.take('203.0.113.2', [0, 1]);
      const before = process.memoryUsage.rss();
      for (let i = 0; i < CLIENTS; i++) {
        fixture.blocks.take(failure(address(i), 2 + (i % 1000)));
        if (i % 1000 === 0) fixture.blocks.forget(START + 1000);
      }
      const { table } = fixture.blocks;
      expect(table.size).to.be.at.most(MAX_TRACKED);
      expect(table.evicted).to.equal(CLIENTS + 2 - MAX_TRACKED);
      expect(fixture.refusing('203.0.113.1', 1000)).to.equal('auth');
      fixture.take('203.0.113.2', [1001]);
      expect(fixture.refusing('203.0.113.2', 1002)).to.equal('auth');
      const grown = Math.round((process.memoryUsage.rss() - before) / 2 ** 20);
      figure(`${CLIENTS} ${what}, ${MAX_TRACKED} kept, ${table.evicted} evicted, ${grown} MiB more resident`);
      // When the flood is over, all that it left expires, and the bound is no longer reached.
      for (let i = 0; i <= MAX_TRACKED; i += 1000) fixture.blocks.forget(START + 2 * HOUR);
      expect(table.size).to.equal(2);
      fixture.take('203.0.113.3', [2 * HOUR]);
      expect(table.evicted).to.equal(CLIENTS + 2 - MAX_TRACKED);
    });
  }

  it('in the log of a daemon: logged once, while blocks stay and verdicts continue', async () => {
    const daemon = new TestDaemon();
    daemon.writePolicy(SMALL_RULES, daemon.head('max-tracked: 1000\n'));
    await daemon.start();
    daemon.append(...times(3, () => authFailure('192.0.2.1')));
    for (let wave = 0; wave < 4; wave++) {
      daemon.append(
        ...Array.from({ length: 2000 }, (_, i) => rejectedRecipient(ipv4(wave * 2000 + i))).flat(),
      );
      await caughtUp(daemon);
      // A tick has passed, which has seen what the wave did.
      await daemon.snapshot();
      expect(await daemon.verdict('192.0.2.1'), `wave ${wave}`).to.match(/^action=REJECT /);
    }
    await daemon.said(/ max-tracked-reached max=1000\n/);
    expect(daemon.output.match(/ max-tracked-reached /g)).to.have.lengthOf(1);
    daemon.append(...times(3, () => authFailure('192.0.2.2')));
    await daemon.said(/ block ip=192\.0\.2\.2 /);
  });
});

describe('faults: bots that continue while blocked', () => {
  afterEach(endDaemons);

  async function full(): Promise<TestDaemon> {
    const daemon = new TestDaemon();
    daemon.writePolicy(SMALL_RULES, daemon.head('max-tracked: 1000\n'));
    await daemon.start();
    for (let i = 0; i < 500; i++) daemon.append(...times(3, () => rejectedRecipient(ipv4(i))));
    for (let i = 0; i < 500; i++)
      daemon.append(...Array.from({ length: 20 }, (_, n) => refusedByUs(ipv4(i), `${n}@example.net`)).flat());
    await caughtUp(daemon);
    return daemon;
  }

  it('do not keep other clients from being counted: a new abuser is blocked at its limit, and each refusal is counted', async () => {
    const daemon = await full();
    daemon.append(...times(2, () => authFailure('192.0.2.1')));
    await caughtUp(daemon);
    expect(await daemon.verdict('192.0.2.1')).to.equal(DUNNO);
    daemon.append(...authFailure('192.0.2.1'));
    await daemon.said(/ block ip=192\.0\.2\.1 rule=auth-failures /);
    expect(await daemon.verdict('192.0.2.1')).to.match(/^action=REJECT /);
    const { ips } = await daemon.snapshot();
    for (let i = 0; i < 500; i++) expect(ips[ipv4(i)]?.block?.refused, ipv4(i)).to.equal(20);
    expect(daemon.output).not.to.include('max-tracked-reached');
  });

  it('are a trouble where too many are blocked: those silent for longest are evicted, and new clients are counted', async () => {
    const daemon = await full();
    for (let i = 500; i < 1000; i++) daemon.append(...times(3, () => rejectedRecipient(ipv4(i))));
    await daemon.said(
      / error max-blocked-reached reason="blocked clients fill their part of max-tracked \(1000\)/,
    );
    await caughtUp(daemon);
    expect(await daemon.verdict(ipv4(0))).to.equal(DUNNO);
    expect(await daemon.verdict(ipv4(999))).to.match(/^action=REJECT /);
    daemon.append(...times(2, () => authFailure('192.0.2.1')));
    await caughtUp(daemon);
    expect(await daemon.verdict('192.0.2.1')).to.equal(DUNNO);
    daemon.append(...authFailure('192.0.2.1'));
    await daemon.said(/ block ip=192\.0\.2\.1 rule=auth-failures /);
    await daemon.snapshot();
    const ends = daemon.audit().filter(({ event }) => event === 'end');
    // 875 of the 1,000 may be blocked; four more came at the end.
    expect(new Set(ends.map(({ reason }) => reason))).to.deep.equal(new Set(['no-room']));
    expect(ends).to.have.lengthOf(1000 + 4 - 875);
    expect(ends[0]?.ip).to.equal(ipv4(0));
  });
});

describe('faults: sessions without an end', () => {
  afterEach(endDaemons);

  const record = (process: number, message: string, program: LogRecord['program'] = 'smtpd'): LogRecord => ({
    at: START,
    program,
    process: `mx postfix/${program}[${process}`,
    message,
  });

  it(`${SESSIONS} of them, each with a queue ID: bounded, and the newest are known`, function () {
    this.timeout(30_000 + SESSIONS);
    const reader = new LogReader();
    const events: LogEvent[] = [];
    const take = (one: LogRecord) => reader.read(one, (event) => events.push(event));
    for (let i = 0; i < SESSIONS; i++) {
      take(record(i, `connect from unknown[${ipv4(i)}]`));
      take(record(i, `${(0x10_0000_0000 + i).toString(16).toUpperCase()}: client=unknown[${ipv4(i)}]`));
      take(record(i, `too many errors after RCPT from unknown[${ipv4(i)}]`));
    }
    const kept = reader.sessions.state.open.length;
    expect(kept).to.be.within(0.9 * MAX_SESSIONS, MAX_SESSIONS);
    expect(reader.sessions.evicted).to.equal(SESSIONS - kept);
    const last = SESSIONS - 1;
    const reject = (i: number) => {
      const id = (0x10_0000_0000 + i).toString(16).toUpperCase();
      const text = `from unknown[192.0.2.66]; from=<a@example.org> to=<b@example.net> proto=ESMTP helo=<x>: 5.7.1 No`;
      take(record(1, `${id}: reject: header Subject: x ${text}`, 'cleanup'));
    };
    reject(0);
    expect(events, 'of a session that was let go').to.deep.equal([]);
    reject(last);
    take(record(last, `disconnect from unknown[${ipv4(last)}] commands=0/0`));
    expect(events.map(({ kind, address }) => `${kind} ${address}`)).to.deep.equal([
      `rejected-message ${ipv4(last)}`,
      `dropped-connection ${ipv4(last)}`,
    ]);
    figure(`${SESSIONS} sessions, ${kept} kept, ${reader.sessions.evicted} evicted`);
  });

  it('in the log of a daemon: logged once, and the next sessions count as before', async () => {
    const daemon = await new TestDaemon().start();
    const now = stamp(Date.now());
    for (let wave = 0; wave < 3; wave++) {
      const lines = Array.from(
        { length: 5000 },
        (_, i) => `${now} mx1 postfix/smtpd[${wave * 5000 + i + 10_000}]: connect from unknown[${ipv4(i)}]`,
      );
      daemon.append(...lines);
      await caughtUp(daemon);
    }
    await daemon.said(/ sessions-reached max=10000\n/);
    daemon.append(...times(3, () => droppedConnection('192.0.2.1')));
    await daemon.said(/ block ip=192\.0\.2\.1 rule=connection-spam /);
    expect(await daemon.verdict('192.0.2.2')).to.equal(DUNNO);
    expect(daemon.output.match(/ sessions-reached /g)).to.have.lengthOf(1);
  });
});
