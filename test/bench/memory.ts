// The memory that tracked clients take, and what is evicted when max-tracked is reached.

import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { append, failedLogins, LIMIT } from './feed.ts';
import { flood } from './flood.ts';
import type { Findings } from './goals.ts';
import type { MemoryResult } from './memory-child.ts';
import { moduleOf, Program, residentMB } from './programs.ts';
import { print, printTable, whole } from './report.ts';
import { Served } from './served.ts';
import type { Size } from './size.ts';
import { trackedAddress } from './tracked.ts';

/** events of each client, the share of all clients that has that many, and the share of clients with good events */
const CASES = [
  [1, 1, 0],
  [3, 0.5, 0],
  [30, 0.1, 0],
  [0, 0, 1],
  [1, 1, 1],
] as const;
const LAST = '203.0.113.99';
/** of max-tracked: one in so many clients is half way to a limit, one in so many is blocked */
const STRONG = 100;
const BLOCKED = 1000;
const FREQUENT_EVENTS = 15;

export async function memory(size: Size): Promise<Findings> {
  print(
    '## Memory of tracked clients\n\nFrom log lines, in a process of its own, after garbage collection.\n',
  );
  const results: MemoryResult[] = [];
  for (const [events, part, goodPart] of CASES) {
    const clients = Math.round(size.tracked * part);
    const good = Math.round(size.tracked * goodPart);
    const child = Program.node('server', [
      '--expose-gc',
      moduleOf('memory-child'),
      String(clients),
      String(events),
      String(good),
    ]);
    results.push(JSON.parse(await child.ended()) as MemoryResult);
  }
  printTable(
    [
      'events each',
      'clients',
      'good clients',
      'heap bytes each',
      'resident bytes each',
      'resident MB in all',
    ],
    results.map(({ events, clients, good, heap, resident, all }) =>
      [events, clients, good, heap, resident, all / 1e6].map(whole),
    ),
  );
  await attack(size);
  return { floodMB: await flood(size) };
}

/** A daemon with a max-tracked of a tenth of its attackers. */
async function attack({ attackers }: Size): Promise<void> {
  const maxTracked = Math.round(attackers / 10);
  print(`max-tracked: ${whole(maxTracked)}, and an attack from ${whole(attackers)} addresses:\n`);
  const served = await Served.start({ maxTracked });
  const frequent = Math.round(maxTracked / STRONG);
  const blocked = Math.round(maxTracked / BLOCKED);
  await append(served.log, lines(attackers, frequent, blocked));
  await served.refuses(LAST, 1800);
  const resident = residentMB(served.program.pid);
  // The daemon logs it at its next tick, within a second.
  await served.said('max-tracked-reached');
  await delay(1100);
  served.program.signal('SIGUSR1');
  await served.said(' snapshot ', 2);
  const kept = await keptIn(join(served.folder, 'state', 'snapshot.json'));
  printTable(
    ['', 'came', 'stayed'],
    [
      ['blocked', whole(blocked + 1), whole(kept.blocked)],
      [`${FREQUENT_EVENTS} events`, whole(frequent), whole(kept.frequent)],
      ['one event', whole(attackers), whole(kept.single)],
    ],
  );
  const said = served.program.output.split('\n').filter((line) => line.includes('max-tracked-reached'));
  print(
    `Resident: ${whole(resident)} MB, at most ${whole(residentMB(served.program.pid, 'VmHWM'))} MB. In the log, ${said.length} times:\n\n    ${said[0]}\n`,
  );
  await served.stop();
}

/** The clients that stay, then all others once, then the client that is blocked last. */
function* lines(attackers: number, frequent: number, blocked: number): Generator<string> {
  for (let n = 0; n < blocked; n++) yield failedLogins(trackedAddress(n), LIMIT);
  for (let n = 0; n < frequent; n++) yield failedLogins(trackedAddress(blocked + n), FREQUENT_EVENTS);
  for (let n = 0; n < attackers; n++) yield failedLogins(trackedAddress(blocked + frequent + n), 1);
  yield failedLogins(LAST, LIMIT);
}

async function keptIn(path: string): Promise<{ blocked: number; frequent: number; single: number }> {
  const kept = { blocked: 0, frequent: 0, single: 0 };
  for await (const line of createInterface({ input: createReadStream(path, 'latin1') })) {
    if (line.includes('"block":')) kept.blocked++;
    else if (line.includes('"events":{')) {
      const events = line.split('","').length;
      if (events >= FREQUENT_EVENTS) kept.frequent++;
      else kept.single++;
    }
  }
  return kept;
}
