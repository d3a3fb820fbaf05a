// The snapshot of many clients: the time to write it, to read it at start, and the wait of a verdict meanwhile. Metrics are
// scraped all the time.

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { scrape } from '../harness/scrape.ts';
import type { Findings } from './goals.ts';
import { Load, type LoadResult } from './load.ts';
import { nodeFloor } from './policy.ts';
import { residentMB } from './programs.ts';
import { median, ms, print, printTable, whole } from './report.ts';
import { policyRequests } from './requests.ts';
import { Served } from './served.ts';
import type { Size } from './size.ts';
import { folderOfTracked, mixedAddresses } from './tracked.ts';

const CONNECTIONS = 20;
const TIMES = 3;
/** ms; short enough that no client expires during the measurement */
const SPREAD = 20 * 60_000;

export async function snapshot({ tracked, seconds }: Size): Promise<Findings> {
  print(`## Snapshot of ${whole(tracked)} clients\n`);
  const folder = await folderOfTracked(tracked, SPREAD);
  const served = await Served.start({ folder, maxTracked: tracked, metrics: true });
  const scraping = whileScraped(served);
  const { pid } = served.program;
  const read = readTime(served.program.output);
  const afterStart = residentMB(pid);
  const idle = await written(served, TIMES);
  const afterWriting = residentMB(pid);
  const load = new Load(policyRequests(20_000, { addresses: mixedAddresses(tracked, 20_000) }));
  const { port } = served;
  await load.run({ port, connections: CONNECTIONS, seconds });
  await served.delays();
  const without = await load.run({ port, connections: CONNECTIONS, seconds: seconds * 3 });
  const withoutDelays = await served.delays();
  const writing = whileRunning(served);
  const during = await load.run({ port, connections: CONNECTIONS, seconds: seconds * 5 });
  const duringDelays = await served.delays();
  const loaded = await writing();
  const most = residentMB(pid, 'VmHWM');
  const afterAll = residentMB(pid);
  const scrapes = await scraping();
  await served.stop();
  const bare = await ofFloor(load, seconds * 5);
  printTable(
    ['', 'median ms'],
    [
      ['read at start', whole(read)],
      [`written, no other load, of ${idle.length}`, whole(median(idle))],
      [`written under full load of verdicts, of ${loaded.length}`, whole(median(loaded))],
    ],
  );
  printTable(
    [
      `verdicts, ${CONNECTIONS} connections`,
      'requests/s',
      'p99 ms',
      'p99.9 ms',
      'max ms',
      'event loop late, max ms',
    ],
    [
      row('of the floor', bare, '–'),
      row('no snapshot', without, ms(withoutDelays.max)),
      row('snapshots without pause', during, ms(duringDelays.max)),
    ],
  );
  printTable(
    ['resident memory of the daemon', 'MB'],
    [
      ['after start', whole(afterStart)],
      [`after ${idle.length} snapshots`, whole(afterWriting)],
      ['after load and snapshots', whole(afterAll)],
      [`peak, with ${whole(scrapes)} scrapes of its metrics`, whole(most)],
    ],
  );
  return {
    snapshotRead: read * 1000,
    snapshotWritten: median(idle) * 1000,
    snapshotPause: during.max,
    floorPause: bare.max,
    residentMB: most,
  };
}

function row(name: string, { rate, p99, p999, max }: LoadResult, late: string): string[] {
  return [name, whole(rate), ms(p99), ms(p999), ms(max), late];
}

/** Scrapes once a second. The returned function ends it, and returns the number of scrapes. */
function whileScraped(served: Served): () => Promise<number> {
  const over = new AbortController();
  let count = 0;
  const running = (async () => {
    for (; !over.signal.aborted; count++) {
      await scrape(join(served.folder, 'metrics.sock'));
      await delay(1000, undefined, { signal: over.signal }).catch(() => undefined);
    }
  })();
  return async () => {
    over.abort();
    await running;
    return count;
  };
}

/** The same load on the floor: the wait that the machine itself causes. */
async function ofFloor(load: Load, seconds: number): Promise<LoadResult> {
  const { port, program } = await nodeFloor();
  await load.run({ port, connections: CONNECTIONS, seconds: 1 });
  const result = await load.run({ port, connections: CONNECTIONS, seconds });
  await program.stop();
  return result;
}

/** ms, from the stamps of the daemon's own log. */
function readTime(said: string): number {
  const at = (event: string) => Date.parse(new RegExp(`^(\\S+) .*\\b${event} `, 'm').exec(said)?.[1] ?? '');
  return at('snapshot-read') - at('start');
}

const WRITTEN = ' snapshot ';

/** Writes snapshots one after another. @returns ms that each took, from the daemon's log */
async function written(served: Served, times: number): Promise<number[]> {
  const first = served.snapshotTimes.length;
  for (let i = first + 1; i <= first + times; i++) {
    served.program.signal('SIGUSR1');
    await served.said(WRITTEN, i);
  }
  return served.snapshotTimes.slice(first);
}

/** Starts to write snapshots without pause. The returned function ends it. */
function whileRunning(served: Served): () => Promise<number[]> {
  let isOver = false;
  const all: number[] = [];
  const running = (async () => {
    while (!isOver) all.push(...(await written(served, 1)));
  })();
  return async () => {
    isOver = true;
    await running;
    return all;
  };
}
