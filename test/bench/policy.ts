// Policy requests: daemon and floor in turn, so that other load on the machine affects both.

import type { Findings } from './goals.ts';
import { Load, type LoadResult } from './load.ts';
import { compiled, cpuMicros, freePort, moduleOf, Program, residentMB } from './programs.ts';
import { median, ms, print, printTable, whole } from './report.ts';
import { policyRequests } from './requests.ts';
import { Served } from './served.ts';
import type { Size } from './size.ts';
import { awaited } from './waiting.ts';

const CONNECTIONS = [1, 20, 100];
const REQUESTS = 5000;

/** A server under load, and the result of each round. */
interface Contestant {
  readonly name: string;
  readonly port: number;
  readonly program: Program;
}

export async function policy(size: Size): Promise<Findings> {
  const load = new Load(policyRequests(REQUESTS));
  print(
    `## Policy requests\n\nServer on one core, generator (${load.generator}) on the other; medians of ${size.rounds} rounds in turn.\n`,
  );
  const contestants = [...(await cFloor()), await nodeFloor(), ...(await daemons(size))];
  for (const { port } of contestants) await load.run({ port, connections: 20, seconds: size.seconds });
  const rows: (string | number)[][] = [];
  const ratios: number[] = [];
  for (const connections of CONNECTIONS) {
    const results = await rounds(load, contestants, connections, size);
    const floor = results.get('floor') ?? [];
    for (const [name, all] of results) rows.push(row(connections, name, all, ratio(all, floor)));
    ratios.push(ratio(results.get('postblock') ?? [], floor));
  }
  printTable(
    [
      'connections',
      'server',
      'requests/s',
      'of floor',
      'p50 ms',
      'p99 ms',
      'p99.9 ms',
      'CPU µs each',
      'generator busy',
    ],
    rows,
  );
  printTable(
    ['server', 'resident MB'],
    contestants.map(({ name, program }) => [name, whole(residentMB(program.pid))]),
  );
  for (const { program } of contestants) await program.stop();
  return { ratios };
}

/** One turn of one server; `cost` is what a request took of its core, in microseconds. */
interface Turn extends LoadResult {
  readonly cost: number;
}

async function rounds(load: Load, contestants: readonly Contestant[], connections: number, size: Size) {
  const results = new Map<string, Turn[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < size.rounds; round++) {
    for (const { name, port, program } of contestants) {
      const before = cpuMicros(program.pid);
      const result = await load.run({ port, connections, seconds: size.seconds, spin: true });
      results.get(name)?.push({ ...result, cost: (cpuMicros(program.pid) - before) / result.all });
    }
  }
  return results;
}

/** The median ratio of rounds: other load on the machine slows both servers of a round. */
function ratio(results: readonly Turn[], floor: readonly Turn[]): number {
  return median(results.map(({ rate }, round) => rate / (floor[round]?.rate ?? Number.NaN)));
}

function row(connections: number, name: string, results: readonly Turn[], ofFloor: number) {
  const times = (['p50', 'p99', 'p999'] as const).map((which) => ms(medianOf(results, which)));
  const cost = medianOf(results, 'cost').toFixed(2);
  const busy = `${Math.round(medianOf(results, 'busy') * 100)} %`;
  return [connections, name, whole(medianOf(results, 'rate')), ofFloor.toFixed(2), ...times, cost, busy];
}

function medianOf(results: readonly Turn[] = [], which: keyof Turn): number {
  return median(results.map((result) => result[which]));
}

export async function nodeFloor(): Promise<Contestant> {
  const port = await freePort();
  return await ready({
    name: 'floor',
    port,
    program: Program.node('server', [moduleOf('floor'), String(port)]),
  });
}

/** The load that the generator can make at most. */
async function cFloor(): Promise<Contestant[]> {
  const binary = compiled('floor');
  if (binary === undefined) return [];
  const port = await freePort();
  return [await ready({ name: 'floor in C', port, program: new Program('server', binary, [String(port)]) })];
}

async function ready(contestant: Contestant): Promise<Contestant> {
  const { name, program } = contestant;
  await awaited(`${name} to be ready`, program, () => (program.output.includes('ready') ? true : undefined));
  return contestant;
}

/** Without metrics and with them. */
async function daemons({ profile }: Size): Promise<readonly Contestant[]> {
  const plain = await Served.start({ profile });
  const measured = await Served.start({ metrics: true });
  return [
    { name: 'postblock', port: plain.port, program: plain.program },
    { name: 'with metrics', port: measured.port, program: measured.program },
  ];
}
