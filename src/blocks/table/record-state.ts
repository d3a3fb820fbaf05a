// What a snapshot keeps of a client, and the records made of it.

import type { Window } from '../events/window.ts';
import type { Note } from './note-cells.ts';
import type { NoteRoom } from './note-room.ts';
import { type Block, ClientRecord, type Watch } from './record.ts';

/** The part of a record that a snapshot keeps. */
export interface RecordState<N extends Iterable<Note> = Iterable<Note>> {
  readonly events: Window;
  readonly floor: number;
  readonly block: Block<N> | undefined;
  readonly watches: readonly Watch<N>[] | undefined;
  readonly evidence?: N | undefined;
  readonly grace?: number;
}

/** The same with other notes. @param copy makes them */
export function withNotes<N extends Iterable<Note>>(
  { events, floor, block, watches, evidence, grace = 0 }: RecordState,
  copy: (notes: Iterable<Note>) => N,
): RecordState<N> {
  const copied = <T extends Block<Iterable<Note>>>({ evidence, mails, ...one }: T) => ({
    ...one,
    ...(evidence === undefined ? {} : { evidence: copy(evidence) }),
    ...(mails === undefined ? {} : { mails: copy(mails) }),
  });
  return {
    events,
    floor,
    block: block && copied(block),
    watches: watches?.map(copied),
    evidence: evidence && copy(evidence),
    grace,
  };
}

/** @param room for copies of the notes */
export function recordOf(key: string, state: RecordState, room: NoteRoom): ClientRecord {
  const own = withNotes(state, (notes) => room.copyOf(notes));
  const { events, floor, block, watches, evidence, grace = 0 } = own;
  const record = new ClientRecord(key, events);
  record.floor = floor;
  record.block = block;
  record.watches = watches?.slice();
  record.evidence = evidence;
  record.grace = grace;
  return record;
}

/** A client as a snapshot holds it. */
export interface ClientEntry {
  readonly key: string;
  readonly state: RecordState;
}

/** Whether a block or a watched block is running. */
export function isPinned({ block, watches }: RecordState): boolean {
  return block !== undefined || (watches?.some((watch) => !watch.ended) ?? false);
}

/** Its one event, as a window holds it, where nothing else is known of a client. */
export function onlyStampOf({
  events,
  floor,
  block,
  watches,
  evidence,
  grace = 0,
}: RecordState): number | undefined {
  const isFaint =
    events.length === 1 &&
    floor === 0 &&
    grace === 0 &&
    block === undefined &&
    watches === undefined &&
    evidence === undefined;
  return isFaint ? events[0] : undefined;
}
