// What is known of one client.

import type { Failures } from '../events/failures.ts';
import { EMPTY, type Window } from '../events/window.ts';
import type { BareBlock, Block, FormerBlock, Watch } from './block.ts';
import type { Note } from './note-cells.ts';
import type { Notes } from './notes.ts';
import type { Queue, Queued } from './queue.ts';
import type { Spared } from './spared.ts';

/**
 * What is known of a client beside its events. A new fact has its type and its default here and an accessor below, and
 * its form in a snapshot in src/state/snapshot/client-line.ts.
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
  /** ms; when the grace was given: of two, the later one holds */
  graceAt: number;
  /** blocks of other hosts that started after `block` but end before it: one holds where `block` turns out to be lifted */
  shadowed: readonly BareBlock[] | undefined;
  /** rules whose limit it has reached without being blocked */
  spared: readonly Spared[] | undefined;
  /** blocks that lengthen the next one of their rule */
  former: readonly FormerBlock[] | undefined;
}

/** The facts of most clients. */
export const NO_FACTS: Readonly<ClientFacts> = {
  floor: 0,
  block: undefined,
  watches: undefined,
  evidence: undefined,
  grace: 0,
  graceAt: 0,
  shadowed: undefined,
  spared: undefined,
  former: undefined,
};

export const FACT_NAMES = Object.keys(NO_FACTS) as readonly (keyof ClientFacts)[];

/** The facts that only some clients have, and their part of all notes. */
interface More extends ClientFacts {
  noteShare: NoteShare | undefined;
}

const NOTHING_MORE: Readonly<More> = { ...NO_FACTS, noteShare: undefined };

/**
 * One client: its recent events, and the facts that only some clients have, which lie apart to save memory. Change it only
 * in Table.update, or as SparedRecords does: a snapshot that is being written still needs the record as it was.
 */
export class ClientRecord implements ClientFacts, Queued<ClientRecord> {
  readonly key: string;
  events: Window;
  /** the auth failures among them whose user is known, where a rule needs that */
  failures: Failures;
  #more: More | undefined;
  /** number of the snapshot that holds this record already */
  saved = 0;
  queue: Queue<ClientRecord> | undefined;
  previous: ClientRecord | undefined;
  next: ClientRecord | undefined;

  constructor(key: string, events: Window = EMPTY, failures?: Failures, facts?: Readonly<ClientFacts>) {
    this.key = key;
    this.events = events;
    this.failures = failures;
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

  get graceAt(): number {
    return this.#more?.graceAt ?? 0;
  }

  set graceAt(at: number) {
    if (at !== this.graceAt) this.#own.graceAt = at;
  }

  get shadowed(): readonly BareBlock[] | undefined {
    return this.#more?.shadowed;
  }

  set shadowed(blocks: readonly BareBlock[] | undefined) {
    if (blocks !== this.shadowed) this.#own.shadowed = blocks;
  }

  get spared(): readonly Spared[] | undefined {
    return this.#more?.spared;
  }

  set spared(spared: readonly Spared[] | undefined) {
    if (spared !== this.spared) this.#own.spared = spared;
  }

  get former(): readonly FormerBlock[] | undefined {
    return this.#more?.former;
  }

  set former(former: readonly FormerBlock[] | undefined) {
    if (former !== this.former) this.#own.former = former;
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
