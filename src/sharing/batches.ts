// The batches in which events go to the server: one call at a time for each shard, in the order of the sources.

import { shardOf } from './shard.ts';
import { type Batch, type Counted, MAX_BATCH, type SharedEvent } from './shared-store.ts';

/** ms for which an event waits for others at most */
const PATIENCE = 20;

/** An event on its way, with its source and the name of the numbering there. */
interface Waiting {
  readonly source: string;
  readonly since: string;
  readonly event: SharedEvent;
  readonly mark: number;
}

interface Queue {
  readonly shard: number;
  waiting: Waiting[];
  isSending: boolean;
}

export interface BatchesParts {
  /** sends a batch; rejects where the server does not take it */
  send(batch: Batch): Promise<Counted>;
  /** A batch is counted. */
  counted(batch: Batch, counted: Counted): void;
  /** A batch failed. Nothing more is sent until `clear`. */
  failed(error: unknown): void;
  /** ms; when the breaker of this host opened; undefined while it is closed */
  breakerOpened(): number | undefined;
}

export class Batches {
  readonly #parts: BatchesParts;
  readonly #queues = new Map<number, Queue>();
  /** events that are not acknowledged, by mark */
  readonly #open = new Map<number, number>();
  #mark = 0;
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;
  /** counts up with each `clear`: what an older call answers is ignored */
  #run = 0;
  #drained: (() => void)[] = [];

  constructor(parts: BatchesParts) {
    this.#parts = parts;
  }

  /** Events that are not acknowledged yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Adds an event. Those of one source come in the order of their numbers. */
  add(source: string, since: string, event: SharedEvent): void {
    const queue = this.#queueOf(shardOf(event.key));
    queue.waiting.push({ source, since, event, mark: this.#mark });
    this.#open.set(this.#mark, (this.#open.get(this.#mark) ?? 0) + 1);
    this.#waiting++;
    if (queue.waiting.length >= MAX_BATCH) this.#send(queue);
    else this.#timer ??= setTimeout(() => this.#sendAll(), PATIENCE);
  }

  /** A mark behind all events added so far. */
  mark(): number {
    return this.#mark++;
  }

  /** Whether every event before a mark is acknowledged. */
  isAcknowledged(mark: number): boolean {
    for (const open of this.#open.keys()) if (open <= mark) return false;
    return true;
  }

  /** Resolves when nothing waits any more, or all was given up. */
  drained(): Promise<void> {
    if (this.#waiting === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  /** Gives up everything that waits: it is read again from the log. */
  clear(): void {
    this.#run++;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queues.clear();
    this.#open.clear();
    this.#waiting = 0;
    this.#reportDrained();
  }

  #queueOf(shard: number): Queue {
    const known = this.#queues.get(shard);
    if (known !== undefined) return known;
    const queue = { shard, waiting: [], isSending: false };
    this.#queues.set(shard, queue);
    return queue;
  }

  #sendAll(): void {
    this.#timer = undefined;
    for (const queue of this.#queues.values()) this.#send(queue);
  }

  #send(queue: Queue): void {
    const [first] = queue.waiting;
    if (queue.isSending || first === undefined) return;
    const { source, since } = first;
    const last = queue.waiting.findIndex(
      (one, index) => index === MAX_BATCH || one.source !== source || one.since !== since,
    );
    const sent = queue.waiting.splice(0, last === -1 ? queue.waiting.length : last);
    const breakerOpened = this.#parts.breakerOpened();
    const events = sent.map(({ event }) => event);
    const batch = { shard: queue.shard, source, since, events, breakerOpened };
    queue.isSending = true;
    const run = this.#run;
    this.#parts.send(batch).then(
      (counted) => {
        if (run !== this.#run) return;
        queue.isSending = false;
        this.#acknowledge(sent);
        this.#parts.counted(batch, counted);
        // What came meanwhile has waited for this call.
        if (run === this.#run) this.#send(queue);
      },
      (error: unknown) => {
        if (run === this.#run) this.#parts.failed(error);
      },
    );
  }

  #acknowledge(sent: readonly Waiting[]): void {
    for (const { mark } of sent) {
      const left = (this.#open.get(mark) ?? 0) - 1;
      if (left > 0) this.#open.set(mark, left);
      else this.#open.delete(mark);
    }
    this.#waiting -= sent.length;
    if (this.#waiting === 0) this.#reportDrained();
  }

  #reportDrained(): void {
    const waiting = this.#drained;
    this.#drained = [];
    for (const resolve of waiting) resolve();
  }
}
