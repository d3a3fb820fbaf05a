// An event of the log as the server counts it.

import type { Tally } from '../blocks/counting.ts';
import type { AbuseEvent, GoodEvent } from '../blocks/events/event.ts';
import type { SharedEvent } from './shared-store.ts';

/** @param number of the event in its source */
export function sharedEventOf(
  event: AbuseEvent | GoodEvent,
  { key, code }: Tally,
  number: number,
): SharedEvent {
  const { at } = event;
  if (code !== undefined) return { type: 'abuse', key, at, number, code, user: userOf(event) };
  if (event.kind === 'accepted-message')
    return { type: 'message', key, at, number, recipients: event.recipients };
  if (event.kind === 'login') return { type: 'login', key, at, number, user: userOf(event) };
  return { type: 'connection', key, at, number };
}

function userOf(event: AbuseEvent | GoodEvent): number | undefined {
  return 'user' in event ? event.user : undefined;
}
