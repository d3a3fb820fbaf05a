// The replay of a log that a real Postfix wrote while the daemon followed it: the same blocks at the same times.

import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Report } from '../../src/replay/report/report.ts';
import { CLI } from '../harness/daemon.ts';
import type { TestHost } from '../harness/host.ts';
import { describeReal, JOURNAL, POSTFIX } from '../harness/real.ts';
import {
  BOUNCING,
  CUSTOMER_NAME,
  type CustomerMails,
  GOOD,
  IPS,
  SENDER,
  startHost,
  traffic,
} from './replay-traffic.ts';

interface Line {
  readonly event: string;
  readonly at: string;
  readonly ip: string;
  readonly rule: string;
  readonly since?: string;
  readonly refused?: number;
  readonly by?: string;
}

describeReal('postfix: postblock replay of what a real Postfix wrote', POSTFIX, () => {
  let host: TestHost;
  let mails: CustomerMails;
  let state: string;

  before(async function () {
    this.timeout(90_000);
    host = await startHost();
    mails = await traffic(host);
    await host.daemon.stop();
    state = stateText();
  });

  after(async () => {
    await host.stop();
  });

  function stateText(): string {
    return ['audit.jsonl', 'snapshot.json']
      .map((name) => readFileSync(join(host.daemon.state, name), 'utf8'))
      .join('');
  }

  /** The live trail, without the fields that only the daemon has: when it wrote the lines, and their numbers. */
  function liveLines(): string[] {
    return host.daemon.audit().map(({ sequence: _, written: __, ...line }) => JSON.stringify(line));
  }

  /** The part that the log shows: no manual actions, and no ends after the end of the log. */
  function loggedTrail(lines: readonly string[], { read }: Report): string[] {
    return lines.filter((text) => {
      const { event, at, by } = lineOf(text);
      return by === undefined && !(event === 'end' && at > String(read.to));
    });
  }

  async function replayed(...args: string[]): Promise<{ lines: string[]; report: Report }> {
    const command = [CLI, 'replay', ...args, '--json', '--policy', host.daemon.policy];
    const { stdout } = await promisify(execFile)(process.execPath, command);
    const lines = stdout.trimEnd().split('\n');
    return { report: JSON.parse(lines.pop() ?? ''), lines };
  }

  /** The daemon ends blocks by the clock, the replay by the log: the order of two lines may differ. */
  async function expectTheLiveTrail(...paths: string[]): Promise<void> {
    const { lines, report } = await replayed(...paths);
    expect(lines.toSorted()).to.deep.equal(loggedTrail(liveLines(), report).toSorted());
  }

  function inFolder(name: string, content: string | Buffer): string {
    const path = join(host.daemon.folder, name);
    writeFileSync(path, content);
    return path;
  }

  it('has every kind of change: each rule, ends, repeated blocks, refusals, ends after the log’s, and manual actions', async () => {
    const all = liveLines().map(lineOf);
    const { report } = await replayed(host.postfix.log);
    const logged = loggedTrail(liveLines(), report).map(lineOf);
    const count = (event: string, ip: string, rule: string) =>
      logged.filter((line) => line.event === event && line.ip === ip && line.rule === rule).length;
    for (const ip of [IPS.guesser, IPS.ipv6]) {
      expect(count('block', ip, 'rejected-recipients'), ip).to.equal(2);
      expect(count('end', ip, 'rejected-recipients'), ip).to.equal(2);
      expect(logged.find((line) => line.event === 'end' && line.ip === ip)).to.have.property('refused', 2);
    }
    for (const [ip, rule] of [
      [IPS.cracker, 'auth-failures'],
      [IPS.scanner, 'connection-spam'],
      [IPS.early, 'connection-spam'],
      [IPS.spammer, 'rejected-after-data'],
      [IPS.customer, 'watched'],
    ] as const)
      expect(count('block', ip, rule), ip).to.equal(1);
    expect(count('end', IPS.last, 'rejected-recipients')).to.equal(0);
    const laterEnds = all.filter(({ event, at }) => event === 'end' && at > String(report.read.to));
    expect(laterEnds.map(({ ip }) => ip)).to.include(IPS.last);
    expect(all.filter(({ by }) => by !== undefined).map(({ event, ip }) => [event, ip])).to.deep.equal([
      ['block', IPS.byHand],
      ['end', IPS.byHand],
    ]);
    expect(all.filter(({ ip }) => ip === IPS.allowed)).to.deep.equal([]);
  });

  it('gives the live audit trail, to the byte', async () => {
    await expectTheLiveTrail(host.postfix.log);
  });

  it('gives it from gzipped parts too, in whatever order they are named', async () => {
    const text = readFileSync(host.postfix.log, 'latin1');
    const cut = seamOf(text);
    const newer = inFolder('a.gz', gzipSync(Buffer.from(text.slice(cut), 'latin1')));
    const older = inFolder('b.gz', gzipSync(Buffer.from(text.slice(0, cut), 'latin1')));
    await expectTheLiveTrail(newer, older);
  });

  it('lists the mails that an enforced rule would have refused, with their clients and their delivery', async () => {
    const { report } = await replayed(host.postfix.log, '--set', 'rules.watched.enforce=true');
    const { cost } = report;
    const { delivered, bounced, partly, submitted } = mails.during;
    const sent = { address: GOOD, status: 'sent' };
    const failed = { address: BOUNCING, status: 'bounced' };
    const lost = cost.mails.map(({ at: _, recipients, ...mail }) => ({
      ...mail,
      recipients: recipients.toSorted((a, b) => b.status.localeCompare(a.status)),
    }));
    const common = { ip: IPS.customer, name: CUSTOMER_NAME, user: null, rule: 'watched', sender: SENDER };
    expect(lost).to.deep.equal([
      { queueId: delivered, ...common, recipientCount: 1, outcome: 'delivered', recipients: [sent] },
      { queueId: bounced, ...common, recipientCount: 1, outcome: 'not-delivered', recipients: [failed] },
      { queueId: partly, ...common, recipientCount: 2, outcome: 'partly', recipients: [sent, failed] },
      {
        queueId: submitted,
        ...common,
        user: 'customer',
        recipientCount: 1,
        outcome: 'delivered',
        recipients: [sent],
      },
    ]);
    // Accepted: these four, those before and after, and that of the client on the allow list.
    expect(cost).to.include({ isKnown: true, accepted: 7, lost: 4, delivered: 3, ips: 1 });
    expect(cost.allow).to.deep.equal([{ entry: CUSTOMER_NAME, ips: [IPS.customer], mails: 4 }]);
  });

  it('lists mail from a client that the allow list would no longer cover', async () => {
    const { lines, report } = await replayed(host.postfix.log, '--set', 'allow=[]');
    expect(lines.map(lineOf).some(({ ip, rule }) => ip === IPS.allowed && rule === 'rejected-recipients')).to
      .be.true;
    expect(report.cost.mails).to.have.length(1);
    expect(report.cost.mails[0]).to.include({ ip: IPS.allowed, rule: 'rejected-recipients', sender: SENDER });
  });

  it('finds no lost mail if all rules stay as they are, and no line that it does not know', async () => {
    const { report } = await replayed(host.postfix.log);
    expect(report.cost).to.include({ lost: 0, accepted: 7 });
    expect(report.blindSpots.unreadable).to.deep.equal([]);
    expect(report.blindSpots.uncounted.filter(({ why }) => why === null)).to.deep.equal([]);
  });

  it('changes nothing of the state', async () => {
    await replayed(host.postfix.log);
    expect(stateText()).to.equal(state);
  });

  describeReal('from the journal', JOURNAL, () => {
    function fromJournal(format: string): string {
      const journal = join(host.daemon.folder, `${format}.journal`);
      execFileSync('/lib/systemd/systemd-journal-remote', [`--output=${journal}`, '-'], {
        input: journalEntries(host.postfix.logText),
        stdio: ['pipe', 'ignore', 'pipe'],
      });
      return inFolder(format, execFileSync('journalctl', ['-o', format, `--file=${journal}`]));
    }

    for (const format of ['json', 'export']) {
      it(`gives the live audit trail, to the byte (journalctl -o ${format})`, async () => {
        await expectTheLiveTrail(fromJournal(format));
      });
    }
  });
});

