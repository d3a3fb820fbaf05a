// Hosts that share and are not alike: with other rules and with a wrong clock.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endDaemons, SMALL_RULES } from '../harness/daemon.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { both, describeReal, FAKETIME, fakedBy } from '../harness/real.ts';
import { REDIS, RedisServer } from '../harness/redis.ts';
import { SharingDaemon } from '../harness/sharing-daemon.ts';
import { until } from '../harness/until.ts';
import { rejectedRecipient, times } from '../service/mail.ts';

const [IP, OTHER] = ['192.0.2.1', '192.0.2.2'] as const;
const REJECT = /^action=REJECT /;
const HIGHER = SMALL_RULES.replace('rejected-recipient, limit: 3', 'rejected-recipient, limit: 5');

function knock(host: SharingDaemon, ip: string, count: number, at = Date.now()): void {
  host.append(...times(count, () => rejectedRecipient(ip, at)));
}

async function blockedOn(hosts: readonly SharingDaemon[], ip: string, isBlocked = true): Promise<void> {
  for (const host of hosts)
    await until(`the verdict about ${ip} on ${host.host}`, async () => {
      return REJECT.test(await host.verdict(ip)) === isBlocked;
    });
}

describeReal('faults: hosts that are not alike', both(REDIS, FAKETIME), () => {
  let server: RedisServer;
  /** seconds by which a clock is wrong, as libfaketime reads it */
  const clock = join(temporaryFolder(), 'clock');
  const set = (seconds: number) => writeFileSync(clock, `+${seconds}`);
  const daemon = (host: string, rules = SMALL_RULES, env: Readonly<Record<string, string>> = {}) =>
    new SharingDaemon({ host, url: `unix://${server.socket}`, rules, env }).start();

  beforeEach(() => set(0));
  afterEach(async () => {
    await endDaemons();
    await server.kill();
  });

  it('with other rules count each for itself, and share blocks and lifts', async () => {
    server = await RedisServer.start();
    const one = await daemon('mx1');
    const two = await daemon('mx2', HIGHER);
    for (const host of [one, two]) await host.live();
    knock(one, IP, 2);
    knock(two, IP, 4);
    knock(one, OTHER, 3);
    await blockedOn([one, two], OTHER);
    await blockedOn([one, two], IP, false);
    await two.command('unblock', OTHER, '--reason', 'a customer');
    await blockedOn([one, two], OTHER, false);
    knock(two, IP, 1);
    await blockedOn([one, two], IP);
  });

  it('with a clock that is wrong by minutes count for themselves, say so, and share blocks and lifts', async () => {
    server = await RedisServer.start();
    set(600);
    const one = await daemon('mx1');
    const wrong = await daemon('mx2', SMALL_RULES, fakedBy(clock));
    await wrong.said(/ share-clock reason="the clock of this host is 10m ahead of that of the server"/);
    knock(one, IP, 2);
    knock(wrong, IP, 2, Date.now() + 600_000);
    knock(wrong, OTHER, 3, Date.now() + 600_000);
    await blockedOn([wrong, one], OTHER);
    expect(await one.verdict(IP)).to.equal('action=DUNNO');
    await one.command('unblock', OTHER, '--reason', 'a customer');
    await blockedOn([one], OTHER, false);
    set(0);
    await wrong.said(/ share-clock-over /);
    await wrong.live();
  });
});
