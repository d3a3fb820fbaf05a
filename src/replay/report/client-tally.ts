// The tally of one client: what it did, what was accepted from it, and what its blocks would have stopped and cost.

import { classOfCode, isInMask, NAMES } from '../../blocks/events/codes.ts';
import { type EventClass, KINDS, type Kind } from '../../blocks/events/event.ts';

/** Counts by kind are in the order of KINDS, those by rule in that of the policy. */
export interface ClientTally {
  readonly ip: string;
  /** the last one that Postfix verified */
  name: string | undefined;
  /** Postfix verified another name for it at another time, or none when it lost a mail */
  hasNames: boolean;
  readonly counts: number[];
  /** bit set of the codes of its events */
  codes: number;
  /** of each rule, the period that its last event fell in, and the events of that period */
  readonly periods: number[];
  readonly inPeriod: number[];
  blocks: number;
  firstBlock: number | undefined;
  rules: readonly string[];
  stopped: number;
  accepted: number;
  lost: number;
  /** mails that would be lost if the policy spared nobody */
  lostWithout: number;
  delivered: number;
}

/** @param rules number of rules of the policy */
export function newTally(ip: string, rules: number): ClientTally {
  return {
    ip,
    name: undefined,
    hasNames: false,
    counts: KINDS.map(() => 0),
    codes: 0,
    periods: new Array<number>(rules).fill(0),
    inPeriod: new Array<number>(rules).fill(0),
    blocks: 0,
    firstBlock: undefined,
    rules: [],
    stopped: 0,
    accepted: 0,
    lost: 0,
    lostWithout: 0,
    delivered: 0,
  };
}

/** All events of a client, of any kind. */
export function eventCount({ counts }: ClientTally): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Events by kind, without the kinds that do not occur. */
export function eventsOf({ counts }: ClientTally): Partial<Record<Kind, number>> {
  return Object.fromEntries(
    KINDS.map((kind, code) => [kind, counts[code] ?? 0] as const).filter(([, n]) => n > 0),
  );
}

/** The classes of its events. */
export function classesOf({ codes }: ClientTally): readonly EventClass[] {
  return NAMES.flatMap((_, code) => (isInMask(codes, code) ? (classOfCode(code) ?? []) : []));
}
