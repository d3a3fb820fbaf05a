// A policy.yml with mistakes beside a daemon that goes on serving: commands work, and status shows the mistakes.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { StatusAnswer } from '../../src/health/status.ts';
import { CLI, endDaemons, SMALL_RULES, TestDaemon } from '../harness/daemon.ts';
import { authFailure, times } from './mail.ts';

const IP = '192.0.2.1';

function run({ policy, folder }: TestDaemon, ...args: string[]) {
  const command = [CLI, ...args, '--policy', policy];
  return spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8', timeout: 20_000 });
}

function statusOf(daemon: TestDaemon): { status: number | null; answer: StatusAnswer } {
  const { status, stdout } = run(daemon, 'status', '--json');
  return { status, answer: JSON.parse(stdout) as StatusAnswer };
}

/** @param head before rules: */
async function blocking(head?: (daemon: TestDaemon) => string): Promise<TestDaemon> {
  const daemon = await new TestDaemon().start();
  daemon.append(...times(3, () => authFailure(IP)));
  await daemon.said(new RegExp(` block ip=${IP} `));
  if (head !== undefined) daemon.writePolicy(SMALL_RULES, head(daemon));
  return daemon;
}

describe('service: a policy.yml with mistakes', () => {
  afterEach(endDaemons);

  const broken: readonly (readonly [what: string, head: (daemon: TestDaemon) => string])[] = [
    ['an unknown option', (daemon) => daemon.head('allowed: []\n')],
    ['a bracket that is not closed', (daemon) => daemon.head('allow: [192.0.2.9\n')],
    ['a quote that is not closed', (daemon) => `zone: "Europe\n${daemon.head()}`],
  ];
  for (const [what, head] of broken)
    it(`keeps no command from the daemon: ${what}`, async () => {
      const daemon = await blocking(head);
      expect(run(daemon, 'status')).to.include({ status: 0, stderr: '' });
      expect(run(daemon, 'list').stdout).to.contain(IP);
      expect(run(daemon, 'list', '--rule', 'auth-failures').stdout).to.contain(IP);
      expect(run(daemon, 'show', IP)).to.include({ status: 0, stderr: '' });
      expect(run(daemon, 'unblock', IP, '--reason', 'ticket 1')).to.include({ status: 0, stderr: '' });
      expect(await daemon.verdict(IP)).to.equal('action=DUNNO');
    });

  it('is reported where no daemon answers, with the reason why it matters', async () => {
    const daemon = await blocking((made) => made.head('allowed: []\n'));
    await daemon.stop();
    for (const args of [['list'], ['show', IP], ['find', 'bob@']]) {
      const { status, stdout, stderr } = run(daemon, ...args);
      expect({ args, status, stdout }).to.deep.equal({ args, status: 78, stdout: '' });
      expect(stderr).to.match(
        /^postblock: no daemon answers on [^\n]+; its state can be read without it only by a policy\.yml that has no mistakes\n[^\n]*policy\.yml:\d+:1: allowed: /,
      );
    }
  });

  it('is the trouble reload-refused from its reload until one is accepted', async () => {
    const daemon = await blocking();
    writeFileSync(daemon.policy, daemon.head('allowed: []\nipv6-prefix: wide\n'));
    expect(await daemon.reload()).to.equal('refused');
    const { status, answer } = statusOf(daemon);
    expect(status).to.equal(1);
    expect(answer.trouble.map(({ what }) => what)).to.deep.equal(['reload-refused']);
    expect(answer.trouble[0]?.reason).to.match(
      /policy\.yml:1:1: rules: is missing.* \(and 2 more mistakes: /,
    );
    expect(answer.policyMistakes).to.have.length(3);
    expect(answer.policyMistakes[1]).to.contain('policy.yml:4:1: allowed: is not a known option');
    expect(run(daemon, 'list').stdout).to.match(/^TROUBLE: reload-refused /);
    expect(await daemon.reload()).to.equal('refused');
    expect(daemon.output.match(/ error reload-refused mistakes=3 /g), 'each refusal').to.have.length(2);
    daemon.writePolicy(SMALL_RULES);
    expect(await daemon.reload()).to.equal('taken');
    await daemon.said(/ warn reload-refused-over since=/);
    const after = statusOf(daemon);
    expect(after.status).to.equal(0);
    expect(after.answer).to.deep.include({ trouble: [], policyMistakes: [] });
  });
});
