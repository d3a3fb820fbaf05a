// What is known of one client, and the queues in which the records wait to be forgotten.

import type { Window } from './window.ts';

/** A block, or (rule with `enforce: false`) the block that would have been. Times in ms since 1970. */
export interface Block {
  readonly rule: string;
  /** event time of the event that reached the limit */
  readonly since: number;
  readonly until: number;
  /** the rule's limit when it was reached */
  readonly count: number;
  /** refusals of ours that Postfix logged, and when the first and the last came */
  refused: number;
  firstRefused: number;
  lastRefused: number;
}

/** A watched block; once ended it stays a while, because events before `until` never count for its rule. */
export interface Watch extends Block {
  ended: boolean;
}

/**
 * One client: its recent events, or its block. Change it only after Table.changing(): a snapshot that is being
 * written still needs the record as it was.
 */
export interface ClientRecord {
  readonly key: string;
  events: Window;
  /** ms; events before this moment never count: the end of the last block */
  floor: number;
  block: Block | undefined;
  watches: Watch[] | undefined;
  /** number of the snapshot that holds this record already */
  saved: number;
  queue: RecordQueue | undefined;
  previous: ClientRecord | undefined;
  next: ClientRecord | undefined;
}

export function newRecord(key: string): ClientRecord {
  return {
    key,
    events: [],
    floor: 0,
    block: undefined,
    watches: undefined,
    saved: 0,
    queue: undefined,
    previous: undefined,
    next: undefined,
  };
}

/** Whether a block or a watched block is running. */
export function isHeld(record: ClientRecord): boolean {
  return record.block !== undefined || (record.watches?.some((watch) => !watch.ended) ?? false);
}

/** Records in the order in which they were last touched; links live in the records, so that moving one is free. */
export class RecordQueue {
  #first: ClientRecord | undefined;
  #last: ClientRecord | undefined;
  #size = 0;

  get first(): ClientRecord | undefined {
    return this.#first;
  }

  get size(): number {
    return this.#size;
  }

  append(record: ClientRecord): void {
    record.queue = this;
    record.previous = this.#last;
    record.next = undefined;
    if (this.#last === undefined) this.#first = record;
    else this.#last.next = record;
    this.#last = record;
    this.#size++;
  }

  remove(record: ClientRecord): void {
    if (record.previous === undefined) this.#first = record.next;
    else record.previous.next = record.next;
    if (record.next === undefined) this.#last = record.previous;
    else record.next.previous = record.previous;
    record.queue = undefined;
    record.previous = undefined;
    record.next = undefined;
    this.#size--;
  }
}
