// Hosts that share, cut off from the server by a network in which packets vanish.

import { expect } from 'chai';
import { endDaemons, SMALL_RULES } from '../harness/daemon.ts';
import { both, describeReal, NAMESPACES } from '../harness/real.ts';
import { REDIS } from '../harness/redis.ts';
import type { SharingDaemon } from '../harness/sharing-daemon.ts';
import { until } from '../harness/until.ts';
import { rejectedRecipient, times } from '../service/mail.ts';
import { Site } from './sharing-site.ts';

const REJECT = /^action=REJECT /;
const [FIRST, SECOND, THIRD, FOURTH] = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'] as const;

function knock(host: SharingDaemon, ip: string, count: number): void {
  host.append(...times(count, () => rejectedRecipient(ip)));
}

async function blockedOn(hosts: readonly SharingDaemon[], ip: string, isBlocked = true): Promise<void> {
  for (const host of hosts)
    await until(`the verdict about ${ip} on ${host.host}`, async () => {
      return REJECT.test(await host.verdict(ip)) === isBlocked;
    });
}

describeReal('faults: a network that is cut', both(REDIS, NAMESPACES), () => {
  let site: Site;

  beforeEach(async () => {
    site = await Site.start(SMALL_RULES);
  });

  afterEach(async () => {
    await endDaemons();
    await site.end();
  });

  for (const cut of [[0], [0, 1]] as const)
    it(`leaves ${cut.length} of 3 hosts to their own counts, and all agree when it is whole again`, async () => {
      const { hosts, network } = site;
      const away = hosts.filter((_, i) => cut.some((index) => index === i));
      const others = hosts.filter((host) => !away.includes(host));
      const [one] = away;
      const [last] = others;
      if (one === undefined || last === undefined) throw new Error('no hosts');
      knock(last, FIRST, 3);
      await blockedOn(hosts, FIRST);
      for (const index of cut) network.cut(index);
      for (const host of away) await host.alone();
      await one.said(/ share-down /);
      // Its own counts decide, and those of the others.
      knock(one, SECOND, 3);
      await blockedOn([one], SECOND);
      knock(last, THIRD, 3);
      await blockedOn(others, THIRD);
      expect(await last.verdict(SECOND)).to.equal('action=DUNNO');
      expect(await one.verdict(THIRD)).to.equal('action=DUNNO');
      // Of the same client, on both sides of the cut.
      knock(one, FOURTH, 2);
      knock(last, FOURTH, 1);
      await one.command('unblock', FIRST, '--reason', 'a customer');
      expect(await last.verdict(FIRST)).to.match(REJECT);
      for (const index of cut) network.mend(index);
      for (const host of hosts) await host.live();
      for (const ip of [SECOND, THIRD, FOURTH]) await blockedOn(hosts, ip);
      await blockedOn(hosts, FIRST, false);
      for (const host of hosts) expect(host.errors, host.host).to.equal('');
    });
});
