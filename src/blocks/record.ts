// What is known of one client.

import type { Detail, EventClass, Kind } from './event.ts';
import type { Queue, Queued } from './queue.ts';
import { EMPTY, type Window } from './window.ts';

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
export interface Hand {
  readonly by: string;
  readonly why: string;
}

/** A block, or (rule with `enforce: false`) the block that would have been. Times in ms since 1970. */
export interface Block {
  readonly rule: string;
  /** event time of the event that reached the limit */
  readonly since: number;
  readonly until: number;
  /** the rule's limit when it was reached; 0 for a block by hand */
  readonly count: number;
  readonly hand?: Hand | undefined;
  /** the newest events that led to it, oldest first */
  readonly evidence?: readonly Evidence[] | undefined;
  /** events of each kind that were known when it began */
  readonly counts?: Readonly<Partial<Record<Kind, number>>> | undefined;
  /** of the events that led to it, those that have a class, by class */
  readonly classes?: Readonly<Partial<Record<EventClass, number>>> | undefined;
  /** refusals of ours that Postfix logged, and when the first and the last came */
  refused: number;
  firstRefused: number;
  lastRefused: number;
  /** the newest distinct mails it cost, oldest first */
  mails?: readonly RefusedMail[] | undefined;
}

/** A watched block; once ended it stays a while, because events before `until` never count for its rule. */
export interface Watch extends Block {
  ended: boolean;
}

/** What only clients have that were blocked, are near a limit, or were given grace. */
interface More {
  floor: number;
  block: Block | undefined;
  watches: Watch[] | undefined;
  evidence: readonly Evidence[] | undefined;
  grace: number;
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
    if (block !== this.block) this.#rest.block = block;
  }

  get watches(): Watch[] | undefined {
    return this.#more?.watches;
  }

  set watches(watches: Watch[] | undefined) {
    if (watches !== this.watches) this.#rest.watches = watches;
  }

  /** the newest events of a client that is near a limit, oldest first */
  get evidence(): readonly Evidence[] | undefined {
    return this.#more?.evidence;
  }

  set evidence(evidence: readonly Evidence[] | undefined) {
    if (evidence !== this.evidence) this.#rest.evidence = evidence;
  }

  /** ms; counted but not blocked until then */
  get grace(): number {
    return this.#more?.grace ?? 0;
  }

  set grace(grace: number) {
    if (grace !== this.grace) this.#rest.grace = grace;
  }

  /** Whether it has nothing but events, and no block before them. */
  get isOnlyCounted(): boolean {
    return this.#more === undefined;
  }

  get #rest(): More {
    this.#more ??= { floor: 0, block: undefined, watches: undefined, evidence: undefined, grace: 0 };
    return this.#more;
  }
}

/** The part of a record that a snapshot keeps. */
export type RecordState = Pick<ClientRecord, 'events' | 'floor' | 'block' | 'watches'> &
  Partial<Pick<ClientRecord, 'evidence' | 'grace'>>;

export function recordOf(key: string, state: RecordState): ClientRecord {
  const record = new ClientRecord(key, state.events);
  record.floor = state.floor;
  record.block = state.block;
  record.watches = state.watches;
  record.evidence = state.evidence;
  record.grace = state.grace ?? 0;
  return record;
}

/** A client as a snapshot holds it. */
export interface ClientEntry {
  readonly key: string;
  readonly state: RecordState;
}

/** Whether a block or a watched block is running. */
export function isHeld({ block, watches }: RecordState): boolean {
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
