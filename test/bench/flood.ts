// A flood from blocked bots while max-tracked is reached: memory, verdicts, and whether a new abuser is blocked.

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from '../../src/cli/client.ts';
import type { StatusAnswer } from '../../src/health/status.ts';
import { append, failedLogins, LIMIT, rejectedRecipients, stampOf } from './feed.ts';
import { Load, type LoadResult } from './load.ts';
import { residentMB } from './programs.ts';
import { ms, print, printTable, whole } from './report.ts';
import { policyRequests } from './requests.ts';
import { type Delays, RULES, Served } from './served.ts';
import type { Size } from './size.ts';
import { mixedAddresses, trackedAddress } from './tracked.ts';
import { awaited } from './waiting.ts';

/** share of bots among all tracked clients, and requests of each */
const FLOODS = [
  [0.0166, 50],
  [0.1, 10],
] as const;
const CONNECTIONS = 20;
/** lines/s while verdicts are measured */
const PACE = 20_000;
/** s; most of a flood is read in less than a minute */
const PATIENCE = 600;
/** the limit of rejected-recipients as shipped */
const NEW_LIMIT = 100;
const TEXT = /auth-failures: .*message: ([^}]*)\}/.exec(RULES)?.[1] ?? '';

interface Flooded {
  readonly bots: number;
  readonly knocks: number;
  readonly tracked: number;
  readonly trouble: StatusAnswer['trouble'];
  readonly resident: number;
  readonly most: number;
  readonly verdicts: LoadResult;
  readonly late: Delays;
  readonly snapshots: number;
  readonly newcomer: string;
}

/** @returns MB: the peak of the daemon in the larger flood */
export async function flood(size: Size): Promise<number> {
  print(
    `## Bots that continue while blocked\n\nmax-tracked: ${whole(size.tracked)}. Each bot is blocked for failed logins and then continues, each time with another recipient; all others came once.\nThen ${CONNECTIONS} connections ask, ${whole(PACE)} lines/s of knocks are read, and snapshots are written one after another.\n`,
  );
  const all: Flooded[] = [];
  for (const [part, knocks] of FLOODS) all.push(await flooded(size, Math.round(size.tracked * part), knocks));
  printTable(
    ['bots, requests each', 'tracked', 'resident MB', 'peak MB', 'troubles', 'a new abuser'],
    all.map(({ bots, knocks, tracked, resident, most, trouble, newcomer }) => [
      `${whole(bots)}, ${knocks}`,
      whole(tracked),
      whole(resident),
      whole(most),
      trouble.map(({ what }) => what).join(', ') || '–',
      newcomer,
    ]),
  );
  printTable(
    ['bots', 'snapshots', 'requests/s', 'p50 ms', 'p99 ms', 'p99.9 ms', 'max ms', 'event loop late, max ms'],
    all.map(({ bots, snapshots, verdicts: { rate, p50, p99, p999, max }, late }) => [
      whole(bots),
      snapshots,
      whole(rate),
      ...[p50, p99, p999, max, late.max].map(ms),
    ]),
  );
  return all.at(-1)?.most ?? Number.NaN;
}

async function flooded({ tracked, seconds }: Size, bots: number, knocks: number): Promise<Flooded> {
  const served = await Served.start({ maxTracked: tracked, level: 'info' });
  await append(served.log, attack(bots, tracked - bots));
  await append(served.log, knocking(bots, knocks));
  await readUp(served);
  const resident = residentMB(served.program.pid);
  const load = new Load(policyRequests(20_000, { addresses: mixedAddresses(tracked, 20_000) }));
  await load.run({ port: served.port, connections: CONNECTIONS, seconds });
  await served.delays();
  const writing = whileRunning(served);
  const feeding = feed(served.log, bots, seconds * 10);
  const verdicts = await load.run({ port: served.port, connections: CONNECTIONS, seconds: seconds * 10 });
  await feeding;
  const late = await served.delays();
  const snapshots = await writing();
  const newcomer = await newAbuser(served);
  const { tracked: size, trouble } = await statusOf(served);
  const most = residentMB(served.program.pid, 'VmHWM');
  await served.stop();
  return { bots, knocks, tracked: size, trouble, resident, most, verdicts, late, snapshots, newcomer };
}

/** All other clients once, and the bots up to their block. */
function* attack(bots: number, others: number): Generator<string> {
  for (let n = 0; n < others; n++) yield failedLogins(trackedAddress(bots + n), 1);
  for (let n = 0; n < bots; n++) yield failedLogins(trackedAddress(n), LIMIT);
}

function* knocking(bots: number, knocks: number): Generator<string> {
  for (let round = 0; round < knocks; round++)
    for (let n = 0; n < bots; n++) yield knock(trackedAddress(n), round);
}

/** A refusal because of a block, as smtpd logs it. */
function knock(address: string, n: number): string {
  const envelope = `from=<newsletter-${n}@shop.example.org> to=<some.customer-${n}@example.net> proto=ESMTP helo=<mail.shop.example.org>`;
  return `${stampOf(Date.now())} mx1 postfix/smtpd[${n % 90}]: NOQUEUE: reject: RCPT from unknown[${address}]: 554 5.7.1 <unknown[${address}]>: Client host rejected: ${TEXT}; ${envelope}\n`;
}

/** Requests of bots chosen at random, at a steady rate. */
async function feed(path: string, bots: number, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  for (let n = 0; performance.now() < end; n++) {
    const count = PACE / 20;
    const pick = () => trackedAddress(Math.floor(Math.random() * bots));
    await append(path, [Array.from({ length: count }, (_, i) => knock(pick(), n * count + i)).join('')]);
    await delay(50);
  }
}

/** Resolves when everything in the log has been read. */
async function readUp(served: Served): Promise<void> {
  // The daemon may not have seen the last line yet.
  let before = -1;
  await awaited(
    'the end of the log',
    served.program,
    async () => {
      const { lines, atEnd } = (await statusOf(served)).log;
      const isSame = lines === before;
      before = lines;
      if (atEnd && isSame) return true;
      await delay(500);
      return undefined;
    },
    PATIENCE,
  );
}

/** At which event a new client is blocked. */
async function newAbuser(served: Served): Promise<string> {
  const address = '203.0.113.200';
  await append(served.log, [rejectedRecipients(address, NEW_LIMIT - 1)]);
  await readUp(served);
  if ((await served.verdict(address)) !== 'action=DUNNO\n\n') return `blocked before ${NEW_LIMIT}`;
  await append(served.log, [rejectedRecipients(address, 1)]);
  await readUp(served);
  const isBlocked = (await served.verdict(address)).startsWith('action=REJECT');
  return isBlocked ? `blocked at ${NEW_LIMIT}` : `NOT BLOCKED at ${NEW_LIMIT}`;
}

async function statusOf({ folder }: Served): Promise<StatusAnswer> {
  return await ask<StatusAnswer>(join(folder, 'state'), { command: 'status' });
}

/** Writes snapshots without pause. The returned function ends it, and returns the number of snapshots. */
function whileRunning(served: Served): () => Promise<number> {
  const path = join(served.folder, 'state', 'snapshot.json');
  let isOver = false;
  let count = 0;
  const running = (async () => {
    for (; !isOver; count++) {
      const { ino, mtimeMs } = statSync(path);
      served.program.signal('SIGUSR1');
      await awaited('a snapshot', served.program, () => {
        const now = statSync(path);
        return now.ino !== ino || now.mtimeMs !== mtimeMs ? true : undefined;
      });
    }
  })();
  return async () => {
    isOver = true;
    await running;
    return count;
  };
}
