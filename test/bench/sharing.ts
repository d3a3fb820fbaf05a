// Hosts that share: events through the server, bytes of a client there, from the line to the block on all, verdicts.

import type { Findings } from './goals.ts';
import { median, print, printTable, whole } from './report.ts';
import { blockOnAll } from './sharing/block-on-all.ts';
import { counted, shippedRules } from './sharing/counting.ts';
import { batchesOf, type Mix, repeated } from './sharing/event-mixes.ts';
import { installedServer, SharedServer } from './sharing/shared-server.ts';
import { sharedVerdicts } from './sharing/shared-verdicts.ts';
import type { Size } from './size.ts';

/** Events of one call: a full batch, a few, and one, as hosts send that have little to do. */
const SIZES = [64, 8, 1] as const;
const MIXES: readonly Mix[] = ['good', 'bad', 'mixed'];
/** Smaller batches take longer for each event. */
const SHARE_OF_EVENTS = { 64: 1, 8: 0.4, 1: 0.1 } as const;

export async function sharing(size: Size): Promise<Findings> {
  print('## Hosts that share\n');
  if (installedServer() === undefined) {
    print(
      'Not measured: neither redis-server nor valkey-server is installed (apt-get install redis-server).\n',
    );
    return {};
  }
  const server = await SharedServer.start('server');
  print(`${await server.version()}, on one core; events in calls of 64, 8 and 1.\n`);
  await server.stop();
  const sharedEvents = await counting(size);
  await memory(size);
  const [middle, p99] = await blockOnAll(size);
  const sharedVerdictRatio = await sharedVerdicts(size);
  return { sharedEvents, blockOnAll: [middle * 1000, p99 * 1000], sharedVerdicts: sharedVerdictRatio };
}

/** @returns events/s of a core, for full batches of each mix */
async function counting({ tracked, rounds }: Size): Promise<readonly number[]> {
  const rules = await shippedRules();
  const clients = Math.round(tracked / 10);
  const turns = new Map<string, { cpu: number; elapsed: number }[]>();
  for (let round = 0; round < Math.min(rounds, 5); round++)
    for (const mix of MIXES)
      for (const size of SIZES) {
        const events = Math.round(3 * clients * SHARE_OF_EVENTS[size]);
        const turn = await counted(batchesOf(mix, clients, events, size), rules);
        const key = `${mix} ${size}`;
        turns.set(key, [...(turns.get(key) ?? []), turn]);
      }
  const costOf = (mix: Mix, size: number) => {
    const all = turns.get(`${mix} ${size}`) ?? [];
    return { cpu: median(all.map(({ cpu }) => cpu)), elapsed: median(all.map(({ elapsed }) => elapsed)) };
  };
  printTable(
    ['events', 'in a call', 'CPU µs each', 'events/s of a core', 'events/s elapsed'],
    MIXES.flatMap((mix) =>
      SIZES.map((size) => {
        const { cpu, elapsed } = costOf(mix, size);
        return [mix, size, cpu.toFixed(1), whole(1e6 / cpu), whole(1e6 / elapsed)];
      }),
    ),
  );
  return MIXES.map((mix) => 1e6 / costOf(mix, SIZES[0]).cpu);
}

async function memory({ tracked }: Size): Promise<void> {
  const rules = await shippedRules();
  const clients = Math.round(tracked / 25);
  const limit = rules.rules.find(({ name }) => name === 'auth-failures')?.limit ?? 0;
  const rows: (string | number)[][] = [];
  let entry = 0;
  for (const [what, mix, events] of [
    ['one mail, one connection', 'good', 2],
    ['forty mails and connections', 'good', 40],
    ['one rejected recipient', 'bad', 1],
    ['thirty rejected recipients', 'bad', 30],
    ['blocked', 'failing', limit],
  ] as const) {
    const { bytes, streams } = await counted(repeated(mix, clients, events), rules);
    if (streams.entries > 0) entry = streams.bytes / streams.entries;
    rows.push([what, whole((bytes - streams.bytes) / clients)]);
  }
  rows.push(['a block in the stream of changes', whole(entry)]);
  printTable(['memory of the server', 'bytes'], rows);
}
