// Events of many clients as hosts send them: mixes of good and bad, in batches of one shard each.

import { codeNamed, NAMES } from '../../../src/blocks/events/codes.ts';
import { shardOf } from '../../../src/sharing/shard.ts';
import { MAX_BATCH, SHARDS, type SharedEvent } from '../../../src/sharing/shared-store.ts';
import { ipv4Text } from '../../../src/values/address.ts';
import { Random } from '../month/random.ts';

const FAILED_LOGIN = codeNamed('auth-failure');
const OTHER_ABUSE = NAMES.map(codeNamed).filter((code) => code !== FAILED_LOGIN);
const USERS = 1000;
/** ms over which the events of a run are spread, up to the present */
const SPAN = 600_000;

type Content = SharedEvent extends infer Event
  ? Event extends SharedEvent
    ? Omit<Event, 'key' | 'at' | 'number'>
    : never
  : never;

const connection: Content = { type: 'connection' };
const message: Content = { type: 'message', recipients: 1 };
const rejected: Content = { type: 'abuse', code: codeNamed('unknown-recipient') };

/** What happens, by name of the mix. */
export const MIXES = {
  good: (random) => (random.chance(0.5) ? connection : message),
  bad: () => rejected,
  failing: () => ({ type: 'abuse', code: FAILED_LOGIN }),
  mixed: (random) => {
    const dice = random.below(100);
    if (dice < 25) return connection;
    if (dice < 50) return message;
    if (dice < 60) return { type: 'login', user: 1 + random.below(USERS) };
    if (dice < 75) return { type: 'abuse', code: FAILED_LOGIN, user: 1 + random.below(USERS) };
    return { type: 'abuse', code: random.pick(OTHER_ABUSE) };
  },
} as const satisfies Readonly<Record<string, (random: Random) => Content>>;

export type Mix = keyof typeof MIXES;

/** Clients of each shard: as many as are asked for in all, about evenly. */
export function clientsByShard(clients: number): readonly (readonly string[])[] {
  const shards = Array.from({ length: SHARDS }, (): string[] => []);
  for (let n = 0; n < clients; n++) {
    const key = ipv4Text(0x0b000000 + (Math.imul(n, 0x9e3779b1) >>> 4));
    shards[shardOf(key)]?.push(key);
  }
  return shards;
}

export interface EventBatch {
  readonly shard: number;
  readonly events: readonly SharedEvent[];
}

/** Batches of a mix, the shards in turn, each event of a random client of its shard. */
export function batchesOf(mix: Mix, clients: number, count: number, size: number): readonly EventBatch[] {
  const random = new Random(1);
  const shards = clientsByShard(clients)
    .map((keys, shard) => ({ keys, shard }))
    .filter(({ keys }) => keys.length > 0);
  const begin = Date.now() - SPAN;
  let number = 0;
  return Array.from({ length: Math.ceil(count / size) }, (_, turn) => {
    const { keys, shard } = shards[turn % shards.length] ?? { keys: [], shard: 0 };
    const events = Array.from({ length: size }, (): SharedEvent => {
      number++;
      const at = begin + Math.floor((number / count) * SPAN);
      return { ...MIXES[mix](random), key: random.pick(keys), at, number };
    });
    return { shard, events };
  });
}

/** Batches in which each client has so many events. */
export function repeated(mix: Mix, clients: number, times: number): readonly EventBatch[] {
  const random = new Random(1);
  const begin = Date.now() - SPAN;
  let number = 0;
  return clientsByShard(clients).flatMap((keys, shard) =>
    batchesOfShard(keys, times).map((part) => ({
      shard,
      events: part.map((key): SharedEvent => {
        number++;
        const at = begin + Math.floor((number / (clients * times)) * SPAN);
        return { ...MIXES[mix](random), key, at, number };
      }),
    })),
  );
}

/** The keys so many times, in pieces of a batch. */
function batchesOfShard(keys: readonly string[], times: number): readonly (readonly string[])[] {
  const all = Array.from({ length: times }, () => keys).flat();
  return Array.from({ length: Math.ceil(all.length / MAX_BATCH) }, (_, i) =>
    all.slice(i * MAX_BATCH, (i + 1) * MAX_BATCH),
  );
}
