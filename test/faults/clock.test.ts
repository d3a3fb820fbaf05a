// Clock faults: the clock is set while the daemon runs, or the log has the stamps of a wrong clock.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { DAY, HOUR } from '../../src/values/duration.ts';
import { endDaemons, SMALL_RULES, type Snapshot, TestDaemon } from '../harness/daemon.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { describeReal, FAKETIME, fakedBy } from '../harness/real.ts';
import { until } from '../harness/until.ts';
import { authFailure, rejectedRecipient, times } from '../service/mail.ts';

const DUNNO = 'action=DUNNO';
const REJECT = /^action=REJECT /;
const TROUBLE = / (?:fault|snapshot-failed|audit-failed|log-source-lost source=\S+ reason=(?!"ENOENT)) ?/;
/** A rule whose blocks end within a second, by the daemon's tick. */
const SHORT = `
  abandoned: {counts: abandoned-connection, limit: 1, within: 1h, block-for: 1s, message: Briefly.}
`;

function abandonedConnection(ip: string, at = Date.now()): string[] {
  const stamp = new Date(at).toISOString();
  const lines = [`connect from unknown[${ip}]`, `lost connection after RCPT from unknown[${ip}]`];
  lines.push(`disconnect from unknown[${ip}] commands=0/0`);
  return lines.map((message) => `${stamp} mx1 postfix/smtpd[2606]: ${message}`);
}

/** The time at which the snapshot was written, by the daemon's clock. */
function written(snapshot: Snapshot): number {
  return Date.parse((snapshot as unknown as { written: string }).written);
}

function blockOf({ ips }: Snapshot, ip: string): { since: number; until: number } {
  const { since, until } = ips[ip]?.block ?? {};
  return { since: Date.parse(String(since)), until: Date.parse(String(until)) };
}

describeReal('faults: the clock is set', FAKETIME, () => {
  const folder = temporaryFolder();
  const file = join(folder, 'clock');
  let offset = 0;

  /** The daemon sees it at once. @param by ms to add to the true time */
  function set(by: number): void {
    offset = Math.round(by / 1000) * 1000;
    // Written in place: after a truncation the daemon would see the true time.
    writeFileSync(file, `${offset < 0 ? '-' : '+'}${String(Math.abs(offset) / 1000).padStart(12, '0')}\n`, {
      flag: 'r+',
    });
  }
  const now = () => Date.now() + offset;

  beforeEach(() => {
    offset = 0;
    writeFileSync(file, `+${'0'.repeat(12)}\n`);
  });
  afterEach(endDaemons);

  async function block(daemon: TestDaemon, ip: string): Promise<void> {
    daemon.append(...times(3, () => authFailure(ip, now())));
    await daemon.said(new RegExp(` block ip=${ip} rule=auth-failures `));
    expect(await daemon.verdict(ip), ip).to.match(REJECT);
  }

  /** A new snapshot, which must be readable and have the time of the clock that was set. */
  async function snapshot(daemon: TestDaemon): Promise<Snapshot> {
    const found = await daemon.snapshot();
    expect(Math.abs(written(found) - now())).to.be.below(HOUR / 60);
    return found;
  }

  const steps: readonly (readonly [what: string, by: number])[] = [
    ['an hour forward', HOUR],
    ['an hour back', -HOUR],
    ['back to 1970', DAY - Date.now()],
  ];
  for (const [what, by] of steps) {
    it(`goes on when it is set ${what}, and when it is set right again: blocks stay, new ones begin and end`, async () => {
      const daemon = await new TestDaemon({ env: fakedBy(file), rules: SMALL_RULES + SHORT }).start();
      await block(daemon, '192.0.2.1');
      set(by);
      await snapshot(daemon);
      expect(await daemon.verdict('192.0.2.1'), 'blocked before').to.match(REJECT);
      expect(await daemon.verdict('198.51.100.1')).to.equal(DUNNO);
      await block(daemon, '192.0.2.2');
      daemon.append(...abandonedConnection('192.0.2.3', now()));
      await daemon.said(/ block-end ip=192\.0\.2\.3 .*reason=expired/);
      // The tick that ended it has removed expired counts, but not those counted by the current clock.
      daemon.append(...times(2, () => authFailure('192.0.2.4', now())));
      daemon.append(...abandonedConnection('192.0.2.5', now()));
      await daemon.said(/ block-end ip=192\.0\.2\.5 .*reason=expired/);
      daemon.append(...authFailure('192.0.2.4', now()));
      await daemon.said(/ block ip=192\.0\.2\.4 .*count=3/);
      set(0);
      expect(await daemon.verdict('192.0.2.1'), 'blocked before, at the end').to.match(REJECT);
      await block(daemon, '192.0.2.6');
      const last = await snapshot(daemon);
      for (const ip of Object.keys(last.ips)) {
        const { until: end } = blockOf(last, ip);
        if (!Number.isNaN(end)) expect(end, ip).to.be.below(now() + 25 * HOUR + 1000);
      }
      expect(daemon.output).not.to.match(TROUBLE);
      expect(await daemon.stop()).to.equal(0);
    });
  }

  for (const [what, by] of steps) {
    it(`blocks a client that goes on when it is set ${what}, whatever was counted of it before`, async () => {
      const daemon = await new TestDaemon({ env: fakedBy(file), rules: SMALL_RULES + SHORT }).start();
      daemon.append(...times(2, () => authFailure('192.0.2.1', now())), ...abandonedConnection('192.0.2.8'));
      await daemon.said(/ block-end ip=192\.0\.2\.8 /);
      set(by);
      await snapshot(daemon);
      await block(daemon, '192.0.2.1');
    });
  }

  it('restores what it knew when it was killed at one time and starts at another', async () => {
    for (const [what, by] of steps) {
      set(0);
      const daemon = await new TestDaemon({ env: fakedBy(file) }).start();
      await block(daemon, '192.0.2.1');
      await daemon.snapshot();
      await daemon.stop('SIGKILL');
      set(by);
      await daemon.start();
      expect(await daemon.verdict('192.0.2.1'), what).to.match(REJECT);
      await block(daemon, '192.0.2.2');
      expect(daemon.output, what).not.to.match(TROUBLE);
      expect(await daemon.stop()).to.equal(0);
    }
  });
});

describe('faults: a log stamped in the future', () => {
  afterEach(endDaemons);

  for (const [what, ahead] of [
    ['an hour', HOUR],
    ['a year', 365 * DAY],
  ] as const) {
    it(`${what} ahead: a block begins when its last line was read, and lasts as long as the rule says`, async () => {
      const daemon = await new TestDaemon().start();
      const before = Date.now();
      daemon.append(...times(3, () => rejectedRecipient('192.0.2.1', Date.now() + ahead)));
      await daemon.said(/ block ip=192\.0\.2\.1 /);
      const { since, until: end } = blockOf(await daemon.snapshot(), '192.0.2.1');
      expect(since).to.be.within(before, Date.now());
      expect(end).to.equal(since + 48 * HOUR);
    });

    it(`${what} ahead: it is said once, and what others did before still counts`, async () => {
      const daemon = await new TestDaemon({ rules: SMALL_RULES + SHORT }).start();
      daemon.append(...times(2, () => authFailure('192.0.2.1')));
      daemon.append(...rejectedRecipient('192.0.2.2', Date.now() + ahead));
      for (const ip of ['192.0.2.3', '192.0.2.4']) {
        daemon.append(...abandonedConnection(ip));
        await daemon.said(new RegExp(` block-end ip=${ip} .*reason=expired`));
      }
      daemon.append(...rejectedRecipient('192.0.2.2', Date.now() + ahead), ...authFailure('192.0.2.1'));
      await daemon.said(/ block ip=192\.0\.2\.1 .*count=3/);
      daemon.append(...rejectedRecipient('192.0.2.2'));
      await daemon.said(/ block ip=192\.0\.2\.2 .*count=3/);
      await until('the warning', () => daemon.output.includes(' log-ahead '));
      expect(daemon.output.match(/ log-ahead /g)).to.have.lengthOf(1);
    });
  }

  it('leaves stamps alone that are ahead by seconds, as those of another host may be', async () => {
    const daemon = await new TestDaemon().start();
    const at = Date.now() + 20_000;
    daemon.append(...times(3, () => rejectedRecipient('192.0.2.1', at)));
    await daemon.said(new RegExp(` block ip=192\\.0\\.2\\.1 .*since=${new Date(at).toISOString()} `));
    expect(daemon.output).not.to.include('log-ahead');
  });
});
