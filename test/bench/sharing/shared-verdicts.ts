// Verdicts of a daemon that shares and of one that does not, in turn, each while its log grows.

import { Feed } from '../feed.ts';
import { Load, type LoadResult } from '../load.ts';
import { cpuMicros } from '../programs.ts';
import { median, ms, printTable, whole } from '../report.ts';
import { policyRequests } from '../requests.ts';
import { Served } from '../served.ts';
import type { Size } from '../size.ts';
import { SharedServer } from './shared-server.ts';
import { sharingHost } from './sharing-hosts.ts';

const CONNECTIONS = 20;
const REQUESTS = 5000;
const LINES_PER_SECOND = 1000;

interface Turn extends LoadResult {
  /** microseconds of the daemon's CPU time for each verdict, with what the log took meanwhile */
  readonly cost: number;
}

/** @returns verdicts/s of the one that shares, as a part of those of the other */
export async function sharedVerdicts(size: Size): Promise<number> {
  const server = await SharedServer.start('load');
  const hosts = [await Served.start({ level: 'info' }), await sharingHost('mx1', server)] as const;
  const load = new Load(policyRequests(REQUESTS));
  const turns: readonly [Turn[], Turn[]] = [[], []];
  for (const { port } of hosts) await load.run({ port, connections: CONNECTIONS, seconds: size.seconds });
  for (let round = 0; round < size.rounds; round++)
    for (const which of [0, 1] as const) turns[which].push(await turnOf(hosts[which], load, size));
  for (const host of hosts) await host.stop();
  await server.stop();
  const [alone, shared] = turns;
  const ratio = median(shared.map(({ rate }, round) => rate / (alone[round]?.rate ?? Number.NaN)));
  printTable(
    [
      `verdicts, ${whole(LINES_PER_SECOND)} log lines/s`,
      'requests/s',
      'of it',
      'p99 ms',
      'p99.9 ms',
      'CPU µs each',
    ],
    [row('without sharing', alone, 1), row('with sharing', shared, ratio)],
  );
  return ratio;
}

async function turnOf({ log, port, program }: Served, load: Load, { seconds }: Size): Promise<Turn> {
  const fed = new Feed(log, LINES_PER_SECOND, Math.ceil(seconds + 1)).run();
  const before = cpuMicros(program.pid);
  const result = await load.run({ port, connections: CONNECTIONS, seconds });
  const cost = (cpuMicros(program.pid) - before) / result.all;
  await fed;
  return { ...result, cost };
}

function row(name: string, turns: readonly Turn[], ratio: number) {
  const of = (which: keyof Turn) => median(turns.map((turn) => turn[which]));
  return [name, whole(of('rate')), ratio.toFixed(2), ms(of('p99')), ms(of('p999')), of('cost').toFixed(2)];
}
