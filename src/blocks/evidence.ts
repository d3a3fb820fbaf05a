// What support needs of a block: the events that led to it, and the mails that it cost. Bounded, and kept near limits only.

import { classOfCode, isInMask, kindOfCode } from './events/codes.ts';
import type { AbuseEvent, EventClass, Kind, Refusal } from './events/event.ts';
import { codeOf, codesOf, type Question, type Window } from './events/window.ts';
import type { CountingRule } from './rules.ts';
import { mailOf, noteOfEvent, noteOfMail } from './table/note-forms.ts';
import type { NoteRoom } from './table/note-room.ts';
import type { Notes } from './table/notes.ts';
import type { Block, ClientRecord, RefusedMail } from './table/record.ts';

/** Events kept with a block, and events before a limit from which on they are kept. */
const MOST_EVIDENCE = 10;
const MOST_MAILS = 50;

/** Whether a client has come so near to a limit that what it does now will stand with its block. */
export function isNear(events: Window, rules: readonly CountingRule[]): boolean {
  return rules.some((rule) => events.length >= rule.limit - MOST_EVIDENCE);
}

/** Takes up an event: the newest ten of each class, so that a flood of one does not drive out those of another. */
export function addEvidence(record: ClientRecord, event: AbuseEvent, room: NoteRoom): void {
  const note = noteOfEvent(event);
  if (note === undefined) return;
  record.evidence ??= room.newNotes();
  record.evidence.add(note);
  if (record.evidence.countOf(note.code) > MOST_EVIDENCE) record.evidence.removeOldest(note.code);
}

/** The part of the evidence that filled a rule's window, which ended at `since` (ms). */
export function evidenceFor(
  rule: CountingRule,
  known: Notes | undefined,
  since: number,
): Pick<Block, 'evidence'> {
  if (known === undefined) return {};
  const isWanted = (at: number, code: number) => isInMask(rule.mask, code) && since - at < rule.within;
  return { evidence: known.copy(MOST_EVIDENCE, isWanted) };
}

/**
 * Counts a refusal of ours, and takes up the mail that it cost: the newest fifty, each once.
 * @returns the mail, where the log told of it
 */
export function addRefusal(block: Block, event: Refusal, room: NoteRoom): RefusedMail | undefined {
  block.firstRefused = block.refused === 0 ? event.at : Math.min(block.firstRefused, event.at);
  block.lastRefused = Math.max(block.lastRefused, event.at);
  block.refused++;
  const mail = mailOf(event);
  if (mail === undefined) return undefined;
  const note = noteOfMail(mail);
  block.mails ??= room.newNotes();
  if (!block.mails.has(note)) block.mails.add(note);
  if (block.mails.size > MOST_MAILS) block.mails.removeOldest();
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
