// Verdicts under full load: many tracked clients, a log that grows, snapshots, records that expire, a reload.

import { setTimeout as delay } from 'node:timers/promises';
import { Feed, LIMIT, reactionTo } from './feed.ts';
import type { Findings } from './goals.ts';
import { Load, type LoadResult } from './load.ts';
import { residentMB } from './programs.ts';
import { median, ms, print, printTable, whole } from './report.ts';
import { policyRequests } from './requests.ts';
import { type Delays, Served } from './served.ts';
import type { Size } from './size.ts';
import { folderOfTracked, mixedAddresses } from './tracked.ts';

const CONNECTIONS = 20;
const LINES_PER_SECOND = 20_000;
/** ms; slightly longer than the longest window, so that some clients expire all the time */
const SPREAD = 62 * 60_000;

export async function moving({ tracked, seconds, profile }: Size): Promise<Findings> {
  const lasting = seconds * 10;
  print(
    `## Policy requests under full load\n\n${CONNECTIONS} connections; ${whole(tracked)} clients tracked, ${whole(LINES_PER_SECOND)} log lines/s, a snapshot every 2 s, expiry, a reload; ${lasting} s.\n`,
  );
  const folder = await folderOfTracked(tracked, SPREAD);
  const served = await Served.start({ folder, snapshotEvery: '2s', maxTracked: tracked, profile });
  const load = new Load(policyRequests(20_000, { addresses: mixedAddresses(tracked, 20_000) }));
  const { port } = served;
  await load.run({ port, connections: CONNECTIONS, seconds });
  await served.delays();
  const quiet = await load.run({ port, connections: CONNECTIONS, seconds: seconds * 3 });
  const quietDelays = await served.delays();
  const feed = new Feed(served.log, LINES_PER_SECOND, lasting + 1);
  const fed = feed.run();
  const reactions = canaries(served, lasting);
  setTimeout(() => served.program.signal('SIGHUP'), lasting * 500);
  const busy = await load.run({ port, connections: CONNECTIONS, seconds: lasting });
  const busyDelays = await served.delays();
  const lags = await reactions;
  await fed;
  const said = served.program.output;
  printTable(
    ['', 'requests/s', 'p50 ms', 'p99 ms', 'p99.9 ms', 'max ms', 'REJECT'],
    [row('verdicts, snapshots only', quiet), row('verdicts, all at once', busy)],
  );
  printTable(
    ['event loop late', 'p50 ms', 'p99 ms', 'p99.9 ms', 'max ms'],
    [delayRow('snapshots only', quietDelays), delayRow('all at once', busyDelays)],
  );
  printTable(
    ['what', 'measured'],
    [
      ['log lines appended', whole(feed.written)],
      [`from appended line to REJECT, median of ${lags.length}`, `${median(lags).toFixed(0)} ms`],
      ['from appended line to REJECT, longest', `${Math.max(...lags).toFixed(0)} ms`],
      ['snapshots written', snapshotsOf(served)],
      ['reloads', said.split(' reload ').length - 1],
      ['resident memory, peak', `${whole(residentMB(served.program.pid, 'VmHWM'))} MB`],
    ],
  );
  await served.stop();
  return { movingP99: busy.p99 };
}

/** The delay from log to verdict: each second a new client reaches a limit. */
async function canaries(served: Served, seconds: number): Promise<number[]> {
  const lags: number[] = [];
  const end = performance.now() + seconds * 1000;
  for (let i = 1; performance.now() < end; i++) {
    lags.push(await reactionTo(`203.0.113.${i}`, served, LIMIT));
    await delay(1000);
  }
  return lags;
}

function snapshotsOf({ snapshotTimes: times }: Served): string {
  return `${times.length}, median ${whole(median(times))} ms, longest ${whole(Math.max(...times))} ms`;
}

function row(name: string, { rate, p50, p99, p999, max, rejects }: LoadResult) {
  return [name, whole(rate), ms(p50), ms(p99), ms(p999), ms(max), whole(rejects)];
}

function delayRow(name: string, { p50, p99, p999, max }: Delays) {
  return [name, ms(p50), ms(p99), ms(p999), ms(max)];
}
