// What the count script is given: the events of a batch.

import type { Batch, SharedEvent } from '../shared-store.ts';

const NO_USER = -1;
/** Kinds of events in the script. */
const [ABUSE, MESSAGE, LOGIN, CONNECTION] = [0, 1, 2, 3];

/** Arguments of the script for a batch of this host. */
export function countArguments(batch: Batch, host: string): readonly string[] {
  const { source, since, breakerOpened = 0, events, repeatedTo = 0, acknowledged = 0 } = batch;
  const values = JSON.stringify(events.flatMap(valuesOf));
  return [host, source, since, String(breakerOpened), values, String(repeatedTo), String(acknowledged)];
}

function valuesOf(event: SharedEvent): readonly (string | number)[] {
  const { number, key, at } = event;
  if (event.type === 'abuse') return [number, key, at, ABUSE, event.code, event.user ?? 0];
  if (event.type === 'message') return [number, key, at, MESSAGE, event.recipients, 0];
  if (event.type === 'login') return [number, key, at, LOGIN, event.user ?? NO_USER, 0];
  return [number, key, at, CONNECTION, 0, 0];
}
