// Repeated kill -9 at random moments, under live abuse and manual actions: in the end all counts are exact.

import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { endDaemons, TestDaemon } from '../harness/daemon.ts';
import { figure, randomFrom, SEED, scaled } from '../harness/scale.ts';
import { caughtUp } from '../service/mail.ts';
import { Abuse } from './abuse.ts';
import { expectExactAccount, RULES, RULES_TEXT, SPARING_RULES, SPARING_RULES_TEXT } from './account.ts';
import { ManualActions } from './manual-actions.ts';
import { Oracle } from './oracle.ts';

/** POSTBLOCK_TEST_SCALE=20 runs 200. */
const KILLS = scaled(10);
const CLIENTS = 24;

describe('faults: kill -9 at random moments under live abuse', () => {
  afterEach(endDaemons);

  for (const [what, rules, text] of [
    ['abuse alone', RULES, RULES_TEXT],
    ['abuse beside good mail', SPARING_RULES, SPARING_RULES_TEXT],
  ] as const) {
    it(`${what}: loses no event and no act by hand, counts none twice, and tells each block and end once, after ${KILLS} kills`, async function () {
      this.timeout(60_000 + KILLS * 5000);
      const random = randomFrom(SEED);
      const oracle = new Oracle(rules);
      const daemon = new TestDaemon({ rules: text });
      daemon.writePolicy(text, daemon.head('snapshot-every: 1s\n'));
      const abuse = new Abuse(daemon.log, oracle, random, CLIENTS, rules === SPARING_RULES);
      const actions = new ManualActions(daemon, random, abuse.ips);
      await daemon.start();
      for (let kill = 0; kill < KILLS; kill++) {
        await someMoment(daemon, abuse, random);
        const acting = someActions(actions, random);
        // Killed after the last answer, or before it.
        if (random(2) === 0) await acting;
        else for (let turns = random(20); turns > 0; turns--) await setImmediate();
        await daemon.stop('SIGKILL');
        await acting;
        await abuse.go(random(8), 0);
        if (random(4) === 0) abuse.rotate(random(2) === 0 ? 'rename' : 'copytruncate');
        await abuse.go(random(8), 0);
        daemon.spawn();
      }
      await daemon.said(/ ready /);
      await abuse.go(50, 3);
      await caughtUp(daemon, 6);
      await expectExactAccount(daemon, oracle, `seed ${SEED}`, actions);
      figure(
        `seed ${SEED}: ${KILLS} kills, ${abuse.rotated} rotations, ${oracle.events} events, ${oracle.blocks} blocks, ${actions.figures}, all accounted for`,
      );
    });
  }
});

/** Stamps and manual actions differ by a millisecond at least. */
async function someActions(actions: ManualActions, random: (below: number) => number): Promise<void> {
  for (let acts = random(4); acts > 0; acts--) {
    await delay(2);
    await actions.act();
    await delay(2);
  }
}

/** Returns at a random moment of the daemon's life, to kill it there. */
async function someMoment(daemon: TestDaemon, abuse: Abuse, random: (below: number) => number) {
  const moment = random(6);
  // Still starting: with the state half read, or the log half caught up.
  if (moment === 0) return await abuse.go(1 + random(40), 5);
  if (moment === 1) return await daemon.said(/ (?:snapshot-read|start) /);
  await daemon.said(/ ready /);
  if (moment === 2) return await abuse.go(1 + random(10), 2);
  await abuse.go(random(60), 8);
  if (moment === 3) return;
  // While a snapshot or a line of the audit trail is written.
  daemon.signal('SIGUSR1');
  for (let turns = random(30); turns > 0; turns--) await setImmediate();
  if (moment === 4) await abuse.go(random(5), 3);
}