/**
 * Where a log can be cut in two. Files are ordered by stamps: a line that its program stamped a second before syslog
 * received it would move across the cut.
 */
function seamOf(log: string): number {
  const lines = log.split('\n').slice(0, -1);
  const stamps = lines.map((line) => line.slice(0, 15));
  const isSeam = (i: number) =>
    stamps.slice(0, i).every((before) => stamps.slice(i).every((after) => before < after));
  const seams = [...lines.keys()].filter((i) => i > 0 && isSeam(i));
  const middle = seams[seams.length >> 1];
  if (middle === undefined) throw new Error(`the log cannot be cut anywhere:\n${log}`);
  return lines.slice(0, middle).join('\n').length + 1;
}

function lineOf(text: string): Line {
  return JSON.parse(text);
}

/** The lines of a log as journald stores them. */
function journalEntries(log: string): string {
  const year = new Date().getFullYear();
  const entries = [...log.matchAll(/^(\w{3} [ \d]\d [\d:]{8}) (\S+) ([^\s[]+)\[(\d+)\]: (.*)$/gm)].map(
    ([, stamp = '', host, program, pid, message], i) =>
      `__REALTIME_TIMESTAMP=${Date.parse(`${year} ${stamp}`) * 1000}\n__MONOTONIC_TIMESTAMP=${i + 1}\n`.concat(
        `_BOOT_ID=0123456789abcdef0123456789abcdef\n_HOSTNAME=${host}\nSYSLOG_FACILITY=2\n`,
        `SYSLOG_IDENTIFIER=${program}\nSYSLOG_PID=${pid}\nMESSAGE=${message}\n`,
      ),
  );
  return `${entries.join('\n')}\n`;
}
