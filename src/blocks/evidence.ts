// What support needs of a block: the events that led to it, and the mails that it cost. Bounded, and kept near limits only.

import type { AbuseEvent, Kind, Refusal } from './event.ts';
import { KINDS } from './event.ts';
import type { Block, Evidence, RefusedMail } from './record.ts';
import type { CountingRule } from './rules.ts';
import { codeOf, type Window } from './window.ts';

/** Events kept with a block, and events before a limit from which on they are kept. */
const MOST_EVIDENCE = 10;
const MOST_MAILS = 50;

/** Whether a client has come so near to a limit that what it does now will stand with its block. */
export function isNear(events: Window, rules: readonly CountingRule[]): boolean {
  return rules.some((rule) => events.length >= rule.limit - MOST_EVIDENCE);
}

/** The newest evidence, with one event more. */
export function withEvent(
  known: readonly Evidence[] | undefined,
  event: AbuseEvent,
): readonly Evidence[] | undefined {
  if (event.detail === undefined) return known;
  const evidence = { at: new Date(event.at).toISOString(), kind: event.kind, ...event.detail() };
  return [...(known ?? []).slice(1 - MOST_EVIDENCE), evidence];
}

/** The part of the evidence that a rule counts. */
export function evidenceFor(
  rule: CountingRule,
  known: readonly Evidence[] | undefined,
): Pick<Block, 'evidence'> {
  if (known === undefined) return {};
  return { evidence: known.filter(({ kind }) => rule.counts.includes(kind)) };
}

/** The newest mails, with one more unless it is there already. */
export function withMail({ mails }: Block, refusal: Refusal): readonly RefusedMail[] | undefined {
  if (refusal.detail === undefined) return mails;
  const { line: _, reply: __, ...detail } = refusal.detail();
  const mail = { at: new Date(refusal.at).toISOString(), ...detail };
  const text = JSON.stringify(mail);
  if (mails?.some((known) => JSON.stringify(known) === text)) return mails;
  return [...(mails ?? []).slice(1 - MOST_MAILS), mail];
}

export function countsOf(events: Window): Partial<Record<Kind, number>> {
  const counts: Partial<Record<Kind, number>> = {};
  for (const stamp of events) {
    const kind = KINDS[codeOf(stamp)];
    if (kind !== undefined) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
