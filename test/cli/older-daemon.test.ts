// Commands of this release that ask a daemon of an earlier one, as during an upgrade.

import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ControlServer } from '../../src/desk/control.ts';
import { type ControlRequest, DeskError } from '../../src/desk/protocol.ts';
import { CLI, TestDaemon } from '../harness/daemon.ts';

const AT = '2026-11-24T19:09:10.000Z';
const ORIGIN = { at: AT, source: 'daemon', trouble: [] };
const BLOCK = {
  ip: '192.0.2.7',
  rule: 'r',
  enforced: true,
  since: AT,
  until: AT,
  count: 3,
  refused: 0,
  lastRefused: null,
  by: null,
  reason: null,
};
const DETAILS = { text: 'No.', firstRefused: null, evidence: [], counts: {}, classes: {}, mails: [] };
const COUNT = { rule: 'r', enforced: true, count: 1, limit: 3, within: 60 };
const LOG = {
  sources: ['/var/log/mail.log'],
  readTo: AT,
  atEnd: true,
  heard: AT,
  lines: 3,
  understood: 2,
  events: 1,
  lost: 0,
};

/** What a daemon of release 1.0.0 answers. */
const ANSWERS: Readonly<Record<string, object>> = {
  list: { ...ORIGIN, blocks: [BLOCK] },
  show: {
    ...ORIGIN,
    ip: '192.0.2.7',
    key: '192.0.2.7',
    block: { ...BLOCK, ...DETAILS },
    watching: [],
    counts: [COUNT],
    graceUntil: null,
    allowed: null,
    history: [],
  },
  status: {
    ...ORIGIN,
    release: '1.0.0',
    pid: 1,
    started: AT,
    log: LOG,
    policy: { listening: ['inet:127.0.0.1:10040'], connections: 0, dunno: 1, reject: 0 },
    tracked: 4,
    blocks: 1,
    forgotten: 0,
    snapshot: { written: AT, failed: null },
    audit: { lost: 0, failed: null },
    faults: 0,
    stressUntil: null,
    loginsSpared: 0,
  },
};

async function answer({ command }: ControlRequest): Promise<object> {
  const known = ANSWERS[command];
  if (known === undefined) throw new DeskError('bad-request', `unknown command "${command}"`);
  return known;
}

interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function runWith(policy: string, args: readonly string[]): Promise<Run> {
  return new Promise((resolve) =>
    execFile(process.execPath, [CLI, ...args, '--policy', policy], (error, stdout, stderr) =>
      resolve({ status: Number(error?.code ?? 0), stdout, stderr }),
    ),
  );
}

describe('cli/older-daemon: a daemon of an earlier release', () => {
  const server = new ControlServer(answer, { failed: () => undefined });
  let policy = '';

  before(async () => {
    const daemon = new TestDaemon();
    policy = daemon.policy;
    mkdirSync(daemon.state);
    await server.open(join(daemon.state, 'control.sock'), undefined);
  });

  after(() => server.close());

  const run = (...args: string[]) => runWith(policy, args);

  it('list shows its blocks', async () => {
    const { status, stdout } = await run('list');
    expect(status).to.equal(0);
    expect(stdout).to.contain('192.0.2.7');
  });

  it('list --spared says that it knows none, and never takes its blocks for spared clients', async () => {
    const { status, stdout, stderr } = await run('list', '--spared');
    expect({ status, stdout }).to.deep.equal({ status: 69, stdout: '' });
    expect(stderr).to.match(/^postblock: the daemon is of an earlier release[^\n]*\n$/);
  });

  for (const option of ['--graces', '--allowed']) {
    it(`list ${option} says that it knows none`, async () => {
      const { status, stderr } = await run('list', option);
      expect(status).to.equal(69);
      expect(stderr).to.match(/^postblock: the daemon is of an earlier release[^\n]*\n$/);
    });
  }

  it('find says that it does not know it', async () => {
    const { status, stdout, stderr } = await run('find', 'bob');
    expect({ status, stdout }).to.deep.equal({ status: 69, stdout: '' });
    expect(stderr).to.equal('postblock: the daemon is of an earlier release, without find: restart it\n');
  });

  it('show shows what it knows', async () => {
    const { status, stdout } = await run('show', '192.0.2.7');
    expect(status).to.equal(0);
    expect(stdout).to.contain('1 of 3 in 1m').and.not.to.contain('share');
  });

  it('status shows what it knows', async () => {
    const { status, stdout } = await run('status');
    expect(status).to.equal(0);
    expect(stdout).to.match(/^clients +4 tracked, 1 of them blocked or watched, 0 evicted /m);
  });

  it('resume is refused', async () => {
    const { status, stderr } = await run('resume', '--reason', 'new certificate');
    expect(status).to.equal(64);
    expect(stderr).to.contain('unknown command "resume"');
  });
});

describe('cli/older-daemon: options of list that exclude each other', () => {
  for (const [args, words] of [
    [['--spared', '--watching'], '--watching'],
    [['--spared', '--sort', 'refused'], '--sort refused'],
    [['--graces', '--watching'], '--watching'],
    [['--allowed', '--graces'], '--graces'],
    [['--allowed', '--rule', 'auth-failures'], '--rule'],
    [['--graces', '--sort', 'refused'], '--sort refused'],
  ] as const) {
    it(args.join(' '), async () => {
      const { status, stderr } = await runWith('policy.yml', ['list', ...args]);
      expect(status).to.equal(64);
      expect(stderr).to.equal(`postblock: ${args[0]} does not go with ${words}\n`);
    });
  }
});
