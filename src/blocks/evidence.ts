// Evidence for support: the events that led to a block, and the mails that it cost. Bounded, and kept near limits only.

import { own } from '../values/detached-string.ts';
import { classOfCode, isInMask, kindOfCode } from './events/codes.ts';
import type { AbuseEvent, EventClass, Kind, Refusal } from './events/event.ts';
import { FAILURE } from './events/failures.ts';
import { codeOf, codesOf, type Question, type Window } from './events/window.ts';
import type { CountingRule } from './rules.ts';
import type { Block, RefusedMail } from './table/block.ts';
import { mailOf, noteOfEvent, noteOfMail } from './table/note-forms.ts';
import type { NoteRoom } from './table/note-room.ts';
import type { Notes } from './table/notes.ts';
import type { ClientRecord } from './table/record.ts';

/** Events kept with a block; they are kept from so many events below the limit on. */
const MAX_EVIDENCE = 10;
const MAX_MAILS = 50;
/** Of a client that several hosts count, evidence is kept from so many events on: not for the many with a single one. */
const MIN_SHARED = 2;

/**
 * Whether a client is so near to a limit that its next events belong to the evidence of its block.
 * @param isShared whether its events on other hosts count too
 */
export function isNear(events: Window, rules: readonly CountingRule[], isShared: boolean): boolean {
  return rules.some((rule) => events.length >= (isShared ? MIN_SHARED : rule.limit - MAX_EVIDENCE));
}

/** Adds an event; the newest ten of each class are kept, so that a flood of one does not displace those of another. */
export function addEvidence(record: ClientRecord, event: AbuseEvent, room: NoteRoom): void {
  const note = noteOfEvent(event);
  if (note === undefined) return;
  record.evidence ??= room.newNotes();
  record.evidence.add(note);
  if (record.evidence.countOf(note.code) > MAX_EVIDENCE) record.evidence.removeOldest(note.code);
}

/** Removes the evidence of failed logins that were taken back. */
export function removeEvidence(record: ClientRecord, times: readonly number[]): void {
  const isKept = (at: number, code: number) => code !== FAILURE || !times.includes(at);
  const left = record.evidence?.copy(Number.POSITIVE_INFINITY, isKept);
  record.evidence = left?.size === 0 ? undefined : left;
}

/** The evidence that lies in the window of a rule that was full at `since` (ms). */
export function evidenceFor(
  rule: CountingRule,
  known: Notes | undefined,
  since: number,
): Pick<Block, 'evidence'> {
  if (known === undefined) return {};
  const isWanted = (at: number, code: number) => isInMask(rule.mask, code) && since - at < rule.within;
  return { evidence: known.copy(MAX_EVIDENCE, isWanted) };
}

/**
 * Counts an own refusal, and adds the mail that it cost; the newest fifty are kept, each once.
 * @returns the mail; undefined for a refusal without detail
 */
export function addRefusal(block: Block, event: Refusal, room: NoteRoom): RefusedMail | undefined {
  block.firstRefused = block.refused === 0 ? event.at : Math.min(block.firstRefused, event.at);
  block.lastRefused = Math.max(block.lastRefused, event.at);
  block.refused++;
  if (block.name === undefined && event.name !== undefined) block.name = own(event.name);
  const mail = mailOf(event);
  if (mail === undefined) return undefined;
  const note = noteOfMail(mail);
  block.mails ??= room.newNotes();
  if (!block.mails.has(note)) block.mails.add(note);
  if (block.mails.size > MAX_MAILS) block.mails.removeOldest();
  return mail;
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
