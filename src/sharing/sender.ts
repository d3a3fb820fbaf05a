// Sends the events of this host's log to the server, each once: as they come, and after a fault from a checkpoint on.

import type { Blocks } from '../blocks/blocks.ts';
import type { Tally } from '../blocks/counting.ts';
import { type AbuseEvent, type GoodEvent, isAbuse, isGood, type LogEvent } from '../blocks/events/event.ts';
import type { EventIdentity, NumberingState } from '../maillog/sources/numbering.ts';
import type { Bookmark } from '../state/state.ts';
import { Acknowledged } from './acknowledged.ts';
import { Backlog, type BacklogParts } from './backlog.ts';
import { Batches } from './batches.ts';
import { type Checkpoint, Checkpoints, checkpointOf } from './checkpoints.ts';
import { sharedEventOf } from './shared-event.ts';
import type { Batch, Counted, SenderMode } from './shared-store.ts';

/** Events that may wait for the server: with more, it is too slow, and the log is read again later. */
const MAX_WAITING = 20_000;
/** Events of the backlog that may wait before its reading pauses. */
const MAX_BACKLOG = 4096;
/** ms between looks whether the backlog has been read */
const LOOK = 20;

export interface SenderParts extends Omit<BacklogParts, 'take'> {
  readonly blocks: Pick<Blocks, 'tallyOf' | 'breaker' | 'decided'>;
  /** how far the daemon itself has read the log, by name of the source */
  numbers(): Readonly<Record<string, NumberingState>>;
  readsGood(): boolean;
  send(batch: Batch): Promise<Counted>;
  /** The server has lost events that it had counted. */
  lost(): void;
  /** The server has counted again what it had lost, as far as this host had sent it. */
  repeated(): void;
  /** Sending failed; it begins again with `catchUp`. */
  failed(error: unknown): void;
  /** The mode changed. */
  changed(): void;
}

export class Sender {
  readonly #parts: SenderParts;
  readonly #checkpoints = new Checkpoints();
  readonly #batches: Batches;
  readonly #unsent = new Unsent();
  readonly #acknowledged = new Acknowledged();
  /** What the server lost is sent again. */
  #isRepeating = false;
  /** of the batches: behind all that is sent again */
  #repeatedMark: number | undefined;
  #mode: SenderMode = 'behind';
  #backlog: Backlog | undefined;

  constructor(parts: SenderParts) {
    this.#parts = parts;
    this.#batches = new Batches({
      send: (batch) => parts.send({ ...batch, ...this.#acknowledged.of(batch) }),
      counted: (batch, counted) => this.#counted(batch, counted),
      failed: (error) => {
        this.fallBehind();
        parts.failed(error);
      },
      breakerOpened: () => parts.blocks.breaker.opening?.at,
    });
  }

  get mode(): SenderMode {
    return this.#mode;
  }

  /** ms since 1970: everything from before is counted; undefined while events go out as they are read */
  get behindSince(): number | undefined {
    return this.#mode === 'live' ? undefined : this.#checkpoints.current?.at;
  }

  /** Events that the server has not counted yet, of those that the daemon has read; undefined where that is not known. */
  get backlog(): number | undefined {
    return this.#mode === 'live' ? this.#batches.waiting : this.#unsent.count;
  }

  /**
   * Sets where sending begins, before the first `catchUp`.
   * @param backlog events that the daemon had read and the server had not counted; undefined where that is not known
   * @param saved positions to go back to where the server loses what it holds, the oldest first
   */
  begin(checkpoint: Checkpoint, backlog: number | undefined, saved: readonly Checkpoint[]): void {
    this.#checkpoints.set(checkpoint, saved);
    this.#unsent.set(backlog);
  }

  /** Positions to go back to, for a snapshot. */
  get saved(): readonly Checkpoint[] {
    return this.#checkpoints.saved;
  }

