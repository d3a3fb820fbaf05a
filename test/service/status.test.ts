// status, for monitoring: 0 where all is well, 1 in trouble, 69 without a daemon; and logs that are not seen.

import { spawnSync } from 'node:child_process';
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { ListAnswer } from '../../src/desk/answers.ts';
import type { StatusAnswer } from '../../src/health/status.ts';
import { HOUR } from '../../src/values/duration.ts';
import { CLI, endDaemons, TestDaemon } from '../harness/daemon.ts';
import { until } from '../harness/until.ts';
import { authFailure, caughtUp, rejectedRecipient, stamp, times } from './mail.ts';

const IP = '192.0.2.1';
const FAST = {
  NODE_OPTIONS: `--import ${fileURLToPath(new URL('../harness/fast-clock.js', import.meta.url))}`,
};

function run({ policy, folder }: TestDaemon, ...args: string[]) {
  const command = [CLI, ...args, '--policy', policy];
  return spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8', timeout: 20_000 });
}

function statusOf(daemon: TestDaemon): { status: number | null; answer: StatusAnswer } {
  const { status, stdout } = run(daemon, 'status', '--json');
  return { status, answer: JSON.parse(stdout) as StatusAnswer };
}

let messages = 0;

/** Postfix asks about a message of its own each time. */
async function ask(daemon: TestDaemon, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const instance = `3a1f.6741f3c2.8b2e.${(messages++).toString(16)}`;
    await daemon.ask({ protocol_state: 'RCPT', instance, client_address: IP, client_name: 'unknown' });
  }
}

