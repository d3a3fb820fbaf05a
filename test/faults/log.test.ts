// Log faults: what can happen to a mail log while it is followed, under load.

import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { endDaemons, PolicyClient, TestDaemon } from '../harness/daemon.ts';
import { describeReal, INOTIFY_LIMIT, NO_OVERRIDE, WITHOUT_INOTIFY } from '../harness/real.ts';
import { figure, randomFrom, SEED, scaled } from '../harness/scale.ts';
import { authFailure, caughtUp, rejectedRecipient, times } from '../service/mail.ts';
import { Abuse } from './abuse.ts';
import { expectExactAccount, RULES, RULES_TEXT } from './account.ts';
import { Oracle } from './oracle.ts';

const IP = '192.0.2.1';
const DUNNO = 'action=DUNNO';
/** Ten a second, for three seconds; 100 times as many with POSTBLOCK_TEST_SCALE=100. */
const ROTATIONS = scaled(30);
const BURST = 200_000;

/** How the daemon finds out that its log has changed: it watches it, or it polls because it cannot. */
interface Way {
  readonly name: string;
  readonly through: readonly string[];
  readonly describe: (title: string, body: (this: Mocha.Suite) => void) => void;
}

const WAYS: readonly Way[] = [
  { name: 'watched', through: [], describe },
  {
    name: 'polled',
    through: WITHOUT_INOTIFY,
    describe: (title, body) => describeReal(title, INOTIFY_LIMIT, body),
  },
];

/** Two failed logins before the fault, the third after it: only if each counts exactly once is there a block. */
async function expectCounted(daemon: TestDaemon, ip: string): Promise<void> {
  daemon.append(...authFailure(ip));
  await daemon.said(new RegExp(` block ip=${ip} .*count=3`));
}

async function twoOf(daemon: TestDaemon, ip: string): Promise<void> {
  daemon.append(...times(2, () => authFailure(ip)));
  await caughtUp(daemon);
  expect(await daemon.verdict(ip), ip).to.equal(DUNNO);
}

const OTHERS: readonly (readonly [
  what: string,
  make: (path: string) => void,
  remove: (path: string) => void,
])[] = [
  ['a directory', (path) => mkdirSync(path), (path) => rmdirSync(path)],
  ['a link that leads nowhere', (path) => symlinkSync('/nowhere', path), (path) => rmSync(path)],
  ['a FIFO', (path) => execFileSync('mkfifo', [path]), (path) => rmSync(path)],
];

function rotated({ through }: Way): void {
  describe('faults: the log is rotated ten times a second under load', () => {
    afterEach(endDaemons);

    for (const how of ['rename', 'copytruncate', 'both'] as const) {
      it(`${how}: no event is lost, none counted twice, in ${ROTATIONS} rotations`, async function () {
        this.timeout(60_000 + ROTATIONS * 1000);
        const random = randomFrom(SEED);
        const oracle = new Oracle(RULES);
        const daemon = await new TestDaemon({ rules: RULES_TEXT, through }).start();
        const abuse = new Abuse(daemon.log, oracle, random, 24);
        await abuse.go(20, 2);
        for (let rotation = 0; rotation < ROTATIONS; rotation++) {
          // A process that rotates takes some ms to start; within fewer, two files may bear the same time.
          await delay(10 + random(150));
          await abuse.go(random(40), random(3) * 4);
          if (how === 'both') abuse.rotate(random(2) === 0 ? 'rename' : 'copytruncate');
          else abuse.rotate(how);
        }
        await abuse.go(40, 3);
        await caughtUp(daemon, 6);
        await expectExactAccount(daemon, oracle, `seed ${SEED}`);
        expect(daemon.output).not.to.match(/ (?:fault|log-gap) /);
        figure(
          `${how}: ${abuse.rotated} rotations, ${oracle.events} events, ${oracle.blocks} blocks, all accounted for`,
        );
      });
    }
  });
}

function changed({ through }: Way): void {
  describe('faults: the log', () => {
    afterEach(endDaemons);

    it('is deleted, and its writer goes on writing to it until it makes another one', async () => {
      const daemon = new TestDaemon({ through });
      daemon.append(...authFailure('192.0.2.9'));
      await daemon.start();
      const kept = `${daemon.folder}/unlinked`;
      await twoOf(daemon, IP);
      // A hard link has the same effect as the writer's open file.
      execFileSync('ln', [daemon.log, kept]);
      rmSync(daemon.log);
      appendFileSync(kept, `${authFailure(IP).join('\n')}\n`);
      await daemon.said(/ block ip=192\.0\.2\.1 .*count=3/);
      await twoOf(daemon, '192.0.2.2');
      rmSync(kept);
      await expectCounted(daemon, '192.0.2.2');
    });

    it('is truncated: what comes then is new, whatever there was', async () => {
      const daemon = await new TestDaemon({ through }).start();
      await twoOf(daemon, IP);
      truncateSync(daemon.log);
      await daemon.said(/ log-truncated /);
      await expectCounted(daemon, IP);
    });

    it('is truncated, and has as many bytes again before the next look', async () => {
      const daemon = await new TestDaemon({ through }).start();
      for (let round = 0; round < 5; round++) {
        const ip = `192.0.2.${round + 10}`;
        await twoOf(daemon, ip);
        writeFileSync(
          daemon.log,
          `${times(40, () => rejectedRecipient(`198.51.100.${round}`)).join('\n')}\n`,
        );
        await daemon.said(new RegExp(` block ip=198\\.51\\.100\\.${round} `));
        await expectCounted(daemon, ip);
      }
    });

    for (const [what, make, remove] of OTHERS) {
      it(`is replaced by ${what} and put back: nothing is lost, and nothing waits`, async () => {
        const daemon = await new TestDaemon({ through }).start();
        await twoOf(daemon, IP);
        renameSync(daemon.log, `${daemon.log}.1`);
        make(daemon.log);
        expect(await daemon.verdict(IP)).to.equal(DUNNO);
        await daemon.snapshot();
        remove(daemon.log);
        renameSync(`${daemon.log}.1`, daemon.log);
        await expectCounted(daemon, IP);
      });

      it(`is ${what} at the start: the daemon serves, says so once, and reads the log when there is one`, async () => {
        const daemon = new TestDaemon({ through });
        make(daemon.log);
        await daemon.start();
        await daemon.said(/ log-source-lost /);
        expect(await daemon.verdict(IP)).to.equal(DUNNO);
        remove(daemon.log);
        await twoOf(daemon, IP);
        await expectCounted(daemon, IP);
        expect(daemon.output.match(/ log-source-lost /g)?.length).to.be.at.most(2);
        await daemon.said(/ log-source-found /);
      });
    }

    it('is full of bytes that are no lines: they are passed over', async () => {
      const daemon = await new TestDaemon({ through }).start();
      await twoOf(daemon, IP);
      const random = randomFrom(SEED);
      const noise = Buffer.from(Array.from({ length: 300_000 }, () => random(256)));
      appendFileSync(daemon.log, Buffer.concat([noise, Buffer.alloc(600_000, 0), Buffer.from('\n')]));
      await expectCounted(daemon, IP);
      expect(daemon.output).not.to.match(/ fault /);
    });
  });
}

