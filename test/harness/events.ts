// The events of a client in a snapshot, by kind; the snapshot lists them by class.

import { codeOfText, kindOfCode } from '../../src/blocks/events/codes.ts';

/** Times by kind, in order. @param events as they stand in a client's line; undefined where it has none */
export function eventsByKind(
  events: Readonly<Record<string, readonly string[]>> = {},
): Readonly<Record<string, readonly string[]>> {
  const kinds: Record<string, string[]> = {};
  for (const [name, times] of Object.entries(events)) {
    const kind = kindOfCode(codeOfText(name));
    kinds[kind] = [...(kinds[kind] ?? []), ...times].sort();
  }
  return kinds;
}
