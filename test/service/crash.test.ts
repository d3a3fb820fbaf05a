// kill -9: reading continues from the snapshot; nothing is lost, and nothing is counted or logged twice.

import { copyFileSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endDaemons, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { until } from '../harness/until.ts';
import {
  auditOf,
  authFailure,
  caughtUp,
  droppedConnection,
  refusedByUs,
  rejectedRecipient,
  times,
} from './mail.ts';

const IP = '192.0.2.1';
const DUNNO = 'action=DUNNO';
const RULES = SMALL_RULES.replace('auth-failure, limit: 3', 'auth-failure, limit: 10');

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** What can happen to the log while the daemon is down; the lines before stand in it, `more` is written after. */
const ROTATIONS: readonly (readonly [what: string, rotate: (daemon: TestDaemon) => void])[] = [
  ['the log going on', () => undefined],
  ['the log renamed and begun anew', ({ log }) => renameSync(log, `${log}.1`)],
  [
    'the log renamed twice',
    ({ log }) => {
      renameSync(log, `${log}.1`);
      writeFileSync(log, `${authFailure('192.0.2.200').join('\n')}\n`);
      renameSync(`${log}.1`, `${log}.2`);
      renameSync(log, `${log}.1`);
    },
  ],
  [
    'the log copied and truncated',
    ({ log }) => {
      copyFileSync(log, `${log}.1`);
      truncateSync(log);
    },
  ],
];

describe('service: kill -9', () => {
  afterEach(endDaemons);

  for (const [what, rotate] of ROTATIONS) {
    it(`blocks at exactly the limit-th event, with lines written while it was down and ${what}`, async () => {
      const daemon = await new TestDaemon({ rules: RULES }).start();
      daemon.append(...times(3, () => authFailure(IP)));
      await caughtUp(daemon);
      await daemon.snapshot();
      // Read, but in no snapshot.
      daemon.append(...times(2, () => authFailure(IP)));
      await caughtUp(daemon);
      expect(await daemon.stop('SIGKILL')).to.equal('SIGKILL');
      daemon.append(...times(2, () => authFailure(IP)));
      rotate(daemon);
      daemon.append(...times(2, () => authFailure(IP)));
      await daemon.start();
      await caughtUp(daemon);
      expect(await daemon.verdict(IP), 'after nine of ten').to.equal(DUNNO);
      const tenth = Date.now();
      daemon.append(...authFailure(IP, tenth), ...times(5, () => authFailure(IP)));
      await daemon.said(new RegExp(` block ip=${IP} rule=auth-failures since=${iso(tenth)} .*count=10`));
      await daemon.stop();
      expect(auditOf(daemon, IP)).to.deep.equal([`block ${iso(tenth)}`]);
    });

    it(`blocks for the limit-th event that was written while it was down, with ${what}`, async () => {
      const daemon = new TestDaemon({ rules: RULES });
      daemon.append(...authFailure('192.0.2.200'));
      await daemon.start();
      daemon.append(...times(8, () => authFailure(IP)));
      await caughtUp(daemon);
      await daemon.stop('SIGKILL');
      daemon.append(...authFailure(IP));
      rotate(daemon);
      const tenth = Date.now();
      daemon.append(...authFailure(IP, tenth), ...times(5, () => authFailure(IP)));
      await daemon.start();
      await daemon.said(new RegExp(` block ip=${IP} rule=auth-failures since=${iso(tenth)} .*count=10`));
      await daemon.stop();
      expect(auditOf(daemon, IP)).to.deep.equal([`block ${iso(tenth)}`]);
    });
  }

  it('loses nothing of a log that did not exist at the last snapshot and has been rotated since', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(...times(2, () => authFailure(IP)));
    await caughtUp(daemon);
    await daemon.stop('SIGKILL');
    renameSync(daemon.log, `${daemon.log}.1`);
    daemon.append(...authFailure(IP));
    await daemon.start();
    await daemon.said(new RegExp(` block ip=${IP} rule=auth-failures .*count=3`));
  });

  it('keeps a session that was open in the log: its drop is counted once, at its end', async () => {
    const daemon = await new TestDaemon().start();
    const [connect = '', drop = '', disconnect = ''] = droppedConnection(IP);
    daemon.append(...times(2, () => droppedConnection(IP)), connect, drop);
    await caughtUp(daemon);
    await daemon.snapshot();
    await daemon.stop('SIGKILL');
    await daemon.start();
    await caughtUp(daemon);
    expect(await daemon.verdict(IP)).to.equal(DUNNO);
    daemon.append(disconnect);
    await daemon.said(new RegExp(` block ip=${IP} rule=connection-spam `));
  });

  it('reads the rest of a line that was half written', async () => {
    const daemon = await new TestDaemon().start();
    const [line = ''] = authFailure(IP);
    daemon.append(...times(2, () => authFailure(IP)));
    await caughtUp(daemon);
    writeFileSync(daemon.log, line.slice(0, 60), { flag: 'a' });
    await daemon.snapshot();
    await daemon.stop('SIGKILL');
    writeFileSync(daemon.log, `${line.slice(60)}\n`, { flag: 'a' });
    await daemon.start();
    await daemon.said(new RegExp(` block ip=${IP} rule=auth-failures `));
  });

  it('writes a block once that was in the trail already and in no snapshot', async () => {
    const daemon = await new TestDaemon().start();
    const at = Date.now();
    daemon.append(...times(3, () => authFailure(IP, at)));
    await until('the line in the trail', () => auditOf(daemon, IP).length > 0);
    await daemon.stop('SIGKILL');
    await daemon.start();
    await caughtUp(daemon);
    expect(await daemon.verdict(IP)).to.match(/^action=REJECT /);
    await daemon.stop();
    expect(auditOf(daemon, IP)).to.deep.equal([`block ${iso(at)}`]);
  });

  it('loses no block of its very first minute', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(...times(3, () => authFailure(IP)), ...times(2, () => authFailure('192.0.2.2')));
    await caughtUp(daemon);
    await daemon.stop('SIGKILL');
    await daemon.start();
    await caughtUp(daemon);
    expect(await daemon.verdict(IP)).to.match(/^action=REJECT /);
    daemon.append(...authFailure('192.0.2.2'));
    await daemon.said(/ block ip=192\.0\.2\.2 /);
  });

  it('writes each block and each end once, however often it is killed', async () => {
    const rules = `
  auth-failures: {counts: auth-failure, limit: 3, within: 1h, block-for: 2s, message: Too many failures.}
  rejected-recipients: {counts: rejected-recipient, limit: 3, within: 1h, block-for: 48h, message: Too many.}
`;
    const daemon = await new TestDaemon({ rules }).start();
    const first = Date.now();
    daemon.append(...times(3, () => authFailure(IP, first)));
    await until('the end in the trail', () => auditOf(daemon, IP).length === 2);
    await daemon.stop('SIGKILL');
    await daemon.start();
    await caughtUp(daemon);
    const second = Date.now();
    daemon.append(...times(3, () => authFailure(IP, second)));
    await until('the second block in the trail', () => auditOf(daemon, IP).length >= 3);
    await daemon.stop('SIGKILL');
    await daemon.start();
    await until('the second end in the trail', () => auditOf(daemon, IP).length >= 4);
    await daemon.stop();
    expect(auditOf(daemon, IP)).to.deep.equal([
      `block ${iso(first)}`,
      `end ${iso(first)}`,
      `block ${iso(second)}`,
      `end ${iso(second)}`,
    ]);
    const numbers = daemon.audit().map(({ sequence }) => sequence);
    expect(numbers).to.deep.equal(numbers.map((_, i) => i + 1));
  });

  it('removes a line of the trail that the crash cut off, and writes it again', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(...times(3, () => authFailure(IP)), ...times(3, () => rejectedRecipient('192.0.2.2')));
    await until('the lines in the trail', () => daemon.audit().length === 2);
    await daemon.stop('SIGKILL');
    const path = join(daemon.state, 'audit.jsonl');
    truncateSync(path, readFileSync(path).length - 30);
    await daemon.start();
    await until('the line in the trail', () => daemon.audit().length === 2);
    await daemon.stop();
    expect(daemon.audit().map(({ sequence, ip }) => [sequence, ip])).to.deep.equal([
      [1, IP],
      [2, '192.0.2.2'],
    ]);
  });

  it('knows its refusals by the text of a policy that was changed while it was down', async () => {
    const daemon = await new TestDaemon().start();
    await daemon.snapshot();
    await daemon.stop('SIGKILL');
    daemon.writePolicy(
      SMALL_RULES.replace(/Your IP is sending excessive rejected recipients[^}]*/, 'Other words.'),
    );
    daemon.append(...times(3, () => refusedByUs('192.0.2.9', 'user@example.net')));
    await daemon.start();
    await caughtUp(daemon);
    const { ips } = await daemon.snapshot();
    expect(ips['192.0.2.9']).to.equal(undefined);
    expect(daemon.output).to.match(/ snapshot-read .* age=\d{1,2}s /);
  });

  it('loses little progress in a long log, however large snapshot-every is', async () => {
    const daemon = new TestDaemon();
    daemon.writePolicy(SMALL_RULES, daemon.head('snapshot-every: 24h\n'));
    await daemon.start();
    await daemon.stop('SIGKILL');
    const others = Array.from({ length: 20_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    daemon.append(...others.flatMap((ip) => authFailure(ip)));
    await daemon.start();
    const path = join(daemon.state, 'snapshot.json');
    const { length } = readFileSync(daemon.log);
    await until('a snapshot of all of it', () => readFileSync(path, 'utf8').includes(`"offset":${length},`));
  });

  it('leaves the snapshot before in place if it interrupts the writing of one', async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(...times(3, () => authFailure(IP)));
    await caughtUp(daemon);
    await daemon.snapshot();
    daemon.signal('SIGUSR1');
    await daemon.stop('SIGKILL');
    writeFileSync(join(daemon.state, 'snapshot.json.new'), '{"version":1,"writ');
    await daemon.start();
    expect(daemon.output).to.match(/ snapshot-read tracked=2 blocks=2 /);
    expect(await daemon.verdict(IP)).to.match(/^action=REJECT /);
  });
});
