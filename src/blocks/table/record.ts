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

/** A person's action: who did it, and the reason (`why` in files and in the audit trail). */
export interface ManualAction {
  readonly by: string;
  readonly why: string;
}

/**
 * A block, or the watched block of a rule with `enforce: false`. Times in ms since 1970. Its notes belong to the record
 * that it belongs to.
 */
export interface Block<N extends Iterable<Note> = Notes> {
  readonly rule: string;
  /** event time of the event that reached the limit */
  readonly since: number;
  readonly until: number;
  /** the rule's limit at that time; 0 for a block by hand */
  readonly count: number;
  readonly hand?: ManualAction | undefined;
  /** the newest events that led to it, oldest first */
  evidence?: N | undefined;
  /** events of each kind that were known when it started */
  readonly counts?: Readonly<Partial<Record<Kind, number>>> | undefined;
  /** of the events that led to it, those that have a class, by class */
  readonly classes?: Readonly<Partial<Record<EventClass, number>>> | undefined;
  /** own refusals that Postfix logged, and when the first and the last came */
  refused: number;
  firstRefused: number;
  lastRefused: number;
  /** the newest distinct mails it cost, oldest first */
  mails?: N | undefined;
}

/** A watched block. An ended one is kept for a while, because events before `until` never count for its rule. */
export interface Watch<N extends Iterable<Note> = Notes> extends Block<N> {
  readonly ended: boolean;
}

/** What is known of a block when it starts. */
export type BlockStart = Omit<Block, 'refused' | 'firstRefused' | 'lastRefused' | 'mails'>;

/** A block that has refused nothing yet. */
export function newBlock({ rule, since, until, count, hand, evidence, counts, classes }: BlockStart): Block {
  return {
    rule,
    since,
    until,
    count,
    ...(hand && { hand }),
    ...(evidence && { evidence }),
    ...(counts && { counts }),
    ...(classes && { classes }),
    refused: 0,
    firstRefused: 0,
    lastRefused: 0,
  };
}

/**
 * What is known of a client beside its events. A new fact has its type and its default here and an accessor below, and
 * its form in a snapshot in src/state/client-line.ts.
 */
export interface ClientFacts<N extends Iterable<Note> = Notes> {
  /** ms; events before this moment never count: the end of the last block */
  floor: number;
  block: Block<N> | undefined;
  watches: readonly Watch<N>[] | undefined;
  /** the newest events of a client that is near a limit, oldest first */
  evidence: N | undefined;
  /** ms; counted but not blocked until then */
  grace: number;
}

/** The facts of most clients. */
export const NO_FACTS: Readonly<ClientFacts> = {
  floor: 0,
  block: undefined,
  watches: undefined,
  evidence: undefined,
  grace: 0,
};

export const FACT_NAMES = Object.keys(NO_FACTS) as readonly (keyof ClientFacts)[];

/** The facts that only some clients have, and their part of all notes. */
interface More extends ClientFacts {
  noteShare: NoteShare | undefined;
}

const NOTHING_MORE: Readonly<More> = { ...NO_FACTS, noteShare: undefined };

/**
 * One client: its recent events, and the facts that only some clients have, which lie apart to save memory. Change it only
 * in Table.update: a snapshot that is being written still needs the record as it was.
 */
export class ClientRecord implements ClientFacts, Queued<ClientRecord> {
  readonly key: string;
  events: Window;
  #more: More | undefined;
  /** number of the snapshot that holds this record already */
  saved = 0;
  queue: Queue<ClientRecord> | undefined;
  previous: ClientRecord | undefined;
  next: ClientRecord | undefined;

  constructor(key: string, events: Window = EMPTY, facts?: Readonly<ClientFacts>) {
    this.key = key;
    this.events = events;
    if (facts !== undefined) this.#more = { ...NOTHING_MORE, ...facts };
  }

  /** All facts of the client as they are now. */
  get facts(): Readonly<ClientFacts> {
    return this.#more ?? NO_FACTS;
  }

  get floor(): number {
    return this.#more?.floor ?? 0;
  }

  set floor(floor: number) {
    if (floor !== this.floor) this.#own.floor = floor;
  }

  get block(): Block | undefined {
    return this.#more?.block;
  }

  set block(block: Block | undefined) {
    const before = this.block;
    if (block === before) return;
    this.#own.block = block;
    this.#release(before?.evidence, before?.mails);
  }

  get watches(): readonly Watch[] | undefined {
    return this.#more?.watches;
  }

  set watches(watches: readonly Watch[] | undefined) {
    const before = this.watches;
    if (watches === before) return;
    this.#own.watches = watches;
    this.#release(...(before ?? []).map((watch) => watch.evidence));
  }

  get evidence(): Notes | undefined {
    return this.#more?.evidence;
  }

  set evidence(evidence: Notes | undefined) {
    const before = this.evidence;
    if (evidence === before) return;
    this.#own.evidence = evidence;
    this.#release(before);
  }

  get grace(): number {
    return this.#more?.grace ?? 0;
  }

  set grace(grace: number) {
    if (grace !== this.grace) this.#own.grace = grace;
  }

  /** its part of all notes */
  get noteShare(): NoteShare | undefined {
    return this.#more?.noteShare;
  }

  set noteShare(share: NoteShare | undefined) {
    if (share !== this.noteShare) this.#own.noteShare = share;
  }

  /** Whether it has never had anything but events. */
  get isOnlyCounted(): boolean {
    return this.#more === undefined;
  }

  /** Its notes, in lists. */
  get notes(): readonly Notes[] {
    const { evidence, block, watches = [] } = this.facts;
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

  /** Clears the notes that it does not hold any more. */
  #release(...lists: readonly (Notes | undefined)[]): void {
    for (const list of lists) if (list !== undefined && !this.notes.includes(list)) list.clear();
  }

  get #own(): More {
    this.#more ??= { ...NOTHING_MORE };
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
