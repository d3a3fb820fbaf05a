// What the count script is given: the events of a batch.

import type { Batch, SharedEvent, SharedRules } from '../shared-store.ts';

const NO_USER = -1;
/** What happened, where it was no abuse; a code of abuse is 0 or higher. */
const [MESSAGE, LOGIN, CONNECTION] = [-1, -2, -3];

/** Arguments of the script for a batch of this host. */
export function countArguments(batch: Batch, rules: SharedRules, host: string): readonly string[] {
  const {
    source,
    since,
    breakerOpened = 0,
    events,
    repeatedTo = 0,
    acknowledged = 0,
    generation = '',
  } = batch;
  const values = JSON.stringify(valuesOf(events, rules));
  const known = [String(repeatedTo), String(acknowledged), generation];
  return [host, source, since, String(breakerOpened), values, ...known];
}

/**
 * Up to which client windows are needed, from which on good counts are, the clients, and of each event five values: its
 * number and its time, as the differences to the event before, and between them the place of its client from 1 on; what
 * happened; recipients or user.
 */
function valuesOf(events: readonly SharedEvent[], rules: SharedRules) {
  const needs = needsOf(events, rules);
  const [first, second, third] = [WINDOW, WINDOW | GOOD, GOOD].map((need) =>
    [...needs].flatMap(([key, needed]) => (needed === need ? [key] : [])),
  ) as [string[], string[], string[]];
  const keys = [...first, ...second, ...third];
  const places = new Map(keys.map((key, index) => [key, index + 1]));
  let number = 0;
  let at = 0;
  const values = events.flatMap((event) => {
    const steps = [event.number - number, places.get(event.key) ?? 0, event.at - at];
    number = event.number;
    at = event.at;
    return [...steps, ...contentOf(event)];
  });
  return [first.length + second.length, first.length + 1, keys, values];
}

const WINDOW = 1;
const GOOD = 2;

/** What the script needs of each client. A login can take back failures, and so each needs both. */
function needsOf(events: readonly SharedEvent[], { rules }: SharedRules): ReadonlyMap<string, number> {
  const forgives = rules.some((rule) => rule.forgives);
  const needs = new Map<string, number>();
  for (const event of events) {
    const isAbuse = event.type === 'abuse';
    const isNamed = (isAbuse || event.type === 'login') && event.user !== undefined;
    const needed = forgives && isNamed ? WINDOW | GOOD : isAbuse ? WINDOW : GOOD;
    needs.set(event.key, (needs.get(event.key) ?? 0) | needed);
  }
  return needs;
}

function contentOf(event: SharedEvent): readonly [what: number, value: number] {
  if (event.type === 'abuse') return [event.code, event.user ?? 0];
  if (event.type === 'message') return [MESSAGE, event.recipients];
  if (event.type === 'login') return [LOGIN, event.user ?? NO_USER];
  return [CONNECTION, 0];
}