describe('service: status', () => {
  afterEach(endDaemons);

  it('is 0 where all is well, and shows what was read and answered', async () => {
    const daemon = new TestDaemon();
    daemon.append('');
    await daemon.start();
    daemon.append(...times(3, () => authFailure(IP)), ...rejectedRecipient('192.0.2.2'));
    await caughtUp(daemon);
    await ask(daemon, 2);
    await daemon.verdict('192.0.2.9');
    await daemon.snapshot();
    const { status, answer } = statusOf(daemon);
    expect(status).to.equal(0);
    expect(answer.trouble).to.deep.equal([]);
    expect(answer).to.include({ source: 'daemon', pid: daemon.pid, tracked: 3, blocks: 2, faults: 0 });
    expect(answer.log).to.include({ atEnd: true, lines: 7, understood: 7, events: 7 });
    expect(answer.log.sources).to.deep.equal([daemon.log]);
    expect(answer.policy).to.deep.equal({
      listening: [`unix:${daemon.socket}`],
      connections: 0,
      dunno: 1,
      reject: 2,
      passed: 0,
    });
    expect(Date.parse(answer.snapshot.written ?? '')).to.be.at.least(Date.parse(answer.started));
    const { stdout, stderr } = run(daemon, 'status');
    expect(stdout).to.match(/^postblock: all is well\n/);
    expect(stderr).to.equal('');
  });

  it('is 69 with a plain line where no daemon is running, and an error in JSON with --json', () => {
    const { status, stdout, stderr } = run(new TestDaemon(), 'status', '--json');
    expect(status).to.equal(69);
    expect(JSON.parse(stdout).error).to.include({ code: 'unavailable' });
    expect(stderr).to.match(/^postblock: no daemon answers on[^\n]*\n$/);
    expect(run(new TestDaemon(), 'status')).to.include({ status: 69, stdout: '' });
  });

  it('is 1 while the log cannot be read, which list and show report too, and 0 again when it can', async () => {
    const daemon = await new TestDaemon().start();
    await daemon.said(/ log-source-lost /);
    const { status, answer } = statusOf(daemon);
    expect(status).to.equal(1);
    expect(answer.trouble.map(({ what }) => what)).to.deep.equal(['log-source-lost']);
    expect(answer.trouble[0]?.reason).to.contain(daemon.log);
    for (const args of [['status'], ['list'], ['show', IP]])
      expect(run(daemon, ...args).stdout, args[0]).to.match(/^TROUBLE: log-source-lost /);
    const list = JSON.parse(run(daemon, 'list', '--json').stdout) as ListAnswer;
    expect(list.trouble).to.deep.equal(answer.trouble);
    await caughtUp(daemon);
    expect(statusOf(daemon)).to.deep.include({ status: 0 });
    expect(run(daemon, 'list').stdout).not.to.contain('TROUBLE');
  });

  it('is 1 while the snapshot cannot be written, which the log reports once, and when it is over', async () => {
    const daemon = new TestDaemon();
    daemon.append('');
    await daemon.start();
    // A directory in the place of the temporary file: also root cannot write that.
    const obstacle = join(daemon.state, 'snapshot.json.new');
    mkdirSync(join(obstacle, 'x'), { recursive: true });
    daemon.signal('SIGUSR1');
    await daemon.said(/ error snapshot-failed reason="/);
    daemon.signal('SIGUSR1');
    const { status, answer } = statusOf(daemon);
    expect(status).to.equal(1);
    expect(answer.trouble.map(({ what }) => what)).to.deep.equal(['snapshot-failed']);
    expect(answer.snapshot.failed).to.be.a('string').and.is.not.empty;
    rmdirSync(join(obstacle, 'x'));
    rmdirSync(obstacle);
    daemon.signal('SIGUSR1');
    await daemon.said(/ warn snapshot-failed-over since=/);
    expect(statusOf(daemon).status).to.equal(0);
    expect(daemon.output.match(/ snapshot-failed /g)).to.have.length(1);
  });
});

describe('service: lines that rsyslogd drops', () => {
  afterEach(endDaemons);

  it('are an error in its log, with their number and the remedy, and are not what a client writes', async () => {
    const daemon = new TestDaemon();
    daemon.append('');
    await daemon.start();
    const lost = 'rsyslogd: imjournal: 7 messages lost due to rate-limiting';
    daemon.append(
      `${stamp(Date.now())} mx1 postfix/smtpd[2101]: warning: unknown[${IP}]: SASL ${lost} failed`,
    );
    await caughtUp(daemon);
    expect(statusOf(daemon).answer.log.lost).to.equal(0);
    daemon.append(`${stamp(Date.now())} mx1 ${lost}`);
    const [line] = await daemon.said(/.* error log-lines-lost .*/);
    expect(line).to.contain('7 since the start').and.to.contain('$imjournalRatelimitInterval 0');
    const { status, answer } = statusOf(daemon);
    expect(status).to.equal(1);
    expect(answer.log.lost).to.equal(7);
    expect(answer.trouble.map(({ what }) => what)).to.deep.equal(['log-lines-lost']);
  });
});

describe('service: a log in another time zone', () => {
  afterEach(endDaemons);

  it('is an error in its log that names what to write under zone:, until the log is in time', async () => {
    const begin = Date.now();
    const env = { ...FAST, POSTBLOCK_TEST_BEGIN: String(begin), TZ: 'Etc/GMT-1' };
    const daemon = new TestDaemon({ env });
    daemon.append('');
    await daemon.start();
    /** A line with a stamp without a zone, in the local time so many hours from UTC. */
    const connect = (hours: number) => {
      const now = begin + 20 * (Date.now() - begin) + hours * HOUR;
      const [, month, day, time] = /^\w+, (\d\d) (\w+) \d+ ([\d:]+)/.exec(new Date(now).toUTCString()) ?? [];
      daemon.append(`${day} ${month} ${time} mx1 postfix/smtpd[2101]: connect from unknown[${IP}]`);
    };
    const line = await until('the finding', () => {
      connect(0);
      return / error log-late reason="(.*)"/.exec(daemon.output)?.[1];
    });
    expect(line).to.match(
      / is 1h( \d+s)? behind the clock, and does not catch up; .* set zone: UTC in policy\.yml$/,
    );
    await until('its end', () => {
      connect(1);
      return daemon.output.includes(' warn log-late-over since=');
    });
  });
});

describe('service: a log that has gone silent', () => {
  afterEach(endDaemons);

  it('is an error in its log and in the status, until a line of smtpd is read', async () => {
    const daemon = new TestDaemon({ env: FAST });
    daemon.append('');
    await daemon.start();
    await ask(daemon, 10);
    const [line] = await daemon.said(/.* error log-silent .*/);
    expect(line).to.contain(daemon.log).and.to.contain('had no new line');
    expect(statusOf(daemon).answer.trouble.map(({ what }) => what)).to.deep.equal(['log-silent']);
    daemon.append(`${stamp(Date.now())} mx1 postfix/smtpd[2101]: connect from mail.example.org[${IP}]`);
    await daemon.said(/ warn log-silent-over since=/);
    expect(daemon.output.match(/ log-silent /g)).to.have.length(1);
  });

  it('is distinguished from a log that Postfix does not write', async () => {
    const daemon = new TestDaemon({ env: FAST });
    daemon.append('');
    await daemon.start();
    await ask(daemon, 10);
    await until('the finding', () => {
      daemon.append(`${stamp(Date.now())} mx1 sshd[2101]: Connection closed by ${IP} port 4711 [preauth]`);
      return daemon.output.includes(' error log-silent ');
    });
    const [line] = await daemon.said(/.* error log-silent .*/);
    expect(line).to.contain('had lines, but none of smtpd');
  });

  it('is not reported after a restart, although Postfix asked before and after it', async () => {
    const daemon = new TestDaemon({ env: FAST });
    daemon.append('');
    await daemon.start();
    await ask(daemon, 20);
    await daemon.stop();
    const before = daemon.output;
    await daemon.start();
    await ask(daemon, 9);
    await until('the daemon to have run for 90 seconds of its time', () => {
      const { at, started } = statusOf(daemon).answer;
      return Date.parse(at) - Date.parse(started) > 90_000;
    });
    expect(before + daemon.output).not.to.contain('log-silent');
    expect(statusOf(daemon).status).to.equal(0);
  });
});
