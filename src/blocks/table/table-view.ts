// What readers outside this room see of the table: counts, records and walks, and nothing that changes them.

import type { Failures } from '../events/failures.ts';
import type { Window } from '../events/window.ts';
import type { Block } from './block.ts';
import type { Note } from './note-cells.ts';
import type { Notes } from './notes.ts';
import type { ClientFacts } from './record.ts';
import type { SingleEvent } from './single-event-clients.ts';
import type { Walk } from './snapshot-walk.ts';

/** Notes, the oldest first. */
export type NotesView = Iterable<Note> & Pick<Notes, 'size' | 'bytes'>;

export type BlockView = Readonly<Block<NotesView>>;

/** A client as it is now; it changes when the client does something. */
export interface ClientView extends Readonly<Omit<ClientFacts<NotesView>, 'block'>> {
  readonly key: string;
  readonly events: Window;
  readonly failures: Failures;
  readonly block: BlockView | undefined;
  /** Whether it has never had anything but events. */
  readonly isOnlyCounted: boolean;
  /** Bytes that its notes take. */
  readonly noteBytes: number;
}

/** Lists of clients, so that no reader walks over all. */
export interface SparedView {
  /** Those that were given a grace, which may be over. */
  inGrace(): Iterable<ClientView>;
}

/** Times in ms since 1970. */
export interface TableView {
  /** clients of which anything is known */
  readonly size: number;
  /** clients that are blocked or watched, and so are not evicted */
  readonly pinned: number;
  /** what those weigh together: a record of many events counts as several */
  readonly pinnedWeight: number;
  /** clients evicted since the start, because max-tracked was reached */
  readonly evicted: number;
  /** notes evicted since the start, because they take too much memory */
  readonly notesEvicted: number;
  /** bytes of all notes */
  readonly noteBytes: number;
  /**
   * Clients that were loaded twice, once alone with their one event: the file they came from is damaged. A step of the
   * search that found none gives undefined.
   */
  twins(): Iterable<string | undefined>;
  /** The client of this key. */
  get(key: string): ClientView | undefined;
  /** The client of this key, if it is blocked or watched. */
  pinnedRecord(key: string): ClientView | undefined;
  /** The clients that are blocked or watched. */
  pinnedRecords(): Iterable<ClientView>;
  readonly spared: SparedView;
  /**
   * The clients that are blocked or watched, or else all of which more than one event is known. Unlike `pinnedRecords`, it
   * may be read on while the table changes; a client that changes meanwhile may be missed, or come twice.
   */
  search(isPinned: boolean): Iterable<ClientView>;
  /**
   * Walks the table as it is at this moment, pinned records first, while it goes on changing: a record is given out
   * before its first change. One walk at a time; `take` may be called from within any change of the table.
   * @param takeSingle takes those of which one event is known and nothing else, without a record; default: `take`
   * @param afterPinned called once, when all pinned records have been given out
   */
  walk(
    take: (record: ClientView) => void,
    takeSingle?: (client: SingleEvent) => void,
    afterPinned?: () => void,
  ): Pick<Walk, 'step' | 'abandon'>;
}
