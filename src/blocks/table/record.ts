// What is known of one client.

import type { Detail, EventClass, Kind } from '../events/event.ts';
import { EMPTY, type Window } from '../events/window.ts';
import type { Note } from './note-cells.ts';
import type { Notes } from './notes.ts';
import type { Queue, Queued } from './queue.ts';

/** One event that led to a block; `at` in ISO 8601 UTC. */
export interface Evidence extends Detail {
  readonly at: string;
  readonly kind: Kind;
  readonly class?: EventClass | undefined;
}

/** One mail that a block cost; `at` in ISO 8601 UTC. */
export interface RefusedMail extends Omit<Detail, 'line' | 'reply'> {
  readonly at: string;
}

/** Who did something by hand, and why. */
export interface ManualAction {
  readonly by: string;
  readonly why: string;
}

/**
 * A block, or (rule with `enforce: false`) the block that would have been. Times in ms since 1970. Its notes are those of
 * the record that it belongs to.
 */
export interface Block<N extends Iterable<Note> = Notes> {
  readonly rule: string;
  /** event time of the event that reached the limit */
  readonly since: number;
  readonly until: number;
  /** the rule's limit when it was reached; 0 for a block by hand */
  readonly count: number;
  readonly hand?: ManualAction | undefined;
  /** the newest events that led to it, oldest first */
  evidence?: N | undefined;
  /** events of each kind that were known when it began */
  readonly counts?: Readonly<Partial<Record<Kind, number>>> | undefined;
  /** of the events that led to it, those that have a class, by class */
  readonly classes?: Readonly<Partial<Record<EventClass, number>>> | undefined;
  /** refusals of ours that Postfix logged, and when the first and the last came */
  refused: number;
  firstRefused: number;
  lastRefused: number;
  /** the newest distinct mails it cost, oldest first */
  mails?: N | undefined;
}

/** A watched block; once ended it stays a while, because events before `until` never count for its rule. */
export interface Watch<N extends Iterable<Note> = Notes> extends Block<N> {
  ended: boolean;
}

/** What only clients have that were blocked, are near a limit, or were given grace. */
interface More {
  floor: number;
  block: Block | undefined;
  watches: Watch[] | undefined;
  evidence: Notes | undefined;
  grace: number;
  noteShare: NoteShare | undefined;
}

/**
 * One client: its recent events, or its block. Change it only after Table.changing(): a snapshot that is being
 * written still needs the record as it was.
 *
 * What only few have, beside events, lies apart.
 */
export class ClientRecord implements Queued<ClientRecord> {
  readonly key: string;
  events: Window;
  #more: More | undefined;
  /** number of the snapshot that holds this record already */
  saved = 0;
  queue: Queue<ClientRecord> | undefined;
  previous: ClientRecord | undefined;
  next: ClientRecord | undefined;

  constructor(key: string, events: Window = EMPTY) {
    this.key = key;
    this.events = events;
  }

  /** ms; events before this moment never count: the end of the last block */
  get floor(): number {
    return this.#more?.floor ?? 0;
  }

  set floor(floor: number) {
    if (floor !== this.floor) this.#rest.floor = floor;
  }

  get block(): Block | undefined {
    return this.#more?.block;
  }

  set block(block: Block | undefined) {
    const before = this.block;
    if (block === before) return;
    this.#rest.block = block;
    this.#release(before?.evidence, before?.mails);
  }

  get watches(): Watch[] | undefined {
    return this.#more?.watches;
  }

  set watches(watches: Watch[] | undefined) {
    const before = this.watches;
    if (watches === before) return;
    this.#rest.watches = watches;
    this.#release(...(before ?? []).map((watch) => watch.evidence));
  }

  /** the newest events of a client that is near a limit, oldest first */
  get evidence(): Notes | undefined {
    return this.#more?.evidence;
  }

  set evidence(evidence: Notes | undefined) {
    const before = this.evidence;
    if (evidence === before) return;
    this.#rest.evidence = evidence;
    this.#release(before);
  }

  /** ms; counted but not blocked until then */
  get grace(): number {
    return this.#more?.grace ?? 0;
  }

  set grace(grace: number) {
    if (grace !== this.grace) this.#rest.grace = grace;
  }

  /** its part of what is kept for support */
  get noteShare(): NoteShare | undefined {
    return this.#more?.noteShare;
  }

  set noteShare(share: NoteShare | undefined) {
    if (share !== this.noteShare) this.#rest.noteShare = share;
  }

  /** Whether it has nothing but events, and no block before them. */
  get isOnlyCounted(): boolean {
    return this.#more === undefined;
  }

  /** Its notes, in lists. */
  get notes(): readonly Notes[] {
    const { evidence, block, watches = [] } = this.#more ?? {};
    const lists = [evidence, ...[block ?? [], watches].flat().flatMap((one) => [one.evidence, one.mails])];
    return lists.filter((list) => list !== undefined);
  }

  /** Bytes that its notes take. */
  get noteBytes(): number {
    if (this.#more === undefined) return 0;
    const { evidence, block, watches } = this.#more;
    let bytes = evidence?.bytes ?? 0;
    if (block !== undefined) bytes += bytesOf(block);
    if (watches !== undefined) for (const watch of watches) bytes += bytesOf(watch);
    return bytes;
  }

  /** Notes that it does not hold any more are nobody's. */
  #release(...lists: readonly (Notes | undefined)[]): void {
    for (const list of lists) if (list !== undefined && !this.notes.includes(list)) list.clear();
  }

  get #rest(): More {
    this.#more ??= {
      floor: 0,
      block: undefined,
      watches: undefined,
      evidence: undefined,
      grace: 0,
      noteShare: undefined,
    };
    return this.#more;
  }
}

/** The notes of one client as a part of all. */
export class NoteShare implements Queued<NoteShare> {
  readonly record: ClientRecord;
  bytes = 0;
  queue: Queue<NoteShare> | undefined;
  previous: NoteShare | undefined;
  next: NoteShare | undefined;

  constructor(record: ClientRecord) {
    this.record = record;
  }
}

function bytesOf({ evidence, mails }: Block): number {
  return (evidence?.bytes ?? 0) + (mails?.bytes ?? 0);
}
