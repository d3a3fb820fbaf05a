// Good clients for tests: counters of the shipped policy, a rule that needs them, and what a snapshot holds of them.

import { GoodClients, type GoodView } from '../../../src/blocks/good/good-clients.ts';
import type { GoodCounter } from '../../../src/blocks/good/good-terms.ts';
import type { SavedGoodClient } from '../../../src/blocks/good/saved-good-client.ts';
import type { Rule } from '../../../src/blocks/rules.ts';
import { textOf } from '../../../src/blocks/table/key-words.ts';
import { HOUR, MINUTE } from '../../../src/values/duration.ts';

export const SHIPPED: readonly GoodCounter[] = [
  { sort: 'recipients', within: HOUR },
  { sort: 'messages', within: HOUR },
  { sort: 'connections', within: 10 * MINUTE },
];

/** A rule with a share, that blocks nobody in a test. */
export const SHARED: Rule = {
  name: 'shared',
  counts: ['rejected-recipient'],
  limit: 1000,
  within: HOUR,
  blockFor: HOUR,
  message: 'No more recipients.',
  enforce: true,
  share: 0.1,
};

interface SavedClient extends SavedGoodClient {
  readonly key: string;
}

/** All good clients, those that would be evicted first before the others. */
export function savedOf(good: GoodView, step = 100): SavedClient[] {
  const clients: SavedClient[] = [];
  const walk = good.walk((client) => clients.push(copyOf(client)));
  while (walk.step(step));
  return clients;
}

/** What a walk gives out for one moment, with the text of its key. */
export function copyOf(client: SavedGoodClient): SavedClient {
  return { ...structuredClone(client), key: textOf(client.key) };
}

/** A copy, by way of what a snapshot holds. */
export function restored(good: GoodClients, counters: readonly GoodCounter[], now: number): GoodClients {
  const back = new GoodClients(counters);
  back.loadCounters(good.savedCounters, now);
  for (const client of savedOf(good)) if (!back.load(client)) throw new Error(`${client.key} is there twice`);
  return back;
}
