// The shipped policy and good senders: who is spared, and what the daemon reports when the cause is on its own host.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse, stringify } from 'yaml';
import { caller } from '../../src/cli/request.ts';
import type { ListAnswer, ShowAnswer, SparedAnswer } from '../../src/desk/answers.ts';
import type { StatusAnswer } from '../../src/health/status.ts';
import { CLI, endDaemons, TestDaemon } from '../harness/daemon.ts';
import { ROOT } from '../harness/readme.ts';
import { authFailure, droppedConnection, rejectedRecipient, stamp, times } from './mail.ts';

const BIG = '198.51.100.7';
const SPAMMER = '198.51.100.8';
const GATEWAY = '172.18.0.1';
const CUSTOMERS = Array.from({ length: 7 }, (_, i) => `198.51.100.${i + 11}`);

/** A daemon with the shipped policy; only its files and sockets are its own. */
function shippedDaemon(): TestDaemon {
  const daemon = new TestDaemon();
  const shipped = parse(readFileSync(join(ROOT, 'policy.yml'), 'utf8')) as Record<string, unknown>;
  const own = { listen: [{ unix: daemon.socket }], maillog: { file: daemon.log }, state: daemon.state };
  writeFileSync(daemon.policy, stringify({ ...shipped, ...own }));
  daemon.append('');
  return daemon;
}

let messages = 0;

/** A message that Postfix accepts. */
function accepted(ip: string, recipients: number): string[] {
  const id = (0x5c1e2a000 + messages++).toString(16).toUpperCase();
  const at = stamp(Date.now());
  return [
    `${at} mx1 postfix/smtpd[2101]: ${id}: client=mail.example.org[${ip}]`,
    `${at} mx1 postfix/qmgr[2100]: ${id}: from=<shop@example.org>, size=2100, nrcpt=${recipients} (queue active)`,
  ];
}

function run({ policy }: TestDaemon, ...args: string[]) {
  return spawnSync(process.execPath, [CLI, ...args, '--policy', policy], {
    encoding: 'utf8',
    timeout: 20_000,
  });
}

function answerOf<T>(daemon: TestDaemon, ...args: string[]): T {
  return JSON.parse(run(daemon, ...args, '--json').stdout) as T;
}

describe('service: a busy sender', () => {
  afterEach(endDaemons);

  it('with 2 % rejected recipients is spared, which list and show explain; with 30 % it is blocked', async () => {
    const daemon = await shippedDaemon().start();
    daemon.append(...times(98, () => accepted(BIG, 50)), ...times(5, () => accepted(SPAMMER, 50)));
    daemon.append(
      ...times(102, () => rejectedRecipient(BIG)),
      ...times(102, () => rejectedRecipient(SPAMMER)),
    );
    const [line] = await daemon.said(/.* spared ip=198\.51\.100\.7 .*/);
    expect(line).to.match(
      / rule=rejected-recipients .* reason=share bad=100 good=4900 part=0\.02 share=0\.1$/,
    );
    await daemon.said(/ block ip=198\.51\.100\.8 rule=rejected-recipients /);
    expect(daemon.output.match(/ spared /g)).to.have.length(1);
    const { spared } = answerOf<SparedAnswer>(daemon, 'list', '--spared');
    expect(spared.map(({ ip, rule, reason }) => [ip, rule, reason])).to.deep.equal([
      [BIG, 'rejected-recipients', 'share'],
    ]);
    expect(answerOf<ListAnswer>(daemon, 'list').blocks.map(({ ip }) => ip)).to.deep.equal([SPAMMER]);
    expect(await daemon.verdict(BIG)).to.equal('action=DUNNO');
    expect(run(daemon, 'list', '--spared').stdout).to.match(/^198\.51\.100\.7 .* 5,002 +2 % +10 %$/m);
    const { status, stdout } = run(daemon, 'show', BIG);
    expect(status).to.equal(1);
    expect(stdout).to.match(/^198\.51\.100\.7 is not blocked, spared by rejected-recipients: 2 % of 5,002/);
    expect(stdout).to.match(
      /^ {2}rejected-recipients +102 of 100 in 1h +2 % of 5,002 recipients, share 10 %$/m,
    );
    expect(stdout).to.contain('In good standing');
    expect(answerOf<StatusAnswer>(daemon, 'status')).to.include({ spared: 1, breakerSince: null });
    expect(daemon.audit().filter(({ event }) => event === 'spared')).to.have.length(1);
  });

  it('is still spared after a restart, and listed without a daemon', async () => {
    const daemon = await shippedDaemon().start();
    daemon.append(...times(98, () => accepted(BIG, 50)), ...times(101, () => rejectedRecipient(BIG)));
    await daemon.said(/ spared ip=198\.51\.100\.7 /);
    await daemon.stop();
    const answer = answerOf<SparedAnswer>(daemon, 'list', '--spared');
    expect(answer.source).to.equal('snapshot');
    expect(answer.spared.map(({ ip }) => ip)).to.deep.equal([BIG]);
    expect(answerOf<ShowAnswer>(daemon, 'show', BIG).spared).to.have.length(1);
    await daemon.start();
    expect(answerOf<SparedAnswer>(daemon, 'list', '--spared').spared).to.deep.equal(answer.spared);
    const [recipients] = answerOf<ShowAnswer>(daemon, 'show', BIG).counts;
    expect(recipients).to.include({ rule: 'rejected-recipients', count: 101, bad: 101, good: 4900 });
  });
});

