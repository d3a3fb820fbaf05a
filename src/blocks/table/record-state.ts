// The part of a record that a snapshot keeps, and records made of it.

import { FAILURE, type Failures } from '../events/failures.ts';
import { codeOf, timeOf, type Window } from '../events/window.ts';
import type { Block } from './block.ts';
import type { Note } from './note-cells.ts';
import type { NoteRoom } from './note-room.ts';
import { type ClientFacts, ClientRecord, FACT_NAMES, NO_FACTS } from './record.ts';

/** The events of a client, and of its facts those that are known. */
export interface RecordState<N extends Iterable<Note> = Iterable<Note>>
  extends Readonly<Partial<ClientFacts<N>>> {
  readonly events: Window;
  readonly failures?: Failures;
  /** set where there is no fact at all: they need not be looked at, one by one, for each of a million clients */
  readonly isOnlyCounted?: boolean;
}

/** A client as a snapshot holds it. */
export interface ClientEntry {
  readonly key: string;
  readonly state: RecordState;
}

/** The same with other notes. @param copy makes them */
export function withNotes<N extends Iterable<Note>>(
  state: RecordState,
  copy: (notes: Iterable<Note>) => N,
): { readonly events: Window; readonly failures: Failures } & Readonly<ClientFacts<N>> {
  // Assigned one by one: V8 gives each object that is spread and then extended a hidden class of its own, of 300 bytes.
  const copied = <T extends Block<Iterable<Note>>>(one: T) => {
    const { evidence, mails } = one;
    const other: Block<Iterable<Note>> = { ...one };
    if (evidence !== undefined) other.evidence = copy(evidence);
    if (mails !== undefined) other.mails = copy(mails);
    return other as T & Block<N>;
  };
  const { block, watches, evidence, ...facts } = allFacts(state);
  return {
    events: state.events,
    failures: state.failures,
    ...facts,
    block: block && copied(block),
    watches: watches?.map(copied),
    evidence: evidence && copy(evidence),
  };
}

/** @param room for copies of the notes */
export function recordOf(key: string, state: RecordState, room: NoteRoom): ClientRecord {
  if (state.isOnlyCounted) return new ClientRecord(key, state.events, state.failures);
  const { events, failures, ...facts } = withNotes(state, (notes) => room.copyOf(notes));
  return new ClientRecord(key, events, failures, facts);
}

/** Whether a block or a watched block is running: such a record is not evicted. */
export function isPinned({ block, watches }: Pick<RecordState, 'block' | 'watches'>): boolean {
  return block !== undefined || (watches?.some((watch) => !watch.ended) ?? false);
}

/** The one event of a client of which no more than its user is known, as a window holds it; undefined for every other. */
export function onlyStampOf(state: RecordState): number | undefined {
  if (state.events.length !== 1 || !isOfOneEvent(state)) return undefined;
  if (state.isOnlyCounted) return state.events[0];
  for (const name of FACT_NAMES) {
    const fact = state[name];
    if (fact !== undefined && fact !== NO_FACTS[name]) return undefined;
  }
  return state.events[0];
}

/** The user of its one event; 0 where it is not known. */
export function onlyUserOf({ failures }: RecordState): number {
  return failures?.[1] ?? 0;
}

function isOfOneEvent({ events: [stamp = 0], failures }: RecordState): boolean {
  if (failures === undefined) return true;
  return failures.length === 2 && failures[0] === timeOf(stamp) && codeOf(stamp) === FAILURE;
}

/** Also of a record, whose facts are not properties of its own. */
function allFacts(state: RecordState): ClientFacts<Iterable<Note>> {
  const facts: Partial<Record<keyof ClientFacts, unknown>> = {};
  for (const name of FACT_NAMES) facts[name] = state[name] ?? NO_FACTS[name];
  return facts as ClientFacts<Iterable<Note>>;
}
