// Log reading: lines/s from a file to counts, the cost of each kind of line, and a daemon that catches up.

import { once } from 'node:events';
import { createWriteStream, linkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HOUR } from '../../src/values/duration.ts';
import { temporaryFolder } from '../harness/folder.ts';
import { failedLogins, LIMIT } from './feed.ts';
import type { Findings } from './goals.ts';
import { Load, type LoadResult } from './load.ts';
import { month } from './month.ts';
import { moduleOf, Program } from './programs.ts';
import type { ReadingResult } from './reading-child.ts';
import { median, ms, print, printTable, whole } from './report.ts';
import { policyRequests } from './requests.ts';
import { Served } from './served.ts';
import type { Size } from './size.ts';

const CONNECTIONS = 20;
/** Of a busy host, which logs a million lines a day. */
const LINES_PER_SECOND = 12;
/** Average bytes of a line of the month. */
const LINE = 165;
/** Blocked by the last lines of the backlog: when it is refused, all lines have been read. */
const LAST = '203.0.113.99';

export async function reading(size: Size): Promise<Findings> {
  print(
    `## Log reading\n\n${whole(size.lines)} lines of a host that logs ${LINES_PER_SECOND} a second, read again and again; medians of ${size.rounds} rounds.\n`,
  );
  const linesPerSecond = await readMonth(size);
  print('A daemon that reads a backlog from a file on disk:\n');
  await catchUp(size);
  return { linesPerSecond };
}

async function readMonth({ lines, rounds, profile }: Size): Promise<number> {
  const log = join(temporaryFolder(), 'month.log');
  await writeMonth(log, lines, { span: (lines / LINES_PER_SECOND) * 1000 });
  const prof = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const child = Program.node('server', [...prof, moduleOf('reading-child'), log, String(rounds)]);
  const { rates, cpuRates, events, kinds } = JSON.parse(await child.ended()) as ReadingResult;
  const rate = median(rates);
  printTable(
    ['lines/s, one core', 'min', 'max', 'lines per CPU second', 'events'],
    [
      [
        whole(rate),
        whole(Math.min(...rates)),
        whole(Math.max(...rates)),
        whole(median(cpuRates)),
        whole(events),
      ],
    ],
  );
  const total = kinds.reduce((sum, { lines: count, ns }) => sum + count * ns, 0);
  printTable(
    ['kind of line', 'of lines', 'ns per line', 'of time'],
    kinds.map(({ kind, lines: count, ns }) => [
      kind,
      `${((count / lines) * 100).toFixed(1)} %`,
      whole(ns),
      `${(((count * ns) / total) * 100).toFixed(1)} %`,
    ]),
  );
  return rate;
}

/** The log follower at full speed, alone and with verdicts. */
async function catchUp(size: Size): Promise<void> {
  const log = join(temporaryFolder(), 'backlog.log');
  const lines = Math.ceil(size.backlog / LINE);
  await writeMonth(log, lines, { from: Date.now() - 24 * HOUR, span: 24 * HOUR }, failedLogins(LAST, LIMIT));
  const alone = await follow(log, undefined);
  const beside = await follow(log, new Load(policyRequests(5000)));
  const row = (name: string, { seconds, result }: Followed) => [
    name,
    whole(lines / seconds),
    seconds.toFixed(1),
    ...(result === undefined
      ? ['–', '–', '–', '–']
      : [whole(result.rate), ms(result.p50), ms(result.p99), ms(result.max)]),
  ];
  printTable(
    [`${whole(lines)} lines`, 'lines/s', 'seconds', 'requests/s', 'p50 ms', 'p99 ms', 'max ms'],
    [row('nothing else', alone), row(`${CONNECTIONS} connections, no pause`, beside)],
  );
}

interface Followed {
  readonly seconds: number;
  readonly result: LoadResult | undefined;
}

/** Moves the backlog to where the daemon expects its log, and waits until all of it is read. */
async function follow(log: string, load: Load | undefined): Promise<Followed> {
  const served = await Served.start({ awaitsLog: true });
  // Warms up the verdicts.
  await load?.run({ port: served.port, connections: CONNECTIONS, seconds: 1 });
  linkSync(log, served.log);
  const begin = performance.now();
  const reading = served.refuses(LAST, 1800).then(() => (performance.now() - begin) / 1000);
  await delay(100);
  const result = await load?.run({ port: served.port, connections: CONNECTIONS, seconds: 3 });
  const seconds = await whilePressing(reading, load, served.port);
  await served.stop();
  return { seconds, result };
}

/** Sends requests, unmeasured, until all lines are read. */
async function whilePressing(
  reading: Promise<number>,
  load: Load | undefined,
  port: number,
): Promise<number> {
  let seconds: number | undefined;
  reading.then((value) => {
    seconds = value;
  });
  while (load !== undefined && seconds === undefined) {
    await load.run({ port, connections: CONNECTIONS, seconds: 1 });
    await delay(1);
  }
  return await reading;
}

async function writeMonth(path: string, lines: number, options: object, last = ''): Promise<void> {
  const file = createWriteStream(path, { encoding: 'latin1' });
  for (const chunk of month(lines, options)) if (!file.write(chunk)) await once(file, 'drain');
  file.end(last);
  await once(file, 'finish');
}