describe('service: customers who all fail at once', () => {
  afterEach(endDaemons);

  it('open the breaker before a sixth is blocked; status reports it, over a restart, until resume, which outlives a crash', async () => {
    const daemon = await shippedDaemon().start();
    daemon.append(...CUSTOMERS.flatMap((ip) => accepted(ip, 1)));
    for (const ip of [...CUSTOMERS, SPAMMER]) daemon.append(...times(30, () => authFailure(ip)));
    await daemon.said(/ block ip=198\.51\.100\.8 rule=auth-failures /);
    const [line] = await daemon.said(/.* error breaker-open reason=.*/);
    expect(line).to.contain('6 of 7 reached the limit of auth-failures within 10m');
    const blocked = answerOf<ListAnswer>(daemon, 'list').blocks.map(({ ip }) => ip);
    expect(blocked).to.have.members([...CUSTOMERS.slice(0, 5), SPAMMER]);
    const spared = answerOf<SparedAnswer>(daemon, 'list', '--spared').spared;
    expect(spared.map(({ ip, reason }) => `${ip} ${reason}`)).to.have.members([
      '198.51.100.16 breaker',
      '198.51.100.17 breaker',
    ]);
    const first = run(daemon, 'status');
    expect(first.status).to.equal(1);
    expect(first.stdout).to.match(/^TROUBLE: breaker-open /);
    await daemon.stop();
    await daemon.start();
    await daemon.said(/ error breaker-open /);

    const resumed = run(daemon, 'resume', '--reason', 'new certificate');
    expect(resumed).to.include({ status: 0, stderr: '' });
    expect(resumed.stdout).to.match(/^breaker closed/);
    expect(resumed.stdout.match(/still-blocked \(auth-failures\) until /g)).to.have.length(5);
    expect(daemon.audit().at(-1)).to.include({ event: 'breaker', state: 'closed', by: caller() });
    expect(run(daemon, 'status').status).to.equal(0);
    await daemon.said(new RegExp(` warn breaker-open-over since=\\S+ by=${caller()} why="new certificate"`));
    const again = run(daemon, 'resume', '--reason', 'again');
    expect(again).to.include({ status: 1, stdout: '', stderr: 'postblock: the breaker is not open\n' });
    await daemon.stop('SIGKILL');
    await daemon.start();
    expect(answerOf<StatusAnswer>(daemon, 'status')).to.deep.include({ trouble: [], breakerSince: null });
  });
});

describe('service: a customer at the address of a guesser', () => {
  afterEach(endDaemons);

  it('is let through once logged in, which status counts and show says', async () => {
    const daemon = await shippedDaemon().start();
    daemon.append(...times(30, () => authFailure(SPAMMER)));
    await daemon.said(/ block ip=198\.51\.100\.8 rule=auth-failures /);
    expect(await daemon.verdict(SPAMMER)).to.match(/^action=REJECT /);
    const request = { protocol_state: 'RCPT', client_address: SPAMMER, client_name: 'unknown' };
    expect(await daemon.ask({ ...request, sasl_username: 'customer' })).to.equal('action=DUNNO');
    expect(answerOf<StatusAnswer>(daemon, 'status').policy).to.include({ dunno: 1, reject: 1, passed: 1 });
    expect(run(daemon, 'status').stdout).to.contain(
      '1 DUNNO (1 to blocked clients that have logged in), 1 REJECT',
    );
    expect(run(daemon, 'show', SPAMMER).stdout).to.contain(
      '  A client that has logged in is not refused by this rule.',
    );
  });
});

describe('service: a gateway in place of the clients', () => {
  afterEach(endDaemons);

  it('is not blocked, and is a trouble that names it and the rule', async () => {
    const daemon = await shippedDaemon().start();
    daemon.append(...times(130, () => droppedConnection(GATEWAY)));
    const [line] = await daemon.said(/.* error proxy-suspected reason=.*/);
    expect(line).to.contain('172.18.0.1 (connection-spam)');
    expect(await daemon.verdict(GATEWAY)).to.equal('action=DUNNO');
    expect(run(daemon, 'status').status).to.equal(1);
    expect(run(daemon, 'show', GATEWAY).stdout).to.contain('172.18.0.1 is allowed by private');
  });
});