  /** An event that the daemon has read from the log. */
  take(event: LogEvent, identity: EventIdentity): void {
    if (this.#mode !== 'live') {
      if (isCounted(event) && this.#tallyOf(event) !== undefined) this.#unsent.add(1);
      return;
    }
    this.#add(event, identity);
    if (this.#batches.waiting <= MAX_WAITING) return;
    this.fallBehind();
    this.#parts.failed(new Error(`${MAX_WAITING} events wait: the server is too slow`));
  }

  /**
   * Takes a position in the log that stands in a snapshot.
   * @returns the checkpoint that the snapshot must hold; undefined where its own position is one
   */
  bookmark(bookmark: Bookmark): Checkpoint | undefined {
    if (this.#mode !== 'live') return this.#checkpoints.current;
    const checkpoint = checkpointOf(bookmark, this.#parts.clock());
    this.#checkpoints.add(checkpoint, this.#batches.mark());
    this.#settle();
    return this.#checkpoints.current === checkpoint ? undefined : this.#checkpoints.current;
  }

  /** Sends nothing from now on. */
  fallBehind(): void {
    if (this.#mode === 'live') this.#unsent.set(this.#batches.waiting);
    this.#batches.clear();
    this.#checkpoints.giveUp();
    this.#repeatedMark = undefined;
    this.#stopBacklog();
    this.#setMode('behind');
  }

  /** Sends again what happened since `at` (ms) once it catches up: the server has lost it. */
  goBack(at: number): void {
    this.fallBehind();
    this.#isRepeating = true;
    this.#acknowledged.lose(this.#parts.numbers());
    this.#unsent.set(undefined);
    this.#checkpoints.goBack(at);
  }

  /** Reads the log from the checkpoint on and sends what is there, until it has come to where the daemon reads. */
  async catchUp(): Promise<void> {
    const { current } = this.#checkpoints;
    if (this.#mode !== 'behind' || current === undefined) return;
    this.#setMode('catching-up');
    const take = (event: LogEvent, identity: EventIdentity) => {
      this.#add(event, identity);
      if (this.#batches.waiting > MAX_BACKLOG) backlog.waitFor(this.#batches.drained());
    };
    const backlog = new Backlog({ ...this.#parts, take }, this.#parts.readsGood());
    this.#backlog = backlog;
    await backlog.start(current);
    this.#watch(backlog);
  }

  /** Reads on in other sources: those of a new policy. */
  async restart(): Promise<void> {
    if (this.#mode !== 'catching-up') return;
    this.fallBehind();
    await this.catchUp();
  }

  #watch(backlog: Backlog): void {
    if (this.#backlog !== backlog) return;
    if (backlog.hasReached(this.#parts.numbers())) {
      // In one step: an event that both have read is counted once, and none lies between them.
      this.#stopBacklog();
      this.#setMode('live');
      if (this.#isRepeating) this.#repeatedMark = this.#batches.mark();
      this.#settle();
    } else {
      setTimeout(() => this.#watch(backlog), LOOK);
    }
  }

  #add(event: LogEvent, { source, since, number }: EventIdentity): void {
    if (!isCounted(event)) return;
    const tally = this.#tallyOf(event);
    if (tally !== undefined) this.#batches.add(source, since, sharedEventOf(event, tally, number));
  }

  #tallyOf(event: AbuseEvent | GoodEvent): Tally | undefined {
    return this.#parts.blocks.tallyOf(event, this.#parts.clock());
  }

  #counted(batch: Batch, { before, isEmptied = false }: Counted): void {
    const { events } = batch;
    if (isEmptied || !this.#acknowledged.counted(batch, before)) {
      this.#parts.lost();
      return;
    }
    for (const event of events) if (event.type === 'abuse') this.#parts.blocks.decided(event.key, event.at);
    this.#unsent.add(-newerThan(before, events));
    this.#settle();
  }

  #settle(): void {
    this.#checkpoints.settle((mark) => this.#batches.isAcknowledged(mark));
    if (this.#repeatedMark === undefined || !this.#batches.isAcknowledged(this.#repeatedMark)) return;
    this.#repeatedMark = undefined;
    this.#isRepeating = false;
    this.#parts.repeated();
  }

  #stopBacklog(): void {
    const backlog = this.#backlog;
    this.#backlog = undefined;
    backlog?.stop().catch(() => undefined);
  }

  #setMode(mode: SenderMode): void {
    if (this.#mode === mode) return;
    this.#mode = mode;
    this.#parts.changed();
  }
}

/** How many events the server has not counted, while they do not go to it as they are read. */
class Unsent {
  #count: number | undefined = 0;

  /** Undefined where it is not known: the server has lost an unknown number. */
  get count(): number | undefined {
    // A second reading of the log may be ahead of the first one.
    return this.#count === undefined ? undefined : Math.max(0, this.#count);
  }

  set(count: number | undefined): void {
    this.#count = count;
  }

  /** @param change positive for events that were read, negative for those that were counted */
  add(change: number): void {
    if (this.#count !== undefined) this.#count += change;
  }
}

function isCounted(event: LogEvent): event is AbuseEvent | GoodEvent {
  return isAbuse(event) || isGood(event);
}

/** How many events have a higher number. */
function newerThan(number: number, events: Batch['events']): number {
  return events.filter((event) => event.number > number).length;
}
