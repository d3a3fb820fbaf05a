// Hosts that share, under faults of the server, of the network and of daemons, with abuse and manual actions all the time.

import { setTimeout as delay } from 'node:timers/promises';
import { endDaemons } from '../harness/daemon.ts';
import { both, describeReal, NAMESPACES } from '../harness/real.ts';
import { figure, randomFrom, SEED, scaled } from '../harness/scale.ts';
import { SERVERS } from '../harness/servers.ts';
import { RULES_TEXT, SharedClients } from './shared-clients.ts';
import { type Fault, HOST_FAULTS, SERVER_FAULTS, Site } from './sharing-site.ts';

/** POSTBLOCK_TEST_SCALE=100 runs 200 on each server. */
const ROUNDS = scaled(2);
/** Rounds between two clients that send good mail too. */
const GOOD_EVERY = 10;
/** ms; a failing case waits so long */
const PATIENCE = 60_000;

type Random = (below: number) => number;

for (const [index, { name, command, component }] of SERVERS.entries())
  describeReal(`faults: hosts that share, on ${name}`, both(component, NAMESPACES), () => {
    let site: Site | undefined;

    afterEach(async () => {
      await endDaemons();
      await site?.end();
    });

    it(`lose nothing, count nothing twice, and agree after each of ${ROUNDS} faults`, async function () {
      this.timeout(120_000 + ROUNDS * 20_000);
      const random = randomFrom(SEED + index);
      site = await Site.start(RULES_TEXT, command);
      const clients = new SharedClients(site, random);
      const longest = new Map<string, number>();
      for (let round = 0; round < ROUNDS; round++) {
        clients.add(4);
        if (round % GOOD_EVERY === 0) await clients.addGood();
        const faults = someFaults(random, index + round * SERVERS.length);
        const what = faults.map((fault) => fault.name).join(' and ');
        const ms = await agreed(site, faults, clients, random).catch((error: unknown) => {
          throw new Error(`seed ${SEED}, round ${round}, ${what}: ${error}`);
        });
        longest.set(what, Math.max(longest.get(what) ?? 0, ms));
      }
      await clients.complete(PATIENCE);
      await clients.expectExact(`seed ${SEED}`);
      for (const [what, ms] of [...longest].sort((one, other) => other[1] - one[1]))
        figure(`${name}, ${what}: all agree after ${ms} ms at most`);
      figure(
        `${name}, seed ${SEED}: ${ROUNDS} faults, ${clients.events} events, ${clients.blocks} blocks, ${clients.actions} actions, all accounted for`,
      );
    });
  });

/** @returns ms from the end of the faults until all hosts agree */
async function agreed(site: Site, faults: readonly Fault[], clients: SharedClients, random: Random) {
  clients.isGoodLost = faults.some(({ isLoss }) => isLoss);
  await run(faults, site, random, () => meanwhile(clients, random));
  const end = Date.now();
  for (let left = random(20); left > 0; left--) clients.abuse();
  if (clients.isGoodLost) await clients.insist(PATIENCE);
  await clients.agreed(PATIENCE);
  return Date.now() - end;
}

/** One of the server, or one of hosts, or both at the same time. */
function someFaults(random: Random, number: number): readonly Fault[] {
  const ofServer = SERVER_FAULTS[(number + SEED) % SERVER_FAULTS.length];
  const ofHosts = HOST_FAULTS[random(HOST_FAULTS.length)];
  const which = random(4);
  return [which === 0 ? [] : (ofServer ?? []), which > 1 ? [] : (ofHosts ?? [])].flat();
}

async function run(
  [fault, ...others]: readonly Fault[],
  site: Site,
  random: Random,
  during: () => Promise<void>,
): Promise<void> {
  if (fault === undefined) await during();
  else await fault.run(site, random, () => run(others, site, random, during));
}

/** What clients and support do during a fault. */
async function meanwhile(clients: SharedClients, random: Random): Promise<void> {
  const end = Date.now() + random(3000);
  let acts = random(4);
  do {
    clients.abuse();
    if (acts > 0 && random(60) === 0) {
      acts--;
      await clients.act();
    }
    if (random(400) === 0) clients.rotate();
    await delay(random(8));
  } while (Date.now() < end);
}