function unreadable({ through }: Way): void {
  describeReal('faults: the log is unreadable for a while', NO_OVERRIDE, () => {
    const unprivileged = [
      ...through,
      'setpriv',
      '--bounding-set=-dac_override,-dac_read_search',
      '--inh-caps=-all',
    ];

    afterEach(endDaemons);

    it('from a rotation on: it is said once, and what was written meanwhile is counted', async () => {
      const daemon = await new TestDaemon({ through: unprivileged }).start();
      await twoOf(daemon, IP);
      renameSync(daemon.log, `${daemon.log}.1`);
      writeFileSync(daemon.log, '', { mode: 0 });
      daemon.append(...authFailure('192.0.2.9'));
      await daemon.said(/ log-source-lost .*EACCES/);
      expect(await daemon.verdict(IP)).to.equal(DUNNO);
      daemon.append(...authFailure(IP));
      await daemon.snapshot();
      chmodSync(daemon.log, 0o640);
      await daemon.said(/ block ip=192\.0\.2\.1 .*count=3/);
      await daemon.said(/ log-source-found /);
      expect(daemon.output.match(/EACCES/g)).to.have.lengthOf(1);
    });

    it('over a restart: it goes on where it was', async () => {
      const daemon = await new TestDaemon({ through: unprivileged }).start();
      await twoOf(daemon, IP);
      await daemon.snapshot();
      await daemon.stop('SIGKILL');
      chmodSync(daemon.log, 0);
      daemon.append(...authFailure(IP));
      await daemon.start();
      await daemon.said(/ log-source-lost .*EACCES/);
      await daemon.snapshot();
      await daemon.stop('SIGKILL');
      await daemon.start();
      chmodSync(daemon.log, 0o640);
      await daemon.said(/ block ip=192\.0\.2\.1 .*count=3/);
    });

    it('together with its folder, which is put right', async () => {
      const daemon = new TestDaemon({ through: unprivileged });
      const folder = `${daemon.folder}/log`;
      mkdirSync(folder);
      const log = `${folder}/mail.log`;
      daemon.writePolicy(RULES_TEXT, daemon.head().replace(daemon.log, log));
      writeFileSync(log, '');
      await daemon.start();
      appendFileSync(log, `${times(4, () => authFailure(IP)).join('\n')}\n`);
      await daemon.snapshot();
      chmodSync(folder, 0);
      await daemon.snapshot();
      await daemon.stop('SIGKILL');
      await daemon.start();
      chmodSync(folder, 0o755);
      appendFileSync(log, `${authFailure(IP).join('\n')}\n`);
      await daemon.said(/ block ip=192\.0\.2\.1 .*count=5/);
    });
  });
}

for (const way of WAYS) {
  way.describe(`${way.name}:`, () => {
    rotated(way);
    changed(way);
    unreadable(way);
  });
}

describe('faults: a burst in the log', () => {
  afterEach(endDaemons);

  it(`of ${BURST} lines: every verdict meanwhile is right, and every line counts`, async () => {
    const daemon = await new TestDaemon().start();
    daemon.append(...times(3, () => authFailure(IP)));
    await caughtUp(daemon);
    const client = await PolicyClient.open(daemon.socket);
    const lines = times(BURST / 1000, () => rejectedRecipient('198.51.100.1'));
    for (let i = 0; i < 1000; i++)
      daemon.append(...lines.map((line) => line.replace('198.51.100.1', `10.1.${i >> 8}.${i & 255}`)));
    const last = '203.0.113.77';
    daemon.append(...times(3, () => authFailure(last)));
    let requests = 0;
    while (!/^action=REJECT /.test(await client.ask({ client_address: last }))) {
      expect(await client.ask({ client_address: IP })).to.match(/^action=REJECT /);
      expect(await client.ask({ client_address: '192.0.2.200' })).to.equal(DUNNO);
      requests++;
    }
    const { ips } = await daemon.snapshot();
    const blocked = Object.values(ips).filter(({ block }) => block?.rule === 'rejected-recipients');
    expect(blocked, 'clients of the burst').to.have.lengthOf.at.least(1000);
    expect(requests).to.be.above(0);
    client.close();
  });
});
