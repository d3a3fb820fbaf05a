// What support needs of a block: the events that led to it, and the mails that it cost. Bounded, and kept near limits only.

import { classOfCode, codeOfEvent, isInMask, kindOfCode } from './codes.ts';
import type { AbuseEvent, EventClass, Kind, Refusal } from './event.ts';
import { isoText } from './iso.ts';
import type { Block, Evidence, RefusedMail } from './record.ts';
import type { CountingRule } from './rules.ts';
import { codeOf, codesOf, type Question, type Window } from './window.ts';

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
  const { kind, class: name } = event;
  const evidence = {
    at: isoText(event.at),
    kind,
    ...(name === undefined ? {} : { class: name }),
    ...event.detail(),
  };
  // Ten of each class, so that a flood of one does not drive out what a rule that counts another will need.
  const code = codeOfEvent(event);
  const others = known?.filter((item) => codeOfEvent(item) !== code) ?? [];
  const same = known?.filter((item) => codeOfEvent(item) === code) ?? [];
  return [...others, ...same.slice(1 - MOST_EVIDENCE), evidence].sort((a, b) =>
    a.at < b.at ? -1 : Number(a.at > b.at),
  );
}

/** The part of the evidence that filled a rule's window, which ended at `since` (ms). */
export function evidenceFor(
  rule: CountingRule,
  known: readonly Evidence[] | undefined,
  since: number,
): Pick<Block, 'evidence'> {
  if (known === undefined) return {};
  const filled = known.filter(
    (item) => isInMask(rule.mask, codeOfEvent(item)) && since - Date.parse(item.at) < rule.within,
  );
  return { evidence: filled.slice(-MOST_EVIDENCE) };
}

/** The mail that a refusal cost, where the log told of it. */
export function mailOf({ at, detail }: Refusal): RefusedMail | undefined {
  if (detail === undefined) return undefined;
  const { line: _, reply: __, ...mail } = detail();
  return { at: isoText(at), ...mail };
}

/** The newest mails, with one more unless it is there already. */
export function withMail(mails: readonly RefusedMail[] = [], mail: RefusedMail): readonly RefusedMail[] {
  const text = JSON.stringify(mail);
  if (mails.some((known) => JSON.stringify(known) === text)) return mails;
  return [...mails.slice(1 - MOST_MAILS), mail];
}

/** Events of each kind. */
export function countsOf(events: Window): Partial<Record<Kind, number>> {
  const counts: Partial<Record<Kind, number>> = {};
  for (const stamp of events) {
    const kind = kindOfCode(codeOf(stamp));
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** Of the events that filled a rule's window at `since` (ms), those that have a class, by class. */
export function classesOf(events: Window, question: Question, since: number): Pick<Block, 'classes'> {
  const classes: Partial<Record<EventClass, number>> = {};
  for (const [code, count] of codesOf(events, question, since)) {
    const name = classOfCode(code);
    if (name !== undefined) classes[name] = count;
  }
  return Object.keys(classes).length === 0 ? {} : { classes };
}
