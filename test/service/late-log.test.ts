// A mail log that is late, or in another time zone: the daemon counts and blocks as a replay of it does.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { HOUR, MINUTE } from '../../src/values/duration.ts';
import { CLI, endDaemons, TestDaemon } from '../harness/daemon.ts';
import { rejectedRecipient, stamp } from './mail.ts';

const IP = '192.0.2.1';
const RULES = `
  rejected-recipients:
    {counts: rejected-recipient, limit: 100, within: 1h, block-for: 48h, message: Your IP is sending excessive rejected recipients. Please contact support.}
  abandoned: {counts: abandoned-connection, limit: 1, within: 1h, block-for: 1s, message: Briefly.}
`;

/** Rejected recipients, ten a second. */
function rejected(count: number, from: number): string[] {
  return Array.from({ length: count }, (_, i) => rejectedRecipient(IP, from + i * 100)).flat();
}

/** Lets the daemon look at its blocks and counts: a block of a second begins, and is over. */
async function tick(daemon: TestDaemon, ip: string, at: number): Promise<void> {
  const messages = [`connect from unknown[${ip}]`, `lost connection after RCPT from unknown[${ip}]`];
  for (const message of [...messages, `disconnect from unknown[${ip}]`])
    daemon.append(`${stamp(at)} mx1 postfix/smtpd[2606]: ${message}`);
  await daemon.said(new RegExp(` block-end ip=${ip} `));
}

async function replayed(daemon: TestDaemon): Promise<Record<string, unknown>[]> {
  const args = [CLI, 'replay', daemon.log, '--json', '--policy', daemon.policy];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const lines = stdout.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'block');
}

function blocks(daemon: TestDaemon): Record<string, unknown>[] {
  const lines = daemon.audit().filter(({ event }) => event === 'block');
  return lines.map(({ sequence: _, written: __, ...line }) => line);
}

describe('service: a log that is late', () => {
  afterEach(endDaemons);

  for (const [what, late] of [
    ['65 minutes', 65 * MINUTE],
    ['14 hours', 14 * HOUR],
  ] as const) {
    it(`by ${what} blocks at the limit, as its replay does, over seconds and a kill`, async () => {
      const daemon = new TestDaemon({ rules: RULES });
      daemon.append('');
      await daemon.start();
      const at = Date.now() - late;
      daemon.append(...rejected(50, at));
      await tick(daemon, '192.0.2.2', at + 5000);
      await daemon.snapshot();
      await daemon.stop('SIGKILL');
      daemon.append(...rejected(49, at + 5000));
      await daemon.start();
      await tick(daemon, '192.0.2.3', at + 10_000);
      expect(await daemon.verdict(IP)).to.equal('action=DUNNO');
      daemon.append(...rejected(30, at + 10_000));
      await daemon.said(new RegExp(` block ip=${IP} .*since=${new Date(at + 10_000).toISOString()} `));
      expect(await daemon.verdict(IP)).to.match(/^action=REJECT /);
      await daemon.stop();
      expect(blocks(daemon)).to.deep.equal(await replayed(daemon));
      expect(daemon.output).not.to.contain(' fault ');
    });
  }

  it('writes blocks that have ended when they are read, and their ends, once each', async () => {
    const daemon = new TestDaemon({ rules: RULES });
    daemon.append('');
    await daemon.start();
    const at = Date.now() - 2 * HOUR;
    const since = (minute: number) => new Date(at + minute * MINUTE).toISOString();
    const ips = ['192.0.2.4', '192.0.2.5', '192.0.2.6'];
    for (const [i, ip] of ips.entries()) await tick(daemon, ip, at + i * MINUTE);
    await daemon.stop();
    const entries = daemon.audit().map(({ event, ip, since, at }) => `${ip} ${event} ${since ?? at}`);
    const expected = ips.flatMap((ip, i) => [`${ip} block ${since(i)}`, `${ip} end ${since(i)}`]);
    expect(entries).to.deep.equal(expected);
  });
});

describe('service: a log that is ahead', () => {
  afterEach(endDaemons);

  it('by hours counts what lies between its lines as they say, also of those written while the daemon was down', async () => {
    const daemon = new TestDaemon({ rules: RULES });
    daemon.append('');
    await daemon.start();
    const ahead = Date.now() + 8 * HOUR;
    await tick(daemon, '192.0.2.6', ahead);
    await daemon.stop();
    // 99 within an hour, and as many in the next: never 100 within one, though read in a moment.
    daemon.append(...rejected(99, ahead - 3 * HOUR), ...rejected(99, ahead - 1.5 * HOUR));
    await daemon.start();
    await tick(daemon, '192.0.2.7', Date.now() + 8 * HOUR);
    expect(await daemon.verdict(IP)).to.equal('action=DUNNO');
    expect(daemon.output).not.to.match(new RegExp(` block ip=${IP} `));
  });
});
