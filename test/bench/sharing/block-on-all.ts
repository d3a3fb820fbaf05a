// The time from the log line that reaches a limit to the block on all of three hosts, measured from outside.

import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { failedLogins, LIMIT } from '../feed.ts';
import { printTable } from '../report.ts';
import type { Served } from '../served.ts';
import type { Size } from '../size.ts';
import { SharedServer } from './shared-server.ts';
import { sharingHost } from './sharing-hosts.ts';

const NAMES = ['mx1', 'mx2', 'mx3'];
/** ms in which the daemons read all lines but the last */
const REST = 100;
/** ms between the beginnings of these rests: each time at another moment of the polling interval */
const STEP = 7;

/** @returns median and p99 in ms */
export async function blockOnAll({ rounds }: Size): Promise<readonly [median: number, p99: number]> {
  const server = await SharedServer.start('load');
  const hosts = await Promise.all(NAMES.map((name) => sharingHost(name, server)));
  const times: number[] = [];
  for (let i = 0; i < rounds * 15; i++) times.push(await timeOf(i, hosts));
  for (const host of hosts) await host.stop();
  await server.stop();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.ceil(share * times.length) - 1] ?? 0;
  const figures = [at(0), at(0.5), at(0.99), at(1)].map((time) => `${time.toFixed(0)} ms`);
  printTable(
    ['from the log line to the block on all of three hosts', 'p50', 'p99', 'most', 'of'],
    [['', ...figures.slice(1), times.length]],
  );
  return [at(0.5), at(0.99)];
}

/** No host alone reaches the limit. */
async function timeOf(round: number, hosts: readonly Served[]): Promise<number> {
  const address = `198.18.${round >> 8}.${round & 255}`;
  for (let i = 1; i < LIMIT; i++) append(hosts[i % hosts.length], address);
  await delay(REST + ((round * STEP) % REST));
  const begin = performance.now();
  append(hosts[round % hosts.length], address);
  await Promise.all(hosts.map((host) => host.refuses(address)));
  return performance.now() - begin;
}

function append(host: Served | undefined, address: string): void {
  if (host !== undefined) appendFileSync(host.log, failedLogins(address, 1));
}
